namespace Polymodal.Providers.Local.Tokenization;

/// <summary>How a text with too many tokens is cut.</summary>
/// <remarks>Reference: HuggingFace tokenizers 0.23.3, <c>truncation</c> in tokenizer.json.</remarks>
public sealed record Truncation
{
    /// <summary>The most tokens that are left, special ones included. Below the number of special tokens nothing is cut, as in the reference.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>Which text of a pair is cut; <see cref="TruncationStrategy.LongestFirst"/> unless set.</summary>
    public TruncationStrategy Strategy { get; init; } = TruncationStrategy.LongestFirst;

    /// <summary>Where tokens are taken away; <see cref="TextSide.Right"/> unless set.</summary>
    public TextSide Direction { get; init; } = TextSide.Right;

    /// <summary>How many tokens of a part are repeated in the next of <see cref="EncodedText.Overflowing"/>; 0 unless set, below what is left of the text.</summary>
    public int Stride { get; init; }

    internal static Truncation Read(JsonPart part) => new()
    {
        MaxTokens = part.Required("max_length").Limit(),
        Strategy = part.Required("strategy").Name<TruncationStrategy>(),
        Direction = part.Optional("direction")?.Name<TextSide>() ?? TextSide.Right,
        Stride = part.Required("stride").Limit(),
    };
}

/// <summary>Which text of a pair is cut.</summary>
public enum TruncationStrategy
{
    /// <summary>The longer one, then both alike.</summary>
    LongestFirst,

    /// <summary>The first one.</summary>
    OnlyFirst,

    /// <summary>The second one.</summary>
    OnlySecond,
}

/// <summary>A side of a text.</summary>
public enum TextSide
{
    /// <summary>The end.</summary>
    Right,

    /// <summary>The beginning.</summary>
    Left,
}
