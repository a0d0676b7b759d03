using System.Text.Json;
using System.Text.Json.Serialization;

namespace Polymodal.Providers.Local.Models;

/// <summary>An entry of <c>modules.json</c>.</summary>
internal sealed record ModuleEntry(string? Path, string? Type);

/// <summary><c>config.json</c> of the transformer.</summary>
internal sealed record TransformerConfig(int? MaxPositionEmbeddings);

/// <summary><c>sentence_bert_config.json</c>.</summary>
internal sealed record SentenceBertConfig(int? MaxSeqLength, bool? DoLowerCase);

/// <summary><c>tokenizer_config.json</c>. Tokens come as text or as an object with <c>content</c>; <c>model_max_length</c> may be 1e30 for "none".</summary>
internal sealed record TokenizerConfig(double? ModelMaxLength, JsonElement? PadToken, string? PaddingSide, string? TruncationSide);

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
internal sealed partial class TextModelJson : JsonSerializerContext;
