using System.Text.Json;
using System.Text.Json.Serialization;

namespace Polymodal.Providers.Local.Images;

/// <summary><c>preprocessor_config.json</c>, all dialects: sizes are a number, a list or an object.</summary>
internal sealed record ProcessorConfig
{
    public string? ImageProcessorType { get; init; }

    public string? FeatureExtractorType { get; init; }

    public bool? DoResize { get; init; }

    public JsonElement? Size { get; init; }

    public bool? DefaultToSquare { get; init; }

    public int? Resample { get; init; }

    public double? CropPct { get; init; }

    public bool? DoCenterCrop { get; init; }

    public JsonElement? CropSize { get; init; }

    public bool? DoRescale { get; init; }

    public double? RescaleFactor { get; init; }

    public bool? RescaleOffset { get; init; }

    public bool? DoNormalize { get; init; }

    public bool? IncludeTop { get; init; }

    public IReadOnlyList<float>? ImageMean { get; init; }

    public IReadOnlyList<float>? ImageStd { get; init; }

    public bool? DoFlipChannelOrder { get; init; }

    public int? PatchSize { get; init; }

    public int? MaxNumPatches { get; init; }
}

/// <summary><c>processor_config.json</c>.</summary>
internal sealed record ProcessorFile(ProcessorConfig? ImageProcessor);

/// <summary>timm's <c>config.json</c> with its <c>pretrained_cfg</c>, or, in older folders, the latter's fields by themselves.</summary>
internal sealed record TimmConfig
{
    public TimmConfig? PretrainedCfg { get; init; }

    public IReadOnlyList<int>? InputSize { get; init; }

    public IReadOnlyList<int>? TestInputSize { get; init; }

    public double? CropPct { get; init; }

    public double? TestCropPct { get; init; }

    public string? CropMode { get; init; }

    public string? Interpolation { get; init; }

    public IReadOnlyList<float>? Mean { get; init; }

    public IReadOnlyList<float>? Std { get; init; }
}

/// <summary>What <c>config.json</c> says of a picture model and its classes.</summary>
internal sealed record VisionConfig
{
    public string? ModelType { get; init; }

    public JsonElement? ImageSize { get; init; }

    public JsonElement? PatchSize { get; init; }

    [JsonPropertyName("vision_config")]
    public VisionConfig? VisionPart { get; init; }

    [JsonPropertyName("id2label")]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public IReadOnlyList<string>? LabelNames { get; init; }

    public IReadOnlyDictionary<string, string>? LabelDescriptions { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ProcessorConfig))]
[JsonSerializable(typeof(ProcessorFile))]
[JsonSerializable(typeof(TimmConfig))]
[JsonSerializable(typeof(VisionConfig))]
internal sealed partial class ImageConfigJson : JsonSerializerContext;
