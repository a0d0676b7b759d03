using System.Buffers;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>NFC, NFD, NFKC or NFKD, with the reference's old tables: marks that came after Unicode 9 keep their place.</summary>
internal sealed class UnicodeForm(bool compatible, bool composed) : Normalizer
{
    public static readonly UnicodeForm Nfc = new(compatible: false, composed: true);
    public static readonly UnicodeForm Nfd = new(compatible: false, composed: false);
    public static readonly UnicodeForm Nfkc = new(compatible: true, composed: true);
    public static readonly UnicodeForm Nfkd = new(compatible: true, composed: false);

    // One item of the scratch list while decomposing, from the highest bit: combining class (8), position (33), whether the character
    // is a further one of its source (1), code point (21). Sorting a run of marks by it is the canonical order, and stable.
    private const int FurtherBit = NormalizedText.CodePointBits, PositionShift = FurtherBit + 1, ClassShift = PositionShift + 33;

    private static readonly SearchValues<char> NeverDisturbing = SearchValues.Create([.. Enumerable.Range(0, 0xA0).Select(unit => (char)unit)]);

    private readonly CharacterKinds _disturbing = composed
        ? (compatible ? CharacterKinds.ChangedByNfkc : CharacterKinds.ChangedByNfc) | CharacterKinds.ComposesBackwards | CharacterKinds.CombiningClass
        : (compatible ? CharacterKinds.Compatible : CharacterKinds.None) | CharacterKinds.Canonical | CharacterKinds.CombiningClass;

    public override bool KeepsWordEnds => true;

    public override void Apply(NormalizedText text)
    {
        if (IsNormal(text.Chars))
            return;
        ScratchList items = text.Scratch;
        items.Truncate(0);
        Decompose(text.Chars, items);
        foreach (ref long item in items.Items)
            item &= (1L << PositionShift) - 1;
        if (composed)
            Compose(items);
        text.Rewrite();
    }

    private bool IsNormal(ReadOnlySpan<char> chars)
    {
        int i = chars.IndexOfAnyExcept(NeverDisturbing);
        if (i < 0)
            return true;
        UnicodeData unicode = UnicodeData.Instance;
        while (i < chars.Length)
        {
            if ((unicode[CodePoints.At(chars, i, out int length)] & _disturbing) != 0)
                return false;
            i += length;
        }

        return true;
    }

    private void Decompose(ReadOnlySpan<char> chars, ScratchList items)
    {
        UnicodeData unicode = UnicodeData.Instance;
        int runStart = 0;
        for (int i = 0; i < chars.Length;)
        {
            int codePoint = CodePoints.At(chars, i, out int length);
            CharacterKinds kinds = unicode[codePoint];
            i += length;
            if (Hangul.IsSyllable(codePoint))
            {
                (char lead, char vowel, char tail) = Hangul.Decompose(codePoint);
                Add(items, lead, CharacterKinds.None, isFurther: false, ref runStart);
                Add(items, vowel, CharacterKinds.None, isFurther: true, ref runStart);
                if (tail != 0)
                    Add(items, tail, CharacterKinds.None, isFurther: true, ref runStart);
                continue;
            }

            ReadOnlySpan<char> parts = compatible && (kinds & CharacterKinds.Compatible) != 0 ? unicode.Compatible(codePoint)
                : (kinds & CharacterKinds.Canonical) != 0 ? unicode.Canonical(codePoint) : [];
            if (parts.IsEmpty)
                Add(items, codePoint, kinds, isFurther: false, ref runStart);
            for (int part = 0; part < parts.Length;)
            {
                int partCodePoint = CodePoints.At(parts, part, out int partLength);
                Add(items, partCodePoint, unicode[partCodePoint], isFurther: part > 0, ref runStart);
                part += partLength;
            }
        }

        items.Items[runStart..].Sort();
    }

    private static void Add(ScratchList items, int codePoint, CharacterKinds kinds, bool isFurther, ref int runStart)
    {
        long combiningClass = CombiningClass(kinds);
        if (combiningClass == 0)
        {
            if (items.Count - runStart > 1)
                items.Items[runStart..].Sort();
            runStart = items.Count + 1;
        }

        items.Add((combiningClass << ClassShift) | ((long)items.Count << PositionShift) | (isFurther ? 1L << FurtherBit : 0) | (uint)codePoint);
    }

    /// <summary>
    /// Joins marks with the starter before them. The number above a code point's bits becomes its change in length: 1 for a further
    /// character of its source, 0 for one in place of one, negative for one in place of several.
    /// </summary>
    private static void Compose(ScratchList list)
    {
        UnicodeData unicode = UnicodeData.Instance;
        Span<long> items = list.Items;
        int count = 0, starter = -1;
        long lastClass = 0;
        foreach (long item in items)
        {
            int codePoint = (int)(item & NormalizedText.CodePointMask);
            CharacterKinds kinds = unicode[codePoint];
            long combiningClass = CombiningClass(kinds);
            bool isBlocked = starter < 0 || (starter < count - 1 && lastClass >= combiningClass);
            if (!isBlocked && (kinds & CharacterKinds.ComposesBackwards) != 0
                && unicode.Compose((int)(items[starter] & NormalizedText.CodePointMask), codePoint) is var composite and >= 0)
            {
                long change = (items[starter] >> NormalizedText.CodePointBits) + (item >> NormalizedText.CodePointBits) - 1;
                items[starter] = NormalizedText.Change(composite, change);
                continue;
            }

            if (combiningClass == 0)
                starter = count;
            lastClass = combiningClass;
            items[count++] = item;
        }

        list.Truncate(count);
    }

    private static long CombiningClass(CharacterKinds kinds) => (uint)kinds >> 24;
}
