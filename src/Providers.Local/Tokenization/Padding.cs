namespace Polymodal.Providers.Local.Tokenization;

/// <summary>How a text with few tokens is filled up.</summary>
/// <remarks>Reference: HuggingFace tokenizers 0.23.3, <c>padding</c> in tokenizer.json.</remarks>
public sealed record Padding
{
    /// <summary>Tokens to fill up to; null fills up to the longest of the batch.</summary>
    public int? Length { get; init; }

    /// <summary>The length is rounded up to a multiple of this; null and 0 do not round.</summary>
    public int? MultipleOf { get; init; }

    /// <summary>Where padding is put; <see cref="TextSide.Right"/> unless set.</summary>
    public TextSide Direction { get; init; } = TextSide.Right;

    /// <summary>Id of the padding token.</summary>
    public required int Id { get; init; }

    /// <summary>Type id of padding; 0 unless set.</summary>
    public int TypeId { get; init; }

    /// <summary>The padding token, e.g. <c>[PAD]</c>.</summary>
    public required string Token { get; init; }

    internal static Padding Read(JsonPart part)
    {
        JsonPart strategy = part.Required("strategy");
        JsonPart? isFixed = strategy.FieldOrNull("Fixed");
        if (isFixed is null && strategy.Text() != "BatchLongest")
            throw strategy.Invalid("is neither \"BatchLongest\" nor {\"Fixed\": length}");
        return new Padding
        {
            Length = isFixed?.Limit(),
            MultipleOf = part.Optional("pad_to_multiple_of")?.Limit(),
            Direction = part.Required("direction").Name<TextSide>(),
            Id = part.Required("pad_id").Integer(),
            TypeId = part.Required("pad_type_id").Integer(),
            Token = part.Required("pad_token").Text(),
        };
    }

    /// <summary>The length to fill up to.</summary>
    internal int LengthFor(int longest)
    {
        long length = Length ?? longest;
        if (MultipleOf is > 0)
            length = (length + MultipleOf.Value - 1) / MultipleOf.Value * MultipleOf.Value;
        return checked((int)length);
    }
}
