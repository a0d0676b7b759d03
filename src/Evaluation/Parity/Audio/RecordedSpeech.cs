using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Polymodal.Providers.Local.Audio.Decoding;
using Polymodal.Providers.Local.Audio.Signal;

namespace Polymodal.Evaluation.Parity.Audio;

/// <summary>What the records of real speech models share: recordings in a folder beside, tensors that keep every so many-th number, the model elsewhere.</summary>
/// <param name="reference">The record. Its folder is the model's, or one of recordings alone.</param>
internal sealed partial class RecordedSpeech(Reference reference)
{
    private const int Rate = 16_000;
    private static readonly AudioDecoder Decoder = new();

    /// <summary>Whether the record is of recordings, with one of these tensors in its cases.</summary>
    public static bool Has(Reference reference, string tensor) =>
        reference.Tensors is not null && reference.Json.TryGetProperty("cases", out JsonElement cases) && cases.ValueKind == JsonValueKind.Array &&
        cases.EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty("audio", out _) &&
        json.TryGetProperty("tensors", out JsonElement tensors) && tensors.EnumerateArray().Any(name => name.GetString()!.EndsWith('/' + tensor, StringComparison.Ordinal));

    /// <summary>The model's folder: that of the record, or one of its name above or in the roots of POLYMODAL_REFERENCE.</summary>
    public string Model()
    {
        if (Directory.Exists(Path.Combine(reference.Folder, "onnx")))
            return reference.Folder;
        string name = reference.Json.GetProperty("name").GetString()!;
        return Above(reference.Folder).SelectMany(folder => new[] { Path.Combine(folder, name), Path.Combine(folder, "models", name) })
            .FirstOrDefault(folder => Directory.Exists(Path.Combine(folder, "onnx")))
            ?? throw new NotSupportedException($"the model {name} lies neither beside the record nor in a folder above it");
    }

    /// <summary>A recording at 16 kHz.</summary>
    public float[] Sound(JsonElement json)
    {
        string file = json.GetProperty("audio").GetString()!;
        string[] places = [file, $"../media/speech/{file}", $"../speech/{file}"];
        string path = places.Select(place => Path.GetFullPath(Path.Combine(reference.Folder, place))).FirstOrDefault(File.Exists)
            ?? throw new NotSupportedException($"{file} lies neither beside the record nor in ../media/speech or ../speech");
        using FileStream stream = File.OpenRead(path);
        using AudioReader reader = Decoder.Open(stream);
        return Resampler.Resample(AudioRecord.Mono(reader), reader.SamplingRate, Rate);
    }

    /// <summary>Compares a tensor with ours, of which the record keeps every so many-th number where it says so.</summary>
    public ParityRow Compare(string id, string tensor, float[] ours, int width = 0)
    {
        string name = $"{id}/{tensor}";
        if (reference.Json.TryGetProperty("tensors", out JsonElement described) && AudioRecord.Text(described, tensor) is { } words && Thinned().Match(words) is { Success: true } match)
        {
            int step = int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
            ours = [.. Enumerable.Range(0, (ours.Length + step - 1) / step).Select(i => ours[i * step])];
        }

        return Comparison.Floats(id, tensor, ours, reference.Tensors!.Floats(name), reference.Rules.For(name), width);
    }

    /// <summary>Compares whole numbers that the case itself holds.</summary>
    public static ParityRow Field(string id, JsonElement json, string field, IEnumerable<long> ours) =>
        Comparison.Integers(id, field, [.. ours], json.GetProperty(field) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray().Select(value => value.GetInt64())] : [json.GetProperty(field).GetInt64()]);

    [GeneratedRegex("every ([0-9]+)(st|nd|rd|th)")]
    private static partial Regex Thinned();

    private static IEnumerable<string> Above(string folder)
    {
        for (DirectoryInfo? directory = new(folder); directory is not null; directory = directory.Parent)
            yield return directory.FullName;
        foreach (string root in (Environment.GetEnvironmentVariable("POLYMODAL_REFERENCE") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            yield return root;
    }
}
