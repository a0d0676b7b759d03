using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Images;

namespace Polymodal.Benchmarks;

/// <summary>
/// Pictures: decoding and preprocessing by themselves, then bulk embedding against the bare ONNX Runtime session, the contenders taking turns within a round:
/// <c>-- images [--rounds 5]</c>.
/// </summary>
internal static class ImageComparison
{
    private const int Pictures = 96, Calls = 200;

    // Milliseconds that transformers' CLIPImageProcessor took for the same file, decoding included, the least of 60: tests/Fixtures/reference/image/README.md.
    private const double Recorded = 3.51;

    /// <summary>Runs both tables.</summary>
    public static async Task RunAsync(int rounds)
    {
        string root = RepositoryFolder(), model = Path.Combine(root, "models", "tf_efficientnet_lite0.in1k"), photo = Path.Combine(root, "tests", "Fixtures", "reference", "media", "images", "photo-china-640x480.jpg");
        Preprocessing(await File.ReadAllBytesAsync(photo), Path.Combine(root, "tests", "Fixtures", "reference", "image", "clip"), rounds);
        await BulkAsync(model, photo, rounds);
    }

    // 640 × 480 JPEG to a CLIP tensor, its parts, and as many threads as there are processors.
    private static void Preprocessing(byte[] file, string clip, int rounds)
    {
        using LocalImageModel model = LocalImageModel.Load(clip);
        ImageTransform transform = model.Folder.Transform;
        ImageDecodingOptions decoding = new ImageDecodingOptions().Renting();
        PixelBuffer decoded = ImageDecoder.Default.Decode(file, new());
        float[] planes = new float[3 * 224 * 224];
        void Once(float[] target)
        {
            PixelBuffer picture = ImageDecoder.Default.Decode(file, decoding);
            transform.Apply(picture, target);
            picture.Return();
        }

        Clock("decode alone", rounds, () => ImageDecoder.Default.Decode(file, decoding).Return());
        Clock("resize, crop, normalise alone", rounds, () => transform.Apply(decoded, planes));
        double least = Clock("both", rounds, () => Once(planes));
        Console.WriteLine(FormattableString.Invariant($"  to transformers' recorded {Recorded} ms (another machine): {least / Recorded:F2}"));
        double one = Rate(1, Calls * rounds, Once), all = Rate(Environment.ProcessorCount, Calls * rounds, Once);
        Console.WriteLine(FormattableString.Invariant($"  one thread {one:F0} pictures/s, {Environment.ProcessorCount} threads {all:F0} pictures/s: {all / one:F2} times"));
    }

    private static double Clock(string name, int rounds, Action once)
    {
        for (int warm = 0; warm < Calls; warm++)
            once();
        double[] times = new double[Calls * rounds];
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int call = 0; call < times.Length; call++)
        {
            long began = Stopwatch.GetTimestamp();
            once();
            times[call] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }

        long allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / times.Length;
        Array.Sort(times);
        Console.WriteLine(FormattableString.Invariant($"640 × 480 JPEG to a CLIP tensor, one thread, {name}: least {times[0]:F2} ms, median {times[times.Length / 2]:F2} ms; {allocated} bytes allocated a call beside the tensor ({3 * 224 * 224 * 4})"));
        return times[0];
    }

    private static double Rate(int threads, int calls, Action<float[]> once)
    {
        var buffers = new ThreadLocal<float[]>(() => new float[3 * 224 * 224]);
        long began = Stopwatch.GetTimestamp();
        Lanes(threads, calls, () => once(buffers.Value!));
        return calls / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static async Task BulkAsync(string folder, string photo, int rounds)
    {
        int threads = Environment.ProcessorCount;
        PixelBuffer pixels = ImageDecoder.Default.Decode(await File.ReadAllBytesAsync(photo), new());
        using var generator = new LocalImageEmbeddingGenerator(LocalImageModel.Load(folder), "benchmark");
        LocalImageModel model = (LocalImageModel)generator.GetService(typeof(LocalImageModel))!;
        float[] planes = model.Preprocess(pixels).Planes;
        string file = Path.Combine(folder, "onnx", "model.onnx"), output = model.Folder.Output.Name;
        using InferenceSession all = Open(file, threads), one = Open(file, 1);
        PixelBuffer[] pictures = [.. Enumerable.Repeat(pixels, Pictures)];
        var contenders = new (string Name, Func<Task> Run)[]
        {
            ("bare, batches of 32 on all threads", () => Do(() => Lanes(1, Pictures / 32, () => Run(all, planes, 32, output)))),
            ("bare, one picture a run, side by side", () => Do(() => Lanes(threads, Pictures, () => Run(one, planes, 1, output)))),
            ("ours, pixels to vectors", () => generator.GenerateAsync(pictures)),
        };
        var times = contenders.ToDictionary(contender => contender.Name, _ => new List<double>());
        // The first rounds warm up, and in them the plan is found.
        for (int round = -3; round < rounds; round++)
        {
            foreach ((string name, Func<Task> run) in contenders)
            {
                long began = Stopwatch.GetTimestamp();
                await run();
                if (round >= 0)
                    times[name].Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
            }
        }

        double[] median = [.. contenders.Select(contender => times[contender.Name].Order().ElementAt(rounds / 2))];
        for (int i = 0; i < median.Length; i++)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {contenders[i].Name,-40} {Pictures / median[i],8:F1} pictures/s  to batches of 32 {median[0] / median[i]:F2}, to the best bare plan {median[1] / median[i]:F3}"));
        Console.WriteLine($"plan: {model.Plan}");
    }

    private static void Run(InferenceSession session, float[] planes, int count, string output)
    {
        float[] batch = count == 1 ? planes : [.. Enumerable.Repeat(planes, count).SelectMany(values => values)];
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(batch, [count, 3, 224, 224]);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(options, [session.InputNames[0]], [input], [output]);
    }

    private static void Lanes(int lanes, int runs, Action run)
    {
        int next = -1;
        Thread[] threads = [.. Enumerable.Range(0, lanes).Select(_ => new Thread(() =>
        {
            while (Interlocked.Increment(ref next) < runs)
                run();
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
    }

    private static Task Do(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    private static InferenceSession Open(string file, int threads)
    {
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, IntraOpNumThreads = threads };
        // Threads that spin on when a run is over would take time from the next contender.
        options.AddSessionConfigEntry("session.force_spinning_stop", "1");
        return new InferenceSession(file, options);
    }

    private static string RepositoryFolder()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Polymodal.slnx")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException("Run this from a clone: pictures and models lie in it.");
    }
}
