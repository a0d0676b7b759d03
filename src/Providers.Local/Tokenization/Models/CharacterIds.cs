using System.Text;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>The tokens that are one code point, perhaps between a prefix and a suffix, found by the code point.</summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
internal sealed class CharacterIds
{
    private const int PageBits = 8, PageLength = 1 << PageBits;

    private static readonly int[] Empty = NewPage();

    private readonly int[][] _pages = new int[0x110000 >> PageBits][];

    /// <summary>Collects them.</summary>
    /// <param name="vocabulary">The tokens.</param>
    /// <param name="prefix">What must be before the code point.</param>
    /// <param name="suffix">What must be behind it.</param>
    public CharacterIds(Vocabulary vocabulary, string prefix, string suffix)
    {
        Array.Fill(_pages, Empty);
        foreach ((string token, int id) in vocabulary.Ids)
        {
            int length = token.Length - prefix.Length - suffix.Length;
            if (length is not (1 or 2) || !token.StartsWith(prefix, StringComparison.Ordinal) || !token.EndsWith(suffix, StringComparison.Ordinal) ||
                Rune.DecodeFromUtf16(token.AsSpan(prefix.Length, length), out Rune character, out int consumed) != System.Buffers.OperationStatus.Done || consumed != length)
            {
                continue;
            }

            ref int[] page = ref _pages[character.Value >> PageBits];
            if (page == Empty)
                page = NewPage();
            page[character.Value & (PageLength - 1)] = id;
        }
    }

    /// <summary>The token of a code point, or −1.</summary>
    public int this[int codePoint] => _pages[codePoint >> PageBits][codePoint & (PageLength - 1)];

    private static int[] NewPage()
    {
        int[] page = new int[PageLength];
        Array.Fill(page, -1);
        return page;
    }
}
