using System.Text.Json;
using System.Text.Json.Serialization;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Multimodal;

/// <summary>The file of a learned classifier: numbers as float64 tensors, the rest in the metadata of a <c>.safetensors</c> file.</summary>
internal static class ClassifierFile
{
    private const string KindKey = "polymodal.classifier", LabelsKey = "labels", SpaceKey = "space_id", UnitKey = "unit";

    public static void Save(string path, string kind, IVectorClassifier classifier, bool scalesToUnit, IReadOnlyDictionary<string, (int[] Shape, double[] Values)> tensors)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var metadata = new Dictionary<string, string>
        {
            [KindKey] = kind,
            [LabelsKey] = JsonSerializer.Serialize([.. classifier.Labels], ClassifierJson.Default.StringArray),
            [UnitKey] = scalesToUnit ? "true" : "false",
        };
        if (classifier.SpaceId is { } space)
            metadata[SpaceKey] = space;
        AtomicFile.Write(path, stream => SafeTensors.Write(stream, tensors, metadata));
    }

    public static ClassifierParts Load(string path, string kind)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        SafeTensors file = SafeTensors.Read(path);
        if (!file.Metadata.TryGetValue(KindKey, out string? found) || found != kind)
            throw new InvalidDataException($"{path} is {(found is null ? "no saved classifier" : $"a classifier of kind '{found}'")}; wanted: '{kind}'. Load the file with the type that saved it.");
        try
        {
            string[] labels = JsonSerializer.Deserialize(file.Metadata[LabelsKey], ClassifierJson.Default.StringArray)!;
            return new(file, labels, file.Metadata.GetValueOrDefault(SpaceKey), file.Metadata[UnitKey] == "true");
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException)
        {
            throw new InvalidDataException($"{path}: its metadata is damaged. Save the classifier again.", exception);
        }
    }

    /// <summary>A matrix with a row a class or a single one, checked.</summary>
    public static double[][] Rows(SafeTensors file, string path, string name, int rows)
    {
        if (!file.Has(name) || file.Shape(name) is not [var count, > 0 and var width] || count != rows)
            throw new InvalidDataException($"{path}: tensor '{name}' must have {rows} rows. Save the classifier again.");
        return [.. file.Doubles(name).Chunk(width)];
    }
}

/// <summary>What a file of a classifier holds.</summary>
internal sealed record ClassifierParts(SafeTensors File, string[] Labels, string? SpaceId, bool ScalesToUnit);

[JsonSerializable(typeof(string[]))]
internal sealed partial class ClassifierJson : JsonSerializerContext;
