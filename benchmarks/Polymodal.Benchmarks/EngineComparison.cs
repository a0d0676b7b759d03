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
/// <c>-- engine [--texts 600] [--rounds 5]</c>. Prints each as a ratio to the baseline of its table.
/// </summary>
internal sealed class EngineComparison : IDisposable
{
    private static readonly int Threads = Environment.ProcessorCount;
    // A list's end, at which a lane has nothing left to do, is paid that often; a turn is short enough to fall beside most of what else the machine does.
    private const int Parts = 4;
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
        BareSession all = Bare("model.onnx", Threads), one = Bare("model.onnx", 1), oneInt8 = Bare("model_int8.onnx", 1);
        await EnsureSameAnswerAsync(fp32, all);
        foreach (LocalTextEmbeddingGenerator generator in (LocalTextEmbeddingGenerator[])[fp32, int8])
            await FindPlanAsync(generator);

        var tokenized = new TokenizedTexts(model.Tokenizer, _texts, "", model.MaxTokens, CancellationToken.None);
        int[] byLength = [.. Enumerable.Range(0, _texts.Length).OrderByDescending(text => tokenized.Lengths[text])];
        Contender Runs(string name, BareSession session, int lanes, IEnumerable<int[]> plan)
        {
            List<TextBatch> runs = Batches(tokenized, plan);
            return new(name, part => Do(() => session.RunAll([.. runs.Where((_, run) => run % Parts == part)], lanes)));
        }

        Contender Ours(string name, LocalTextEmbeddingGenerator generator) => new(name, part => generator.GenerateAsync(_texts.Where((_, text) => text % Parts == part)));

        Contender usual = Runs("usual way: sorted batches of 32, one run on all threads, fp32", all, 1, byLength.Chunk(32));
        Contender naive = Runs("naive: batches of 32 in input order, fp32", all, 1, Enumerable.Range(0, _texts.Length).Chunk(32));
        List<Contender> bare = [.. from budget in (int[])[128, 256, 512, 1_024]
                                   let plan = SortedRuns.Plan(tokenized.Lengths, budget)
                                   from contender in (Contender[])
                                   [
                                       Runs($"bare, {budget} tokens, {Threads} runs × 1 thread, fp32", one, Threads, plan),
                                       Runs($"bare, {budget} tokens, {Threads} runs × 1 thread, int8", oneInt8, Threads, plan),
                                       Runs($"bare, {budget} tokens, 1 run × {Threads} threads, fp32", all, 1, plan),
                                   ]
                                   select contender];
        Dictionary<string, Times> first = await Contest.RunAsync(bare, Parts, rounds: 1, warmUps: 1);
        foreach (Contender slow in bare.Where(contender => first[contender.Name].Least > 1.15 * Best(first, contender.Name[^4..], time => time.Least)).ToArray())
        {
            Console.WriteLine(Invariant($"left out after the first round: {slow.Name}, {first[slow.Name].Least / Best(first, slow.Name[^4..], time => time.Least):F2} × the time of the best"));
            bare.Remove(slow);
        }

        Dictionary<string, Times> seconds = await Contest.RunAsync([usual, naive, .. bare, Ours("ours, fp32", fp32), Ours("ours, int8", int8)], Parts, _rounds);
        Contest.Print("bulk", seconds, usual.Name, time => $"{_texts.Length / time:F0} texts/s");
        foreach ((string name, Func<Times, double> of) in (ReadOnlySpan<(string, Func<Times, double>)>)[("least times", time => time.Least), ("medians", time => time.Median)])
        {
            double fp32Time = of(seconds["ours, fp32"]), int8Time = of(seconds["ours, int8"]);
            Console.WriteLine(Invariant($"{name}: ours to the best bare plan: fp32 {Best(seconds, "fp32", of) / fp32Time:F3}, int8 {Best(seconds, "int8", of) / int8Time:F3}; ") +
                Invariant($"to the usual way: fp32 {of(seconds[usual.Name]) / fp32Time:F2}, int8 {of(seconds[usual.Name]) / int8Time:F2}; to the naive loop: {of(seconds[naive.Name]) / fp32Time:F2}"));
        }

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
            Dictionary<string, Times> seconds = await Contest.RunAsync([new("bare", _ => Do(() => bare.Run(batch))), new("ours", _ => generator.GenerateAsync(text))], 1, 4 * _rounds, warmUps: 1, calls: 25);
            Contest.Print($"one text of 20 words, {weights}", seconds, "bare", time => Invariant($"{time * 1000:F3} ms"));
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
            bulk += await Contest.TimeAsync(() => generator.GenerateAsync(texts));
            single += await Contest.TimeAsync(() => Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
            {
                latencies[caller] ??= [];
                for (int text = caller; text < texts.Length; text += Callers)
                    latencies[caller].Add(await Contest.TimeAsync(() => generator.GenerateAsync([texts[text]])));
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

    private static double Best(Dictionary<string, Times> seconds, string weights, Func<Times, double> of) =>
        seconds.Where(pair => pair.Key.StartsWith("bare", StringComparison.Ordinal) && pair.Key.EndsWith(weights, StringComparison.Ordinal)).Min(pair => of(pair.Value));

    private async Task EnsureSameAnswerAsync(LocalTextEmbeddingGenerator generator, BareSession bare)
    {
        int[] some = [.. Enumerable.Range(0, Math.Min(60, _texts.Length))];
        LocalTextModel model = Model(generator);
        var tokenized = new TokenizedTexts(model.Tokenizer, _texts[..some.Length], "", model.MaxTokens, CancellationToken.None);
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
