using System.Runtime.InteropServices;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Extended grapheme clusters, what a reader takes for one character.</summary>
/// <remarks>Unicode 16.0, annex 29, without rule GB9c: Oniguruma does not have it, and where Precompiled looks at clusters it changes nothing.</remarks>
internal static class GraphemeClusters
{
    private enum Kind : byte
    {
        Other, CR, LF, Control, Extend, ZWJ, RegionalIndicator, Prepend, SpacingMark, L, V, T, LV, LVT, ExtendedPictographic,
    }

    private static readonly Lazy<CodePointTable> Table = new(ReadTable);

    /// <summary>Where the cluster ends that starts at a place.</summary>
    /// <param name="text">Well-formed text.</param>
    /// <param name="start">The place; before the end.</param>
    public static int Next(ReadOnlySpan<char> text, int start)
    {
        Kind before = KindOf(CodePoints.At(text, start, out int length));
        int position = start + length, indicators = before == Kind.RegionalIndicator ? 1 : 0;
        bool isEmoji = before == Kind.ExtendedPictographic, joinsEmoji = false;
        while (position < text.Length)
        {
            Kind kind = KindOf(CodePoints.At(text, position, out length));
            bool joins = before switch
            {
                Kind.CR => kind == Kind.LF,
                Kind.LF or Kind.Control => false,
                _ when kind is Kind.CR or Kind.LF or Kind.Control => false,
                _ when kind is Kind.Extend or Kind.ZWJ or Kind.SpacingMark => true,
                Kind.Prepend => true,
                Kind.L => kind is Kind.L or Kind.V or Kind.LV or Kind.LVT,
                Kind.LV or Kind.V => kind is Kind.V or Kind.T,
                Kind.LVT or Kind.T => kind == Kind.T,
                Kind.RegionalIndicator => kind == Kind.RegionalIndicator && indicators % 2 == 1,
                Kind.ZWJ => joinsEmoji && kind == Kind.ExtendedPictographic,
                _ => false,
            };
            if (!joins)
                break;
            joinsEmoji = isEmoji && kind == Kind.ZWJ;
            isEmoji = kind == Kind.ExtendedPictographic || (isEmoji && kind == Kind.Extend);
            indicators += kind == Kind.RegionalIndicator ? 1 : 0;
            before = kind;
            position += length;
        }

        return position;
    }

    private static Kind KindOf(int codePoint) => codePoint is >= ' ' and < 0x7F ? Kind.Other : (Kind)Table.Value[codePoint];

    private static CodePointTable ReadTable()
    {
        var all = new Kind[CodePointSet.Last + 1];
        foreach ((string set, Kind kind) in (ReadOnlySpan<(string, Kind)>)[
            ("property Extended_Pictographic", Kind.ExtendedPictographic), ("break CR", Kind.CR), ("break LF", Kind.LF), ("break Control", Kind.Control),
            ("break Extend", Kind.Extend), ("break ZWJ", Kind.ZWJ), ("break Regional_Indicator", Kind.RegionalIndicator), ("break Prepend", Kind.Prepend),
            ("break SpacingMark", Kind.SpacingMark), ("break L", Kind.L), ("break V", Kind.V), ("break T", Kind.T)])
        {
            foreach ((int first, int last) in UnicodeSets.Instance[set].Ranges)
                all.AsSpan(first, last - first + 1).Fill(kind);
        }

        foreach (int syllable in Hangul.AllSyllables)
            all[syllable] = Hangul.Decompose(syllable).Tail == 0 ? Kind.LV : Kind.LVT;

        return new CodePointTable(MemoryMarshal.AsBytes<Kind>(all));
    }
}
