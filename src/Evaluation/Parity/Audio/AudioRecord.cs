using System.Text.Json;
using Polymodal.Providers.Local.Audio;
using Polymodal.Providers.Local.Audio.Decoding;
using Polymodal.Providers.Local.Audio.Signal;

namespace Polymodal.Evaluation.Parity.Audio;

/// <summary>What all references of sound share: where sounds are found, and how their tensors are thinned.</summary>
/// <param name="reference">The record.</param>
internal sealed class AudioRecord(Reference reference)
{
    private static readonly AudioDecoder Decoder = new();

    public Reference Reference => reference;

    /// <summary>Whether a tensor is whole numbers.</summary>
    public bool IsInteger(string tensor) => reference.Tensors!.IsInteger(tensor);

    /// <summary>A sound at its own rate.</summary>
    /// <param name="path">As the record names it, e.g. <c>media/audio/a.wav</c>.</param>
    public (float[] Samples, int Rate) Sound(string path)
    {
        using FileStream stream = File.OpenRead(FileOf(path));
        using AudioReader reader = Decoder.Open(stream);
        return (Mono(reader), reader.SamplingRate);
    }

    /// <summary>A sound at a model's rate.</summary>
    public float[] Sound(string path, int rate)
    {
        (float[] samples, int from) = Sound(path);
        return Resampler.Resample(samples, from, rate);
    }

    /// <summary>The sounds of a case, cut as its options say.</summary>
    public float[][] Sounds(JsonElement json, int rate)
    {
        if (Text(json, "sound") is not { } one)
            return [.. json.GetProperty("sounds").EnumerateArray().Select(sound => Sound(sound.GetString()!, rate))];
        float[] samples = Sound(one, rate);
        if (Option(json, "first_samples") is { } kept)
            samples = samples[..kept.GetInt32()];
        if (Option(json, "first_sample") is { } first && Option(json, "samples") is { } count)
            samples = samples.AsSpan(first.GetInt32(), count.GetInt32()).ToArray();
        return [samples];
    }

    /// <summary>All samples of a reader as mono.</summary>
    public static float[] Mono(AudioReader reader)
    {
        var windows = new SoundWindows(reader, reader.SamplingRate, new WindowPlan(int.MaxValue, int.MaxValue, 1));
        windows.TryNext(out SoundWindow window);
        return window.Samples;
    }

    /// <summary>Finds a file that records name from their root: in the root of this one, or in those of POLYMODAL_REFERENCE.</summary>
    public string FileOf(string path)
    {
        IEnumerable<string> roots = Above(reference.Folder).Concat((Environment.GetEnvironmentVariable("POLYMODAL_REFERENCE") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries));
        return roots.Select(root => Path.Combine(root, path)).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException($"{reference.File}: {path} is in no folder above it. Fetch the area media too, to the same root.", path);
    }

    /// <summary>Compares a tensor with ours, of which the record may hold every so many-th number only.</summary>
    public ParityRow Compare(JsonElement json, string tensor, float[] ours, int width = 0)
    {
        string id = json.GetProperty("id").GetString()!, name = $"{id}/{tensor}";
        if (json.TryGetProperty("strided", out JsonElement strided) && strided.TryGetProperty(name, out JsonElement how))
        {
            long whole = how.GetProperty("shape").EnumerateArray().Aggregate(1L, (product, axis) => product * axis.GetInt64());
            if (whole != ours.Length)
                return new ParityRow(id, tensor, null, null, ParityVerdict.Fail, $"{ours.Length} numbers, recorded {whole}");
            int stride = how.GetProperty("stride").GetInt32();
            ours = [.. Enumerable.Range(0, (ours.Length + stride - 1) / stride).Select(i => ours[i * stride])];
            width = 0;
        }

        return Comparison.Floats(id, tensor, ours, reference.Tensors!.Floats(name), reference.Rules.For(name), width);
    }

    /// <summary>Compares whole numbers.</summary>
    public ParityRow Compare(JsonElement json, string tensor, long[] ours)
    {
        string id = json.GetProperty("id").GetString()!;
        return Comparison.Integers(id, tensor, ours, reference.Tensors!.Integers($"{id}/{tensor}"));
    }

    /// <summary>A tensor that is shown and not computed here.</summary>
    public static ParityRow Shown(JsonElement json, string tensor, string why) => new(json.GetProperty("id").GetString()!, tensor, null, null, ParityVerdict.Informative, why);

    /// <summary>The tensors of a case, without its id.</summary>
    public static IEnumerable<string> Tensors(JsonElement json)
    {
        int prefix = json.GetProperty("id").GetString()!.Length + 1;
        return json.GetProperty("tensors").EnumerateArray().Select(tensor => tensor.GetString()![prefix..]);
    }

    /// <summary>A text field, or null.</summary>
    public static string? Text(JsonElement json, string field) => json.TryGetProperty(field, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>An option of a case, or null.</summary>
    public static JsonElement? Option(JsonElement json, string name) =>
        json.TryGetProperty("options", out JsonElement options) && options.ValueKind == JsonValueKind.Object && options.TryGetProperty(name, out JsonElement value) ? value : null;

    private static IEnumerable<string> Above(string folder)
    {
        for (DirectoryInfo? directory = new(folder); directory is not null; directory = directory.Parent)
            yield return directory.FullName;
    }
}
