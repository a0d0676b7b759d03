using System.Text.Json.Serialization;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.StaticVectors;

/// <summary>Where a folder of model2vec has its files.</summary>
/// <remarks>Reference: model2vec, persistence/datamodels.py.</remarks>
internal sealed record Model2VecLayout(string Config, string Vectors, string Tokenizer)
{
    private static readonly Model2VecLayout[] Known =
    [
        new("config.json", "model.safetensors", "tokenizer.json"),
        new("config_sentence_transformers.json", "model.safetensors", "tokenizer.json"),
        new("config_sentence_transformers.json", "0_StaticEmbedding/model.safetensors", "0_StaticEmbedding/tokenizer.json"),
    ];

    /// <summary>The first layout whose files are all there.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public static Model2VecLayout Of(ModelFolder folder) =>
        Array.Find(Known, layout => folder.Has(layout.Config) && folder.Has(layout.Vectors) && folder.Has(layout.Tokenizer)) ?? throw new FileNotFoundException(
            $"{folder.Name}: {folder.FullPath} has none of the sets of files of model2vec: {string.Join("; ", Known.Select(layout => $"{layout.Config}, {layout.Vectors} and {layout.Tokenizer}"))}. Fetch the whole model folder again.");

    /// <summary>Reads the settings.</summary>
    public Model2VecConfig ReadConfig(ModelFolder folder)
    {
        Model2VecConfig config = folder.Read(Config, Model2VecJson.Default.Model2VecConfig);
        return config.MaxLength is < 1 ? throw new InvalidDataException($"{folder.Name}/{Config}: max_length is {config.MaxLength}. It must be at least 1, or null for no limit.") : config;
    }
}

/// <summary>The settings of a folder of model2vec.</summary>
internal sealed record Model2VecConfig
{
    /// <summary>Whether vectors are scaled to unit length.</summary>
    public bool Normalize { get; set; }

    /// <summary>Where a text is cut; null for nowhere. A folder that does not say it means 512, the library's default.</summary>
    public int? MaxLength { get; set; } = 512;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Model2VecConfig))]
internal sealed partial class Model2VecJson : JsonSerializerContext;
