namespace Polymodal.Providers.Cloud;

/// <summary>
/// What a service says about one of its models. Lists of models age: put a record of your own, or a changed copy (<c>OpenAI.TextEmbedding3Small with { … }</c>),
/// into <see cref="CloudOptions.ModelDetails"/>.
/// </summary>
/// <param name="Id">The name that the service knows it by.</param>
/// <remarks>Immutable and safe for concurrent use.</remarks>
public sealed record CloudModel(string Id)
{
    /// <summary>Length of a vector when none is asked for; null when it is not known before the first answer.</summary>
    public int? Dimensions { get; init; }

    /// <summary>Further lengths that can be asked for. Empty with <see cref="MinDimensions"/> null: the length is fixed and the field is never sent.</summary>
    public IReadOnlyList<int> DimensionChoices { get; init; } = [];

    /// <summary>Any length from this one to <see cref="MaxDimensions"/> can be asked for; null when only the choices can.</summary>
    public int? MinDimensions { get; init; }

    /// <summary>The longest length that can be asked for; null for <see cref="Dimensions"/>.</summary>
    public int? MaxDimensions { get; init; }

    /// <summary>Tokens of one input at most; null when it is not known.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Texts of one request at most; at least 1.</summary>
    public int MaxInputsPerRequest { get; init; } = 32;

    /// <summary>Pictures, sounds or films of one request at most; at least 1.</summary>
    public int MaxMediaPerRequest { get; init; } = 1;

    /// <summary>Tokens of one request at most, over all its inputs; null for no limit.</summary>
    public int? MaxTokensPerRequest { get; init; }

    /// <summary>Bytes of the inputs of one request at most, pictures and sounds as base64.</summary>
    public long MaxBytesPerRequest { get; init; } = 19_000_000;

    /// <summary>What it takes: media types, exact or ranges such as <c>text/*</c>.</summary>
    public IReadOnlyList<string> MediaTypes { get; init; } = ["text/*"];

    /// <summary>The service's word for an intent (<c>input_type</c>, <c>task</c>, …). An intent that is not listed uses <see cref="DefaultTask"/>.</summary>
    public IReadOnlyDictionary<EmbeddingIntent, string> Tasks { get; init; } = new Dictionary<EmbeddingIntent, string>();

    /// <summary>The service's word when a call has no intent, or one that is not listed; null sends none.</summary>
    public string? DefaultTask { get; init; }

    /// <summary>Text put before an input, by intent, for models that are told their task in the text.</summary>
    public IReadOnlyDictionary<EmbeddingIntent, string> Prefixes { get; init; } = new Dictionary<EmbeddingIntent, string>();

    /// <summary>Forms in which it gives its vectors.</summary>
    public IReadOnlyList<CloudEncoding> Encodings { get; init; } = [CloudEncoding.Float];

    /// <summary>Whether the service can be told to cut or to refuse an input that is too long; otherwise this library does it before it sends anything.</summary>
    public bool HasTruncationField { get; init; }

    /// <summary>Name of the space its vectors share with other models of the service; null: its own.</summary>
    public string? SpaceName { get; init; }

    /// <summary>How it counts the length of a text, where that is not in tokens; null for tokens.</summary>
    internal Func<string, int>? CountLength { get; init; }

    /// <summary>Whether it takes inputs of a kind.</summary>
    internal bool Takes(EmbeddingModality modality)
    {
        string prefix = MediaTypePrefix(modality);
        return MediaTypes.Any(type => type.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The beginning of a kind's media types, e.g. <c>image/</c>.</summary>
    internal static string MediaTypePrefix(EmbeddingModality modality) => $"{modality.ToString().ToLowerInvariant()}/";

    /// <summary>The length to ask for; null when the field need not or must not be sent.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The model has no vectors of that length.</exception>
    internal int? DimensionsToAsk(int? wanted)
    {
        if (wanted is not { } length || (length == Dimensions && DimensionChoices.Count == 0 && MinDimensions is null))
            return null;
        bool known = length == Dimensions || DimensionChoices.Contains(length) || (length >= MinDimensions && length <= (MaxDimensions ?? Dimensions ?? int.MaxValue));
        if (known)
            return length;
        string choices = MinDimensions is { } least ? $"{least} to {(MaxDimensions ?? Dimensions)?.ToString() ?? "its own"}"
            : string.Join(", ", DimensionChoices.Append(Dimensions ?? 0).Where(size => size > 0).Distinct().Order());
        throw new ArgumentOutOfRangeException(nameof(wanted), length, $"{Id} has vectors of {(choices.Length > 0 ? choices : "one")} dimensions. Choose one of these, or describe the model anew in ModelDetails.");
    }
}

/// <summary>In which form vectors travel. They always arrive as floats.</summary>
public enum CloudEncoding
{
    /// <summary>Numbers in JSON.</summary>
    Float,

    /// <summary>The bytes of 32-bit floats as base64: the same vectors, a third of the bytes.</summary>
    Base64,

    /// <summary>One byte a component, −128 to 127, rounded by the service.</summary>
    Int8,

    /// <summary>One bit a component, its sign; it arrives as 1 or −1 and is then scaled to unit length.</summary>
    Binary,
}

/// <summary>What becomes of an input that is longer than the model takes. Services differ in what they do unasked; here it is always said.</summary>
public enum CloudTruncation
{
    /// <summary>The call fails and says which input it was.</summary>
    Error,

    /// <summary>The end of the input is lost.</summary>
    Cut,
}
