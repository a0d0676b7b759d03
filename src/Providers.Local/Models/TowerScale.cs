using System.Text.Json;
using System.Text.Json.Serialization;
using Polymodal.Providers.Local.Onnx;

namespace Polymodal.Providers.Local.Models;

/// <summary>
/// Finds the <see cref="ContrastiveScale"/> of a folder with several towers, in this order: its manifest of towers, its weights (<c>*.safetensors</c>), the graph of both towers
/// (<c>model.onnx</c>), and last the number that training began with (<c>config.json</c>), which trained models differ from.
/// </summary>
internal static class TowerScale
{
    // What each tower's own scores are called: in weights, and as outputs of a graph of both towers.
    private static readonly Dictionary<EmbeddingModality, (string[] Weights, string[] Outputs)> Names = new()
    {
        [EmbeddingModality.Text] = (["logit_scale", "logit_scale_t"], ["logits_per_text"]),
        [EmbeddingModality.Image] = (["logit_scale"], ["logits_per_image", "logits_per_text"]),
        [EmbeddingModality.Audio] = (["logit_scale", "logit_scale_a"], ["logits_per_audio"]),
    };

    // Configurations whose initial value is the factor itself; in all others it is the logarithm.
    private static readonly HashSet<string> InitialFactors = new(StringComparer.Ordinal) { "clap" };

    /// <summary>Reads a folder.</summary>
    /// <param name="fullPath">The model folder.</param>
    /// <param name="path">The towers' own folder in it; empty for the model folder itself.</param>
    /// <param name="tower">The tower whose inputs are judged.</param>
    /// <returns>Null where the folder does not say.</returns>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public static ContrastiveScale? Read(string fullPath, string path, EmbeddingModality tower)
    {
        var folder = new ModelFolder(fullPath);
        if (folder.Towers is { } towers)
            return towers.ScaleOf(folder) ?? OfFolder(folder, path, tower);
        return OfFolder(folder, path, tower);
    }

    private static ContrastiveScale? OfFolder(ModelFolder folder, string path, EmbeddingModality tower) =>
        Names.TryGetValue(tower, out (string[] Weights, string[] Outputs) names) ? OfWeights(folder, path, names.Weights) ?? OfGraph(folder, path, names.Outputs) ?? OfConfig(folder, path) : null;

    private static ContrastiveScale? OfWeights(ModelFolder folder, string path, string[] names)
    {
        foreach (string file in Files(folder, path, "*.safetensors"))
        {
            foreach (string name in names)
            {
                if (SafeTensors.Scalar(file, name) is { } logarithm)
                    return new(Math.Exp(logarithm), SafeTensors.Scalar(file, "logit_bias"), Path.GetFileName(file));
            }
        }

        return null;
    }

    private static ContrastiveScale? OfGraph(ModelFolder folder, string path, string[] outputs)
    {
        foreach (string file in Files(folder, path, "model*.onnx").Concat(Files(folder, Path.Combine(path, "onnx"), "model*.onnx")))
        {
            if (OnnxAffine.Of(file, outputs) is ({ } scale, var bias) && scale > 0)
                return new(scale, bias, Path.GetFileName(file));
        }

        return null;
    }

    private static ContrastiveScale? OfConfig(ModelFolder folder, string path)
    {
        string Of(string file) => path.Length == 0 ? file : $"{path}/{file}";
        if (folder.ReadOptional(Of("config.json"), TowerScaleJson.Default.ScaleConfig) is { LogitScaleInitValue: { } initial } config)
            return new(InitialFactors.Contains(config.ModelType ?? "") ? initial : Math.Exp(initial), bias: null, "config.json, logit_scale_init_value: what training began with");
        return TwoTowerFolder.OpenClip(folder, path)?.ModelCfg is { InitLogitScale: { } logarithm } model
            ? new(Math.Exp(logarithm), model.InitLogitBias, "open_clip_config.json, init_logit_scale: what training began with") : null;
    }

    private static IEnumerable<string> Files(ModelFolder folder, string path, string pattern)
    {
        string place = Path.Combine(folder.FullPath, path);
        return Directory.Exists(place) ? Directory.EnumerateFiles(place, pattern).Order(StringComparer.Ordinal) : [];
    }
}

/// <summary>What <c>config.json</c> says of the scale.</summary>
internal sealed record ScaleConfig(string? ModelType, double? LogitScaleInitValue);

/// <summary>A model with a tower that may have a scale.</summary>
internal interface ITowerModel
{
    /// <summary>The scale; null where the folder does not say, or has one tower.</summary>
    ContrastiveScale? Scale { get; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ScaleConfig))]
internal sealed partial class TowerScaleJson : JsonSerializerContext;
