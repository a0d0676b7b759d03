using System.Runtime.CompilerServices;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Cuts at characters of a kind: WhitespaceSplit, Punctuation and Digits.</summary>
/// <param name="separators">The kinds that separate.</param>
/// <param name="behavior">What becomes of a separator.</param>
internal sealed class CharacterSplit(CharacterKinds separators, SplitBehavior behavior) : PreTokenizer
{
    /// <summary>WhitespaceSplit.</summary>
    public static readonly CharacterSplit AtWhitespace = new(CharacterKinds.WhiteSpace, SplitBehavior.Removed);

    private readonly bool[] _ascii = [.. Enumerable.Range(0, 0x80).Select(unit => (UnicodeData.Instance[unit] & separators) != 0)];

    /// <summary>Reads Punctuation from tokenizer.json.</summary>
    public static CharacterSplit ReadPunctuation(JsonPart part) => new(CharacterKinds.Punctuation, part.Optional("behavior")?.Name<SplitBehavior>() ?? SplitBehavior.Isolated);

    /// <summary>Reads Digits from tokenizer.json.</summary>
    public static CharacterSplit ReadDigits(JsonPart part) =>
        new(CharacterKinds.Numeric, part.Required("individual_digits").Boolean() ? SplitBehavior.Isolated : SplitBehavior.Contiguous);

    public override WordEnds WordEnds => (separators & CharacterKinds.WhiteSpace) != 0 ? WordEnds.Cut : WordEnds.Kept;

    public override void Apply(NormalizedText text, PieceList pieces)
    {
        ReadOnlySpan<char> chars = text.Chars;
        foreach ((int start, int end) in pieces.Current)
        {
            if (behavior == SplitBehavior.Removed)
                Remove(chars[..end], start, pieces);
            else
                Split(chars[..end], start, pieces);
        }

        pieces.Commit();
    }

    private void Remove(ReadOnlySpan<char> text, int start, PieceList pieces)
    {
        int pieceStart = start;
        for (int i = start; i < text.Length;)
        {
            bool isSeparator = IsSeparator(text, i, out int length);
            if (isSeparator)
                pieces.Add(pieceStart, i);
            i += length;
            if (isSeparator)
                pieceStart = i;
        }

        pieces.Add(pieceStart, text.Length);
    }

    private void Split(ReadOnlySpan<char> text, int start, PieceList pieces)
    {
        int pieceStart = start;
        bool wasSeparator = false;
        for (int i = start; i < text.Length;)
        {
            bool isSeparator = IsSeparator(text, i, out int length);
            if (i > pieceStart && IsCut(wasSeparator, isSeparator))
            {
                pieces.Add(pieceStart, i);
                pieceStart = i;
            }

            wasSeparator = isSeparator;
            i += length;
        }

        pieces.Add(pieceStart, text.Length);
    }

    /// <summary>Whether a piece ends before a character.</summary>
    private bool IsCut(bool wasSeparator, bool isSeparator) => behavior switch
    {
        SplitBehavior.Contiguous => wasSeparator != isSeparator,
        SplitBehavior.MergedWithPrevious => wasSeparator,
        SplitBehavior.MergedWithNext => isSeparator,
        _ => wasSeparator || isSeparator,
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsSeparator(ReadOnlySpan<char> text, int index, out int length)
    {
        length = 1;
        char unit = text[index];
        bool[] ascii = _ascii;
        return unit < ascii.Length ? ascii[unit] : (UnicodeData.Instance[CodePoints.At(text, index, out length)] & separators) != 0;
    }
}
