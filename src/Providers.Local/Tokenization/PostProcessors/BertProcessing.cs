namespace Polymodal.Providers.Local.Tokenization;

/// <summary><c>[CLS] A [SEP]</c>, and <c>[CLS] A [SEP] B [SEP]</c> with type id 1 from B on.</summary>
internal sealed class BertProcessing(SpecialToken start, SpecialToken separator) : PostProcessor
{
    public override IReadOnlyList<TemplatePiece> Single { get; } = [TemplatePiece.Special(start, 0), TemplatePiece.First(0), TemplatePiece.Special(separator, 0)];

    public override IReadOnlyList<TemplatePiece> Pair { get; } =
    [
        TemplatePiece.Special(start, 0), TemplatePiece.First(0), TemplatePiece.Special(separator, 0), TemplatePiece.Second(1), TemplatePiece.Special(separator, 1),
    ];

    /// <summary>Reads it from tokenizer.json.</summary>
    public static BertProcessing Read(JsonPart part) => new(SpecialToken.Read(part.Required("cls")), SpecialToken.Read(part.Required("sep")));
}
