using System.Text.Json;
using System.Text.Json.Serialization;

namespace Polymodal.Providers.Local.Models;

/// <summary>A folder of a model with two towers in one space (CLIP, SigLIP, CLAP): each tower is an ONNX file of its own.</summary>
internal static class TwoTowerFolder
{
    /// <summary>What the file name of the text tower begins with.</summary>
    public const string TextStem = "text_model";

    /// <summary>The input of a graph that takes tokens.</summary>
    public const string TokenInput = "input_ids";

    /// <summary>The inputs of a graph of both towers that are the text tower's.</summary>
    public static readonly string[] TextInputs = [TokenInput, "attention_mask", "token_type_ids", "position_ids"];

    /// <summary>Tokens of every text of open_clip, where its configuration does not say.</summary>
    public const int OpenClipContext = 77;

    private const string OpenClipFile = "open_clip_config.json";

    // What either tower may read, weights left out: together the revision of the space that both share.
    private static readonly string[] Settings =
    [
        "config.json", OpenClipFile, "preprocessor_config.json", "processor_config.json", "tokenizer.json", "tokenizer_config.json", "vocab.json", "vocab.txt", "merges.txt",
        "spiece.model", "special_tokens_map.json",
    ];

    /// <summary>Whether a folder has a text tower.</summary>
    /// <param name="folder">The model folder.</param>
    /// <param name="path">The towers' own folder in it; empty for the model folder itself.</param>
    public static bool HasTextTower(ModelFolder folder, string path) =>
        new[] { path, Path.Combine(path, "onnx") }.Select(part => Path.Combine(folder.FullPath, part))
            .Any(part => Directory.Exists(part) && Directory.EnumerateFiles(part, $"{TextStem}*.onnx").Any());

    /// <summary>Whether a folder's configuration has a text and a picture part and there is no graph of the text tower alone: then <c>model.onnx</c> holds both.</summary>
    /// <param name="folder">The model folder.</param>
    /// <param name="path">The towers' own folder in it; empty for the model folder itself.</param>
    public static bool IsJoint(ModelFolder folder, string path) => !HasTextTower(folder, path)
        && (OpenClip(folder, path) is not null || folder.ReadOptional(path.Length == 0 ? "config.json" : $"{path}/config.json", TwoTowerJson.Default.TwoTowerConfig) is { TextConfig: not null, VisionConfig: not null });

    /// <summary>The files whose contents are the revision of the towers' space.</summary>
    /// <param name="path">The towers' own folder; empty for the model folder itself.</param>
    public static IEnumerable<string> RevisionFiles(string path) => Settings.Select(file => path.Length == 0 ? file : $"{path}/{file}").Append("modules.json").Order(StringComparer.Ordinal);

    /// <summary>What open_clip's own configuration says, or null.</summary>
    /// <param name="folder">The model folder.</param>
    /// <param name="path">The towers' own folder in it.</param>
    public static OpenClipConfig? OpenClip(ModelFolder folder, string path) =>
        folder.ReadOptional(path.Length == 0 ? OpenClipFile : $"{path}/{OpenClipFile}", TwoTowerJson.Default.OpenClipConfig);
}

/// <summary>What <c>config.json</c> has of the parts of a model.</summary>
internal sealed record TwoTowerConfig(JsonElement? TextConfig, JsonElement? VisionConfig);

/// <summary><c>open_clip_config.json</c>.</summary>
internal sealed record OpenClipConfig(OpenClipModel? ModelCfg, OpenClipPreprocess? PreprocessCfg);

/// <summary>Its <c>model_cfg</c>.</summary>
internal sealed record OpenClipModel(int? EmbedDim, OpenClipVision? VisionCfg, OpenClipText? TextCfg, double? InitLogitScale, double? InitLogitBias);

/// <summary>Its <c>vision_cfg</c>; the size is a number or [height, width].</summary>
internal sealed record OpenClipVision(JsonElement? ImageSize);

/// <summary>Its <c>text_cfg</c>.</summary>
internal sealed record OpenClipText(int? ContextLength, string? HfTokenizerName);

/// <summary>Its <c>preprocess_cfg</c>.</summary>
internal sealed record OpenClipPreprocess(JsonElement? Size, string? Mode, IReadOnlyList<float>? Mean, IReadOnlyList<float>? Std, string? Interpolation, string? ResizeMode, JsonElement? FillColor);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(OpenClipConfig))]
[JsonSerializable(typeof(TwoTowerConfig))]
internal sealed partial class TwoTowerJson : JsonSerializerContext;
