using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Polymodal.Providers.Local.Audio.Decoding;

namespace Polymodal.Evaluation.Parity.Audio;

/// <summary>Recorded sounds in many containers: <c>sounds.json</c>, one case a file. Lossless ones must agree in every bit.</summary>
/// <param name="reference">The record.</param>
internal sealed class SoundFiles(Reference reference)
{
    // What two versions of one decoder of a lossy format may differ by, beside what the record says two decoders differ by: a few steps of 16 bits.
    private const double Versions = 1e-4;

    private static readonly AudioDecoder Decoder = new();

    public static bool Reads(Reference reference) =>
        reference.Json.TryGetProperty("sounds", out JsonElement sounds) && sounds.ValueKind == JsonValueKind.Array && sounds.EnumerateArray().All(json => json.TryGetProperty("lossless", out _));

    public IReadOnlyList<ParityCase> Cases() => [.. reference.Json.GetProperty("sounds").EnumerateArray().Select(json =>
    {
        string file = json.GetProperty("file").GetString()!;
        return IsReadHere(reference, file) ? new ParityCase(file, null, () => Compare(file, json)) : ParityCase.Unsupported(file, "it is read by the program ffmpeg, which was not found");
    })];

    /// <summary>Whether a file can be read on this machine at all.</summary>
    internal static bool IsReadHere(Reference reference, string file)
    {
        if (Decoder.FfmpegPath is not null)
            return true;
        using FileStream stream = File.OpenRead(Path.Combine(reference.Folder, file));
        try
        {
            Decoder.Open(stream).Dispose();
            return true;
        }
        catch (NotSupportedException)
        {
            return false;
        }
        catch (InvalidDataException)
        {
            return true;
        }
    }

    private List<ParityRow> Compare(string file, JsonElement json)
    {
        using FileStream stream = File.OpenRead(Path.Combine(reference.Folder, file));
        using AudioReader reader = Decoder.Open(stream);
        AudioSamples sound = AudioSamples.ReadAll(reader);
        bool isLossless = json.GetProperty("lossless").GetBoolean();
        long Number(string name, string otherwise) => (!isLossless && json.TryGetProperty(name, out JsonElement value) ? value : json.GetProperty(otherwise)).GetInt64();
        // Of a lossy format the record has, where two decoders differ, the answer of either.
        long rate = Number("ffmpeg_rate", "rate"), frames = Number("ffmpeg_frames", "frames");
        var rows = new List<ParityRow>
        {
            Comparison.Integers(file, "rate, channels, frames", [sound.SamplingRate, sound.Channels, sound.Frames], [rate, json.GetProperty("channels").GetInt64(), frames]),
        };
        if (isLossless && frames > 0)
            rows.Add(Exact(file, sound, json.GetProperty("sha256_float32_interleaved").GetString()!));
        else if (!isLossless)
            rows.AddRange(rate == json.GetProperty("rate").GetInt64() ? Lossy(file, sound, json) : [new ParityRow(file, "samples", null, null, ParityVerdict.Informative, "the record's decoder gives another rate")]);
        return rows;
    }

    private static ParityRow Exact(string file, AudioSamples sound, string recorded)
    {
        bool isEqual = Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(sound.Samples.Span))) == recorded;
        return new ParityRow(file, "samples", isEqual ? 0 : null, null, isEqual ? ParityVerdict.Pass : ParityVerdict.Fail, isEqual ? null : "the bits of all samples have another hash");
    }

    private IEnumerable<ParityRow> Lossy(string file, AudioSamples sound, JsonElement json)
    {
        double apart = json.TryGetProperty("ffmpeg_max_difference", out JsonElement difference) && difference.ValueKind == JsonValueKind.Number ? difference.GetDouble() : 0;
        var rule = new ComparisonRule(apart + Versions, null, null, Informative: false);
        int[] positions = [.. json.GetProperty("positions").EnumerateArray().Select(position => position.GetInt32())];
        yield return At(file, "samples", sound, positions, [.. json.GetProperty("samples").EnumerateArray().SelectMany(frame => frame.EnumerateArray().Select(value => value.GetSingle()))], rule);
        foreach (string name in reference.Tensors?.Names.Where(name => name.StartsWith(file + '/', StringComparison.Ordinal)) ?? [])
        {
            string tensor = name[(file.Length + 1)..];
            int count = reference.Tensors!.Shape(name)[0];
            int stride = tensor == "strided" ? json.GetProperty("stride").GetInt32() : 1, first = tensor == "strided" ? 0 : int.Parse(tensor.AsSpan(tensor.LastIndexOf('_') + 1), CultureInfo.InvariantCulture);
            yield return At(file, tensor, sound, [.. Enumerable.Range(0, count).Select(i => first + (i * stride))], reference.Tensors.Floats(name), rule);
        }
    }

    // Frames that only one of two decoders gives are not compared.
    private static ParityRow At(string file, string tensor, AudioSamples sound, int[] frames, float[] recorded, ComparisonRule rule)
    {
        int count = frames.Count(frame => frame < sound.Frames), channels = sound.Channels;
        float[] ours = [.. frames.Take(count).SelectMany(frame => sound.Samples.Slice(frame * channels, channels).ToArray())];
        return Comparison.Floats(file, tensor, ours, recorded.AsSpan(0, Math.Min(recorded.Length, ours.Length)), rule);
    }
}
