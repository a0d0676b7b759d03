using System.Text.Json.Serialization;

namespace Polymodal.Providers.Local.Audio.Features;

/// <summary><c>preprocessor_config.json</c> of a sound model, with the defaults that transformers' feature extractors have.</summary>
internal sealed record PreprocessorConfig
{
    public const string File = "preprocessor_config.json";

    /// <summary>Where newer folders keep the same, beside the tokenizer's.</summary>
    public const string ProcessorFile = "processor_config.json";

    public string? FeatureExtractorType { get; init; }

    public int? SamplingRate { get; init; }

    public int? FeatureSize { get; init; }

    public bool? DoNormalize { get; init; }

    public bool? ReturnAttentionMask { get; init; }

    public double? PaddingValue { get; init; }

    public int? HopLength { get; init; }

    public int? NFft { get; init; }

    public int? ChunkLength { get; init; }

    public int? NSamples { get; init; }

    public int? FftWindowSize { get; init; }

    public double? FrequencyMin { get; init; }

    public double? FrequencyMax { get; init; }

    public double? MaxLengthS { get; init; }

    public int? NbMaxSamples { get; init; }

    public string? Padding { get; init; }

    public string? Truncation { get; init; }

    public int? NumMelBins { get; init; }

    public int? MaxLength { get; init; }

    public double? Mean { get; init; }

    public double? Std { get; init; }

    public int? Stride { get; init; }
}

/// <summary><c>processor_config.json</c>.</summary>
internal sealed record AudioProcessorConfig(PreprocessorConfig? FeatureExtractor);

/// <summary><c>config.json</c> of a sound model: what decides how many frames a sound has and whether padding changes it.</summary>
internal sealed record AudioModelConfig
{
    public const string File = "config.json";

    public string? ModelType { get; init; }

    public IReadOnlyList<int>? ConvKernel { get; init; }

    public IReadOnlyList<int>? ConvStride { get; init; }

    public IReadOnlyList<int>? TdnnKernel { get; init; }

    public IReadOnlyList<int>? TdnnDilation { get; init; }

    public IReadOnlyList<string>? Architectures { get; init; }

    public int? HiddenSize { get; init; }

    public int? DModel { get; init; }

    public int? ProjectionDim { get; init; }

    public int? XvectorOutputDim { get; init; }

    public int? MaxSourcePositions { get; init; }

    /// <summary>Length of a frame's vector, or null.</summary>
    [JsonIgnore]
    public int? Hidden => HiddenSize ?? DModel;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(PreprocessorConfig)), JsonSerializable(typeof(AudioProcessorConfig)), JsonSerializable(typeof(AudioModelConfig))]
internal sealed partial class AudioJson : JsonSerializerContext;
