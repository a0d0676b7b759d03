namespace Polymodal.Providers.Local.Tokenization;

/// <summary><c>&lt;s&gt; A &lt;/s&gt;</c>, and <c>&lt;s&gt; A &lt;/s&gt; &lt;/s&gt; B &lt;/s&gt;</c>; every type id is 0.</summary>
/// <param name="start">The first token.</param>
/// <param name="separator">The token around the texts.</param>
/// <param name="trimOffsets">Whether a token's place leaves out the white space at its ends.</param>
/// <param name="addPrefixSpace">Whether the first token's first space was not in the text.</param>
internal sealed class RobertaProcessing(SpecialToken start, SpecialToken separator, bool trimOffsets, bool addPrefixSpace) : PostProcessor
{
    public override IReadOnlyList<TemplatePiece> Single { get; } = [TemplatePiece.Special(start, 0), TemplatePiece.First(0), TemplatePiece.Special(separator, 0)];

    public override IReadOnlyList<TemplatePiece> Pair { get; } =
    [
        TemplatePiece.Special(start, 0), TemplatePiece.First(0), TemplatePiece.Special(separator, 0),
        TemplatePiece.Special(separator, 0), TemplatePiece.Second(0), TemplatePiece.Special(separator, 0),
    ];

    public override bool TypesOverflow => true;

    /// <summary>Reads it from tokenizer.json.</summary>
    public static RobertaProcessing Read(JsonPart part) => new(
        SpecialToken.Read(part.Required("cls")), SpecialToken.Read(part.Required("sep")), part.Required("trim_offsets").Boolean(), part.Required("add_prefix_space").Boolean());

    public override void AdjustOffsets(TokenSequence tokens)
    {
        if (trimOffsets)
            tokens.TrimOffsets(addPrefixSpace);
    }
}
