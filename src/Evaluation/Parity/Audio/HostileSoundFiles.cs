using System.Diagnostics;
using System.Text.Json;
using Polymodal.Providers.Local.Audio.Decoding;

namespace Polymodal.Evaluation.Parity.Audio;

/// <summary>Broken and malicious sounds: <c>hostile.json</c>, one case a file. A clear error, or what is really there; never a hang, nor memory that a header claims.</summary>
/// <param name="reference">The record.</param>
internal sealed class HostileSoundFiles(Reference reference)
{
    // All files are small; what reads them needs a few buffers of 64 kB. A slow machine that starts ffmpeg needs seconds, and ffmpeg is ended after 30 s.
    private const long MostMemory = 64 << 20;
    private static readonly TimeSpan MostTime = TimeSpan.FromMinutes(2);
    private static readonly string[] Sounds = [".wav", ".mp3", ".flac", ".ogg", ".opus", ".m4a", ".aiff", ".au"];
    private static readonly AudioDecoder Decoder = new();

    public static bool Reads(Reference reference) =>
        reference.Json.TryGetProperty("files", out JsonElement files) && files.ValueKind == JsonValueKind.Array &&
        files.EnumerateArray().All(json => json.TryGetProperty("expect", out _) && json.TryGetProperty("file", out JsonElement file) && Sounds.Contains(Path.GetExtension(file.GetString())));

    public IReadOnlyList<ParityCase> Cases() => [.. reference.Json.GetProperty("files").EnumerateArray().Select(json =>
    {
        string file = json.GetProperty("file").GetString()!;
        return new ParityCase(file, null, () => [Compare(file, json.GetProperty("expect").GetString()!)]);
    })];

    private ParityRow Compare(string file, string expect)
    {
        long began = Stopwatch.GetTimestamp(), before = GC.GetAllocatedBytesForCurrentThread();
        (long? frames, string? error, bool isClear) = Read(Path.Combine(reference.Folder, file));
        TimeSpan took = Stopwatch.GetElapsedTime(began);
        long memory = GC.GetAllocatedBytesForCurrentThread() - before;
        string found = error ?? $"{frames} frames";
        string? wrong = !isClear ? "not a clear error"
            : took > MostTime ? $"it took {took.TotalSeconds:0} s"
            : memory > MostMemory ? $"{memory} bytes were asked for"
            : expect switch
            {
                "error" => error is null ? "an error is expected" : null,
                "empty-or-error" => frames > 0 ? "no frames, or an error, are expected" : null,
                "error-or-partial" => null,
                _ => $"expect '{expect}' is not known",
            };
        return new ParityRow(file, expect, null, null, wrong is null ? ParityVerdict.Pass : ParityVerdict.Fail, wrong is null ? found : $"{wrong}: {found}");
    }

    private static (long? Frames, string? Error, bool IsClear) Read(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            using AudioReader reader = Decoder.Open(stream);
            float[] block = new float[Math.Max(8_192, reader.Channels)];
            long frames = 0;
            while (reader.Read(block) is var read and > 0)
                frames += read;
            return (frames, null, true);
        }
        catch (Exception exception) when (exception is InvalidDataException or NotSupportedException)
        {
            return (null, exception.Message, true);
        }
#pragma warning disable CA1031 // Any other error is what this case looks for.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return (null, exception.ToString(), false);
        }
    }
}
