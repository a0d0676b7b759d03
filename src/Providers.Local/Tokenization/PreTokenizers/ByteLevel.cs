namespace Polymodal.Providers.Local.Tokenization;

/// <summary>GPT-2's: cuts before words, spaces going with the word behind them, and writes the UTF-8 bytes of each piece as characters.</summary>
/// <param name="addPrefixSpace">Whether a piece that does not start with a space gets one.</param>
/// <param name="useRegex">Whether to cut.</param>
/// <param name="writesBytes">Whether to write bytes as characters; else they are left to the model.</param>
internal sealed class ByteLevel(bool addPrefixSpace, bool useRegex, bool writesBytes = true) : PreTokenizer
{
    private const string Words = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    private static readonly Lazy<Split> WordSplit = new(() => new Split(TextPattern.Regex(Words), SplitBehavior.Isolated, isInverted: false));

    private readonly Split? _split = useRegex ? WordSplit.Value : null;

    public override WordEnds WordEnds => useRegex ? WordEnds.Cut : WordEnds.Kept;

    public override PreTokenizer? WithoutByteCharacters => writesBytes ? new ByteLevel(addPrefixSpace, useRegex, writesBytes: false) : null;

    /// <summary>Reads it from tokenizer.json.</summary>
    public static ByteLevel Read(JsonPart part)
    {
        _ = part.Required("trim_offsets").Boolean(); // Of the post-processor of the same name.
        return new ByteLevel(part.Required("add_prefix_space").Boolean(), part.Optional("use_regex")?.Boolean() ?? true);
    }

    public override void Apply(NormalizedText text, PieceList pieces)
    {
        if (addPrefixSpace)
            AddPrefixSpaces(text, pieces);
        _split?.Apply(text, pieces);
        if (writesBytes)
            ByteCharacters.Rewrite(text, pieces);
    }

    private static void AddPrefixSpaces(NormalizedText text, PieceList pieces)
    {
        ReadOnlySpan<char> chars = text.Chars;
        foreach ((int start, int end) in pieces.Current)
        {
            int newStart = text.AppendedLength;
            if (chars[start] != ' ')
                text.Append(' ', start);
            text.AppendRange(start, end);
            pieces.Add(newStart, text.AppendedLength);
        }

        text.Commit();
        pieces.Commit();
    }
}
