using System.Diagnostics;
using System.Globalization;
using Polymodal.Providers.Local.Audio;
using Polymodal.Providers.Local.Audio.Decoding;
using Polymodal.Providers.Local.Audio.Features;
using Polymodal.Providers.Local.Audio.Signal;
using Polymodal.Providers.Local.Audio.Transcription;
using Polymodal.Providers.Local.Models;
using Polymodal.Tests;

namespace Polymodal.Benchmarks;

/// <summary>Sounds on one thread: resampling, what models hear, transcription, and the memory of a long file: <c>-- audio [--rounds 5]</c>.</summary>
internal static class AudioComparison
{
    private const int Rate = 16_000;

    /// <summary>Runs all tables.</summary>
    public static async Task RunAsync(int rounds)
    {
        string whisper = Repository.PathOf("models/whisper-tiny.en");
        Signal(whisper, rounds);
        await TranscriptionAsync(whisper, rounds);
        await MemoryAsync();
    }

    private static void Signal(string whisper, int rounds)
    {
        float[] Noise(int count)
        {
            var random = new Random(1);
            return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.5f) / 2)];
        }

        FeatureExtractor Extractor(string folder) => FeatureExtractor.Read(new ModelFolder(folder), new AudioModelConfig(), known: null);
        FeatureExtractor logMel = Extractor(whisper), clap = Extractor(Repository.Reference("audio/clap-unfused")), ast = Extractor(Repository.Reference("audio/ast"));
        FeatureExtractor seamless = Extractor(Repository.Reference("audio/wav2vec2-bert")), raw = Extractor(Repository.Reference("audio/wav2vec2-group"));
        float[] music = Noise(441_000), half = Noise(30 * Rate), ten = Noise(10 * Rate), wide = Noise(480_000);
        byte[] wave = Wave(Noise(882_000), 44_100, 2);
        (string Name, double Recorded, Action Run)[] works =
        [
            ("10 s, 44.1 to 16 kHz, torchaudio's default filter", 1.78, () => Resampler.Resample(music, 44_100, Rate)),
            ("the same, Kaiser best", 7.36, () => Resampler.Resample(music, 44_100, Rate, SincFilterKind.KaiserBest)),
            ("Whisper log-mel of 30 s", 7.96, () => logMel.Extract(half)),
            ("CLAP mel of 10 s at 48 kHz", 19.61, () => clap.Extract(wide)),
            ("AST filter banks of 10 s", 4.38, () => ast.Extract(ten)),
            ("SeamlessM4T filter banks of 10 s", 15.92, () => seamless.Extract(ten)),
            ("wav2vec2, 30 s to zero mean and unit variance", 1.73, () => raw.Extract(half)),
            ("WAV 16-bit stereo of 10 s at 44.1 kHz, from memory", 1.30, () => Decode(wave)),
        ];
        // The yardstick is taken before and behind each row, so that a machine that slows down is seen in both.
        using var machine = new MachineSpeed();
        List<(string Name, double Recorded, List<double> Times)> measured = [];
        foreach ((string name, double recorded, Action run) in works)
        {
            measured.Add((name, recorded, Time(run, rounds)));
            machine.Measure();
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"yardstick (bare ONNX Runtime, MiniLM in float32, one thread): this processor takes {machine.Factor:F2} times as long as the recorded one; calibrated: ratio / {machine.Factor:F2}"));
        foreach ((string name, double recorded, List<double> times) in measured)
        {
            double ratio = times[0] / recorded;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name,-52} least {times[0],7:F2} ms, median {times[times.Count / 2],7:F2} ms; recorded of Python {recorded,6:F2} ms: ratio {ratio:F2}, calibrated {ratio / machine.Factor:F2}"));
        }
    }

    private static async Task TranscriptionAsync(string whisper, int rounds)
    {
        using WhisperSpeechToTextClient client = WhisperSpeechToTextClient.Load(whisper, new() { Threads = 1 });
        // What one voice says has no sentence twice; text that repeats itself is heard again, at other temperatures.
        byte[][] all = [.. Directory.GetFiles(Repository.PathOf("models/speech"), "*.wav").Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
        await TranscribeAsync(client, "one sentence", [Speech(1, "slt")], rounds);
        await TranscribeAsync(client, "four sentences", [Speech(4, "slt")], rounds);
        await TranscribeAsync(client, "twelve sentences in two windows", [Speech(4, "slt", "awb", "rms")], rounds);
        await TranscribeAsync(client, $"all {all.Length} recordings of the model's record, one by one", all, Math.Min(rounds, 2));
    }

    private static async Task TranscribeAsync(WhisperSpeechToTextClient client, string name, byte[][] files, int rounds)
    {
        double seconds = files.Sum(file => (file.Length - 44) / 2.0 / Rate);
        var times = new List<double>();
        for (int round = -1; round < rounds; round++)
        {
            long began = Stopwatch.GetTimestamp();
            foreach (byte[] file in files)
            {
                using var stream = new MemoryStream(file);
                await client.GetTextAsync(stream);
            }

            if (round >= 0)
                times.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
        }

        times.Sort();
        double median = times[rounds / 2];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"transcribing {name}, {seconds:F1} s, one thread: least {times[0]:F2} s, median {median:F2} s, {seconds / median:F1} × real time"));
    }

    // Peak of the managed heap while a file is cut into windows, by its length.
    private static async Task MemoryAsync()
    {
        foreach (int minutes in new[] { 1, 60 })
        {
            string path = Path.Combine(Path.GetTempPath(), $"polymodal-{Guid.NewGuid():N}.wav");
            try
            {
                await File.WriteAllBytesAsync(path, Wave(new float[minutes * 60 * 44_100], 44_100, 1));
                GC.Collect();
                long before = GC.GetTotalMemory(forceFullCollection: true), peak = 0;
                using FileStream stream = File.OpenRead(path);
                using AudioReader reader = new AudioDecoder().Open(stream);
                var windows = new SoundWindows(reader, Rate, new WindowPlan(30 * Rate, 30 * Rate, 1));
                long began = Stopwatch.GetTimestamp();
                while (windows.TryNext(out _))
                    peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: true) - before);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{minutes} min at 44.1 kHz in windows of 30 s: {Stopwatch.GetElapsedTime(began).TotalSeconds:F2} s, {peak / 1048576.0:F1} MB of managed memory at most"));
            }
            finally
            {
                File.Delete(path);
            }
        }
    }

    private static List<double> Time(Action run, int rounds)
    {
        const int calls = 40;
        for (int warm = 0; warm < calls; warm++)
            run();
        var times = new List<double>();
        for (int call = 0; call < calls * rounds; call++)
        {
            long began = Stopwatch.GetTimestamp();
            run();
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        times.Sort();
        return times;
    }

    private static void Decode(byte[] file)
    {
        using AudioReader reader = new AudioDecoder().Open(new MemoryStream(file));
        AudioSamples.ReadAll(reader);
    }

    private static byte[] Speech(int sentences, params string[] voices)
    {
        IEnumerable<string> files = voices.SelectMany(voice => Directory.GetFiles(Repository.PathOf("models/speech"), $"flite-{voice}-*.wav").Order(StringComparer.Ordinal).Take(sentences));
        return Wave([.. files.SelectMany(file =>
        {
            using FileStream stream = File.OpenRead(file);
            using AudioReader reader = new AudioDecoder().Open(stream);
            return AudioSamples.ReadAll(reader).Samples.ToArray();
        })], Rate, 1);
    }

    private static byte[] Wave(float[] samples, int rate, short channels)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("RIFF"u8);
        writer.Write(36 + (2 * samples.Length));
        writer.Write("WAVEfmt "u8);
        writer.Write(16);
        writer.Write((short)1);
        writer.Write(channels);
        writer.Write(rate);
        writer.Write(rate * channels * 2);
        writer.Write((short)(channels * 2));
        writer.Write((short)16);
        writer.Write("data"u8);
        writer.Write(2 * samples.Length);
        foreach (float sample in samples)
            writer.Write((short)(sample * 32_767));
        return stream.ToArray();
    }
}
