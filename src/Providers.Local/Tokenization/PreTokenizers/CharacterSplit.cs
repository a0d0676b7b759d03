namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Cuts at characters of a kind: WhitespaceSplit, Punctuation and Digits.</summary>
/// <param name="separators">The kinds that separate.</param>
/// <param name="behavior">What becomes of a separator.</param>
internal sealed class CharacterSplit(CharacterKinds separators, SplitBehavior behavior) : PreTokenizer
{
    /// <summary>WhitespaceSplit.</summary>
    public static readonly CharacterSplit AtWhitespace = new(CharacterKinds.WhiteSpace, SplitBehavior.Removed);

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
            Split(chars[..end], start, pieces);
        pieces.Commit();
    }

    private void Split(ReadOnlySpan<char> text, int start, PieceList pieces)
    {
        int pieceStart = start;
        bool wasSeparator = false;
        for (int i = start; i < text.Length;)
        {
            bool isSeparator = (UnicodeData.Instance[CodePoints.At(text, i, out int length)] & separators) != 0;
            if (i > pieceStart && IsCut(wasSeparator, isSeparator))
            {
                Add(pieces, pieceStart, i, wasSeparator);
                pieceStart = i;
            }

            wasSeparator = isSeparator;
            i += length;
        }

        Add(pieces, pieceStart, text.Length, wasSeparator);
    }

    /// <summary>Whether a piece ends before a character.</summary>
    private bool IsCut(bool wasSeparator, bool isSeparator) => behavior switch
    {
        SplitBehavior.Contiguous => wasSeparator != isSeparator,
        SplitBehavior.MergedWithPrevious => wasSeparator,
        SplitBehavior.MergedWithNext => isSeparator,
        _ => wasSeparator || isSeparator,
    };

    private void Add(PieceList pieces, int start, int end, bool isSeparator)
    {
        if (behavior != SplitBehavior.Removed || !isSeparator)
            pieces.Add(start, end);
    }
}
