using System.Text.Json.Serialization;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.Images;

/// <summary>Reads the settings of ConSE from a classifier's folder: <c>conse.json</c>, and beside it the classes' text vectors.</summary>
internal static class ConseFile
{
    private const string File = "conse.json", Vectors = "conse.safetensors", Tensor = "class_text";

    /// <summary>The settings; null where the folder has none.</summary>
    /// <exception cref="InvalidDataException">A file is damaged, or names and vectors are not one each a class.</exception>
    public static ConseSettings? Read(ModelFolder folder, int classes)
    {
        if (folder.ReadOptional(File, ConseJson.Default.ConseConfig) is not { } config)
            return null;
        var settings = new ConseSettings();
        settings = settings with
        {
            ClassNames = config.Names ?? [],
            Prompt = config.Prompt ?? settings.Prompt,
            Top = config.Top ?? settings.Top,
            Temperature = config.Temperature ?? settings.Temperature,
        };
        if (settings.ClassNames.Count != 0 && settings.ClassNames.Count != classes)
            throw new InvalidDataException($"{folder.Name}/{File}: names has {settings.ClassNames.Count} entries, but the classifier has {classes} classes. Give one name a class.");
        if (!folder.Has(Vectors) || SafeTensors.Read(Path.Combine(folder.FullPath, Vectors)) is var tensors && !tensors.Has(Tensor))
            return settings;
        if (tensors.Shape(Tensor) is not [var rows, var width] || rows != classes || width < 1)
            throw new InvalidDataException($"{folder.Name}/{Vectors}: {Tensor} has shape [{string.Join(", ", tensors.Shape(Tensor))}], but the classifier has {classes} classes. Give one vector a class, or remove the file.");
        float[] all = tensors.Floats(Tensor);
        return settings with { ClassVectors = [.. Enumerable.Range(0, rows).Select(row => (ReadOnlyMemory<float>)all.AsMemory(row * width, width))] };
    }
}

/// <summary><c>conse.json</c>.</summary>
internal sealed record ConseConfig(string? Prompt, int? Top, double? Temperature, IReadOnlyList<string>? Names);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ConseConfig))]
internal sealed partial class ConseJson : JsonSerializerContext;
