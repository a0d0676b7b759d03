using System.Text.Json;
using System.Text.Json.Serialization;

namespace Polymodal.Providers.Local.Models;

/// <summary>An entry of <c>modules.json</c>.</summary>
internal sealed record ModuleEntry(string? Path, string? Type);

/// <summary><c>config.json</c> of the transformer. Model types name one thing differently; a model of several towers keeps its text part in <c>text_config</c>.</summary>
internal sealed record TransformerConfig
{
    public string? ModelType { get; init; }

    public IReadOnlyList<string>? Architectures { get; init; }

    public bool? IsCausal { get; init; }

    public int? MaxPositionEmbeddings { get; init; }

    public int? NPositions { get; init; }

    public int? RelativeAttentionNumBuckets { get; init; }

    public int? HiddenSize { get; init; }

    public int? DModel { get; init; }

    public int? NEmbd { get; init; }

    public int? Dim { get; init; }

    public int? NumAttentionHeads { get; init; }

    public int? NumKeyValueHeads { get; init; }

    public int? HeadDim { get; init; }

    public int? PadTokenId { get; init; }

    public string? PaddingSide { get; init; }

    /// <summary>NV-Embed: the closing token is written behind each text.</summary>
    public bool? AddEos { get; init; }

    /// <summary>NV-Embed: the instruction's tokens are left out of the pooling.</summary>
    public bool? IsMaskInstruction { get; init; }

    /// <summary>Jina: the adapters' names; an adapter's number is its place.</summary>
    public IReadOnlyList<string>? LoraAdaptations { get; init; }

    public TransformerConfig? TextConfig { get; init; }

    /// <summary>Length of a token embedding, or null.</summary>
    [JsonIgnore]
    public int? Hidden => HiddenSize ?? DModel ?? NEmbd ?? Dim ?? TextConfig?.Hidden;

    /// <summary>Places of the position table, or null; a model of relative positions has no table, whatever <c>n_positions</c> says.</summary>
    [JsonIgnore]
    public int? Positions => (MaxPositionEmbeddings ?? (RelativeAttentionNumBuckets is null ? NPositions : null)) is { } count and > 0 ? count : TextConfig?.Positions;

    /// <summary>Type of the part that reads text.</summary>
    [JsonIgnore]
    public string? TextModelType => TextConfig?.ModelType ?? ModelType;

    /// <summary>Token number of the padding, or null.</summary>
    [JsonIgnore]
    public int? Padding => PadTokenId ?? TextConfig?.Padding;

    /// <summary>Whether the library takes the last token: a causal language model.</summary>
    [JsonIgnore]
    public bool IsCausalLanguageModel => Architectures is [var first, ..] && first.EndsWith("ForCausalLM", StringComparison.Ordinal) && IsCausal != false;
}

/// <summary><c>sentence_bert_config.json</c>.</summary>
internal sealed record SentenceBertConfig(int? MaxSeqLength, bool? DoLowerCase);

/// <summary><c>tokenizer_config.json</c>. Tokens come as text or as an object with <c>content</c>; <c>model_max_length</c> may be 1e30 for "none".</summary>
internal sealed record TokenizerConfig(double? ModelMaxLength, JsonElement? PadToken, JsonElement? EosToken, string? PaddingSide, string? TruncationSide);

/// <summary><c>config.json</c> of a Dense module.</summary>
internal sealed record DenseConfig(int? InFeatures, int? OutFeatures, bool? Bias, string? ActivationFunction, bool? UseResidual, string? ModuleInputName, string? ModuleOutputName);

/// <summary><c>config.json</c> of a LayerNorm module.</summary>
internal sealed record LayerNormConfig(int? Dimension);

/// <summary><c>config.json</c> of a Normalize module.</summary>
internal sealed record NormalizeConfig(string? ModuleInputName, string? ModuleOutputName);

/// <summary><c>router_config.json</c>; of an older Asym module <c>config.json</c>.</summary>
internal sealed record RouterConfig(
    IReadOnlyDictionary<string, string>? Types, IReadOnlyDictionary<string, IReadOnlyList<string>>? Structure, RouterParameters? Parameters);

/// <summary>How a Router chooses. The keys of the mappings are pairs in Python's notation, e.g. <c>('query', 'text')</c>.</summary>
internal sealed record RouterParameters(string? DefaultRoute, bool? AllowEmptyKey, IReadOnlyDictionary<string, string>? RouteMappings);

/// <summary><c>config_sentence_transformers.json</c>.</summary>
internal sealed record SentenceTransformersConfig(
    IReadOnlyDictionary<string, string?>? Prompts, string? DefaultPromptName, string? SimilarityFnName, int? TruncateDim);

/// <summary><c>1_Pooling/config.json</c>, the older dialect of flags and the newer one of a name or a list of names.</summary>
internal sealed record PoolingConfig(
    int? WordEmbeddingDimension,
    int? EmbeddingDimension,
    JsonElement? PoolingMode,
    bool? IncludePrompt,
    [property: JsonPropertyName("pooling_mode_cls_token")] bool? Cls,
    [property: JsonPropertyName("pooling_mode_max_tokens")] bool? Max,
    [property: JsonPropertyName("pooling_mode_mean_tokens")] bool? Mean,
    [property: JsonPropertyName("pooling_mode_mean_sqrt_len_tokens")] bool? MeanSqrtLength,
    [property: JsonPropertyName("pooling_mode_weightedmean_tokens")] bool? WeightedMean,
    [property: JsonPropertyName("pooling_mode_lasttoken")] bool? LastToken);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ModuleEntry[]))]
[JsonSerializable(typeof(TransformerConfig))]
[JsonSerializable(typeof(JsonDocument))]
[JsonSerializable(typeof(SentenceBertConfig))]
[JsonSerializable(typeof(TokenizerConfig))]
[JsonSerializable(typeof(SentenceTransformersConfig))]
[JsonSerializable(typeof(PoolingConfig))]
[JsonSerializable(typeof(DenseConfig))]
[JsonSerializable(typeof(LayerNormConfig))]
[JsonSerializable(typeof(NormalizeConfig))]
[JsonSerializable(typeof(RouterConfig))]
internal sealed partial class TextModelJson : JsonSerializerContext;
