using System.Globalization;
using System.Text;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>The tokens <c>&lt;0x00&gt;</c> to <c>&lt;0xFF&gt;</c>, which stand for the UTF-8 bytes of what no other token covers.</summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
internal sealed class ByteTokens
{
    private readonly int[] _ids = new int[256];

    /// <summary>Finds them in a vocabulary, which need not have all.</summary>
    public ByteTokens(Vocabulary vocabulary)
    {
        for (int value = 0; value < _ids.Length; value++)
            _ids[value] = vocabulary.Find(string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>"));
    }

    /// <summary>Finds the tokens of a text's bytes.</summary>
    /// <param name="text">The text; well formed.</param>
    /// <param name="ids">Receives one id a byte, behind what it holds.</param>
    /// <returns>False when a byte has no token.</returns>
    public bool TryFind(ReadOnlySpan<char> text, ScratchList ids)
    {
        Span<byte> bytes = stackalloc byte[4];
        while (!text.IsEmpty)
        {
            Rune.DecodeFromUtf16(text, out Rune character, out int consumed);
            text = text[consumed..];
            foreach (byte value in bytes[..character.EncodeToUtf8(bytes)])
            {
                if (_ids[value] < 0)
                    return false;
                ids.Add(_ids[value]);
            }
        }

        return true;
    }
}
