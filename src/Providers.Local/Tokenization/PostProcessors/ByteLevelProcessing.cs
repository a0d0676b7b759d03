namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Adds nothing; with <paramref name="trimOffsets"/> a token's place leaves out the white space at its ends.</summary>
/// <param name="trimOffsets">Whether it does.</param>
/// <param name="addPrefixSpace">Whether the first token's first space was not in the text.</param>
internal sealed class ByteLevelProcessing(bool trimOffsets, bool addPrefixSpace) : PostProcessor
{
    public override IReadOnlyList<TemplatePiece> Single => None.Single;

    public override IReadOnlyList<TemplatePiece> Pair => None.Pair;

    public override bool PutsTogether => false;

    /// <summary>Reads it from tokenizer.json.</summary>
    public static ByteLevelProcessing Read(JsonPart part)
    {
        _ = part.Optional("use_regex")?.Boolean(); // Of the pre-tokenizer of the same name.
        return new ByteLevelProcessing(part.Required("trim_offsets").Boolean(), part.Required("add_prefix_space").Boolean());
    }

    public override void AdjustOffsets(TokenSequence tokens)
    {
        if (trimOffsets)
            tokens.TrimOffsets(addPrefixSpace);
    }
}
