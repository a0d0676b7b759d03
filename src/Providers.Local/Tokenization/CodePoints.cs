using System.Buffers;
using System.Runtime.CompilerServices;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Code points of well-formed UTF-16 text.</summary>
internal static class CodePoints
{
    // Searching by a set, not by a range: the latter boxes its ends until the runtime has optimized it.
    private static readonly SearchValues<char> Surrogates = SearchValues.Create([.. Enumerable.Range(0xD800, 0x800).Select(unit => (char)unit)]);

    /// <summary>The code point at an index.</summary>
    /// <param name="text">Well-formed text.</param>
    /// <param name="index">Where it starts.</param>
    /// <param name="length">Its UTF-16 units, 1 or 2.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int At(ReadOnlySpan<char> text, int index, out int length)
    {
        char unit = text[index];
        if (!char.IsHighSurrogate(unit))
        {
            length = 1;
            return unit;
        }

        length = 2;
        return char.ConvertToUtf32(unit, text[index + 1]);
    }

    /// <summary>The code point that ends before an index.</summary>
    public static int Before(ReadOnlySpan<char> text, int index) =>
        char.IsLowSurrogate(text[index - 1]) ? char.ConvertToUtf32(text[index - 2], text[index - 1]) : text[index - 1];

    /// <summary>How many code points a text has.</summary>
    public static int Count(ReadOnlySpan<char> text)
    {
        int count = text.Length;
        foreach (char unit in text)
            count -= char.IsLowSurrogate(unit) ? 1 : 0;
        return count;
    }

    /// <summary>The beginning of a text, well-formed or not: so many code points, an unpaired surrogate counting as one.</summary>
    /// <param name="text">The text.</param>
    /// <param name="count">The most code points.</param>
    public static ReadOnlySpan<char> Take(ReadOnlySpan<char> text, int count)
    {
        if (text.Length <= count)
            return text;
        int end = 0;
        for (; count > 0 && end < text.Length; count--)
            end += char.IsHighSurrogate(text[end]) && end + 1 < text.Length && char.IsLowSurrogate(text[end + 1]) ? 2 : 1;
        return text[..end];
    }

    /// <summary>The first unpaired surrogate, or −1.</summary>
    public static int IndexOfUnpairedSurrogate(ReadOnlySpan<char> text)
    {
        int index = text.IndexOfAny(Surrogates);
        while ((uint)index < (uint)text.Length)
        {
            if (!char.IsSurrogate(text[index]))
            {
                index++;
                continue;
            }

            if (char.IsLowSurrogate(text[index]) || index + 1 == text.Length || !char.IsLowSurrogate(text[index + 1]))
                return index;
            index += 2;
        }

        return -1;
    }
}
