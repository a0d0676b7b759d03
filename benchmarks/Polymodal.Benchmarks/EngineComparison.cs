using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Pooling;
using Polymodal.Providers.Local.Text;

namespace Polymodal.Benchmarks;

/// <summary>
/// The engine against the bare ONNX Runtime session, the contenders taking turns within a round, so that what else the machine does hits all of them:
/// <c>-- engine [--texts 600] [--rounds 5]</c>. Prints each as a ratio to the baseline of its table; medians over the rounds.
/// </summary>
internal sealed class EngineComparison : IDisposable
{
    private static readonly int Threads = Environment.ProcessorCount;
    private readonly int _rounds;
    private readonly string[] _texts;
    private readonly List<IDisposable> _owned = [];

    private EngineComparison(int texts, int rounds)
    {
        _rounds = rounds;
        _texts = Texts.Mix(texts, 5, 250, seed: 1);
    }

    /// <summary>Runs all tables.</summary>
    public static async Task RunAsync(int texts, int rounds)
    {
        Console.WriteLine($"{Environment.ProcessorCount} processors, all-MiniLM-L6-v2, {texts} texts of 5 to 250 words, {rounds} rounds");
        using var comparison = new EngineComparison(texts, rounds);
        await comparison.BulkAsync();
        await comparison.SingleAsync();
        await comparison.CallersAsync();
    }

    public void Dispose() => _owned.ForEach(owned => owned.Dispose());

    private async Task BulkAsync()
    {
        LocalTextEmbeddingGenerator fp32 = Generator(ModelWeights.Float32), int8 = Generator(ModelWeights.Int8);
        LocalTextModel model = Model(fp32);
        var tokenized = new TokenizedTexts(model.Tokenizer, _texts, "", model.MaxTokens, CancellationToken.None);
        BareSession all = Bare("model.onnx", Threads), one = Bare("model.onnx", 1), oneInt8 = Bare("model_int8.onnx", 1);
        int[] byLength = [.. Enumerable.Range(0, _texts.Length).OrderByDescending(text => tokenized.Lengths[text])];
        List<TextBatch> usual = Batches(tokenized, byLength.Chunk(32)), naive = Batches(tokenized, Enumerable.Range(0, _texts.Length).Chunk(32));
        await EnsureSameAnswerAsync(fp32, all, tokenized);
        foreach (LocalTextEmbeddingGenerator generator in (LocalTextEmbeddingGenerator[])[fp32, int8])
            await FindPlanAsync(generator);

        var contenders = new List<(string Name, Func<Task> Run)>
        {
            ("usual way: sorted batches of 32, one run on all threads, fp32", () => Do(() => all.RunAll(usual, 1))),
            ("naive: batches of 32 in input order, fp32", () => Do(() => all.RunAll(naive, 1))),
        };
        foreach (int budget in (int[])[128, 256, 512, 1_024])
        {
            List<TextBatch> batches = Batches(tokenized, SortedRuns.Plan(tokenized.Lengths, budget));
            contenders.Add(($"bare, {budget} tokens, {Threads} runs × 1 thread, fp32", () => Do(() => one.RunAll(batches, Threads))));
            contenders.Add(($"bare, {budget} tokens, {Threads} runs × 1 thread, int8", () => Do(() => oneInt8.RunAll(batches, Threads))));
            contenders.Add(($"bare, {budget} tokens, 1 run × {Threads} threads, fp32", () => Do(() => all.RunAll(batches, 1))));
        }

        contenders.Add(("ours, fp32", () => fp32.GenerateAsync(_texts)));
        contenders.Add(("ours, int8", () => int8.GenerateAsync(_texts)));
        Dictionary<string, double> seconds = await TakeTurnsAsync(contenders, _rounds);
        Table("bulk", seconds, contenders[0].Name, time => $"{_texts.Length / time:F0} texts/s");
        double Best(string weights) => seconds.Where(pair => pair.Key.StartsWith("bare", StringComparison.Ordinal) && pair.Key.EndsWith(weights, StringComparison.Ordinal)).Min(pair => pair.Value);
        Console.WriteLine(Invariant($"ours to the best bare plan: fp32 {Best("fp32") / seconds["ours, fp32"]:F3}, int8 {Best("int8") / seconds["ours, int8"]:F3}; to the usual way: fp32 {seconds[contenders[0].Name] / seconds["ours, fp32"]:F2}, int8 {seconds[contenders[0].Name] / seconds["ours, int8"]:F2}; to the naive loop: {seconds[contenders[1].Name] / seconds["ours, fp32"]:F2}"));
        Console.WriteLine($"plans: fp32 {model.Plan}; int8 {Model(int8).Plan}");
    }

    private async Task SingleAsync()
    {
        foreach (string weights in (string[])["fp32", "int8"])
        {
            LocalTextEmbeddingGenerator generator = Generator(ModelWeights.Parse(weights));
            BareSession bare = Bare(weights == "fp32" ? "model.onnx" : "model_int8.onnx", Threads);
            string[] text = Texts.Mix(1, 20, 20, seed: 2);
            TextBatch batch = new TokenizedTexts(Model(generator).Tokenizer, text, "", 256, CancellationToken.None).Batch([0], 0, false);
            Dictionary<string, double> seconds = await TakeTurnsAsync([("bare", () => Do(() => bare.Run(batch))), ("ours", () => generator.GenerateAsync(text))], 60 * _rounds);
            Table($"one text of 20 words, {weights}", seconds, "bare", time => Invariant($"{time * 1000:F3} ms"));
        }
    }

    private async Task CallersAsync()
    {
        const int Callers = 64;
        LocalTextEmbeddingGenerator generator = Generator(ModelWeights.Float32);
        string[] texts = Texts.Mix(Math.Max(_texts.Length, 10 * Callers), 20, 20, seed: 3);
        await generator.GenerateAsync(texts);
        double bulk = 0, single = 0;
        var latencies = new List<double>[Callers];
        for (int round = 0; round < _rounds; round++)
        {
            bulk += await TimeAsync(() => generator.GenerateAsync(texts));
            single += await TimeAsync(() => Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
            {
                latencies[caller] ??= [];
                for (int text = caller; text < texts.Length; text += Callers)
                    latencies[caller].Add(await TimeAsync(() => generator.GenerateAsync([texts[text]])));
            }))));
        }

        double mean = latencies.SelectMany(own => own).Average(), worst = latencies.Max(own => own.Order().ElementAt((int)(0.99 * (own.Count - 1))));
        Console.WriteLine(Invariant($"{Callers} callers of one text of 20 words: {bulk / single:F3} of the bulk rate ({_rounds * texts.Length / bulk:F0} texts/s); mean {mean * 1000:F1} ms, slowest caller's p99 {worst / mean:F2} × mean"));
    }

    private LocalTextEmbeddingGenerator Generator(ModelWeights weights) =>
        Own(new LocalTextEmbeddingGenerator(LocalTextModel.Load(BenchmarkModel.Folder, new() { Weights = weights }), "benchmark"));

    private BareSession Bare(string file, int threads) => Own(new BareSession(Path.Combine(BenchmarkModel.Folder, "onnx", file), threads));

    private T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    private static LocalTextModel Model(LocalTextEmbeddingGenerator generator) => (LocalTextModel)generator.GetService(typeof(LocalTextModel))!;

    private static List<TextBatch> Batches(TokenizedTexts tokenized, IEnumerable<int[]> runs) => [.. runs.Select(run => tokenized.Batch(run, padId: 0, padLeft: false))];

    private static Task Do(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    private static async Task<double> TimeAsync(Func<Task> run)
    {
        long began = Stopwatch.GetTimestamp();
        await run();
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    // One round to warm up.
    private static async Task<Dictionary<string, double>> TakeTurnsAsync(IReadOnlyList<(string Name, Func<Task> Run)> contenders, int rounds)
    {
        var times = contenders.ToDictionary(contender => contender.Name, _ => new List<double>());
        for (int round = -1; round < rounds; round++)
        {
            foreach ((string name, Func<Task> run) in contenders)
            {
                double seconds = await TimeAsync(run);
                if (round >= 0)
                    times[name].Add(seconds);
            }
        }

        return times.ToDictionary(pair => pair.Key, pair => pair.Value.Order().ElementAt(pair.Value.Count / 2));
    }

    private static void Table(string name, Dictionary<string, double> seconds, string baseline, Func<double, string> unit)
    {
        Console.WriteLine($"\n{name}");
        foreach ((string contender, double time) in seconds)
            Console.WriteLine(Invariant($"  {contender,-66} {unit(time),14}  time {time / seconds[baseline]:F3}  rate {seconds[baseline] / time:F2}"));
    }

    private async Task EnsureSameAnswerAsync(LocalTextEmbeddingGenerator generator, BareSession bare, TokenizedTexts tokenized)
    {
        int[] some = [.. Enumerable.Range(0, Math.Min(60, _texts.Length))];
        var ours = await generator.GenerateAsync(some.Select(text => _texts[text]));
        foreach (int text in some)
        {
            TextBatch batch = tokenized.Batch([text], padId: 0, padLeft: false);
            bare.Run(batch, (hidden, width) =>
            {
                float[] pooled = new float[width];
                Pool.By(PoolingMode.Mean, hidden, batch.AttentionMask, width, pooled);
                if (!(TensorPrimitives.CosineSimilarity(pooled, ours[text].Vector.Span) > 0.99999f))
                    throw new InvalidOperationException($"Text {text}: the two sides do not compute the same.");
            });
        }
    }

    // The first work of a model finds its plan; what is timed comes after it.
    private async Task FindPlanAsync(LocalTextEmbeddingGenerator generator)
    {
        bool found = false;
        LocalTextModel model = Model(generator);
        model.PlanFound = _ => found = true;
        int rounds = 0;
        for (; !Volatile.Read(ref found); rounds++)
            await generator.GenerateAsync(_texts);
        Console.WriteLine($"plan found after {rounds} rounds: {model.Plan}");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
