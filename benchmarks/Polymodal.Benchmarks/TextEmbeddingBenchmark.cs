using System.Numerics.Tensors;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Engines;
using Microsoft.Extensions.AI;
using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Pooling;
using Polymodal.Providers.Local.Text;

namespace Polymodal.Benchmarks;

/// <summary>
/// What tokenizing, planning, pooling and wrapping cost on top of the model: 1,000 sentences through the generator, against the bare
/// ONNX Runtime session, with its inputs made beforehand, on the same runs.
/// </summary>
#pragma warning disable CA1001 // GlobalCleanup disposes.
[MemoryDiagnoser]
[SimpleJob(RunStrategy.Monitoring, warmupCount: 1, iterationCount: 9)]
public class TextEmbeddingBenchmark
#pragma warning restore CA1001
{
    private const int Count = 1_000;
    private const int TokensPerRun = 512;
    private string[] _texts = [];
    private List<(int[] Texts, TextBatch Batch)> _runs = [];
    private BareSession _session = null!;
    private LocalTextEmbeddingGenerator _generator = null!;

    /// <summary>The weight file.</summary>
    [Params("fp32", "int8")]
    public string Weights { get; set; } = "fp32";

    [GlobalSetup]
    public void Setup()
    {
        var options = new LocalTextEmbeddingOptions { Weights = ModelWeights.Parse(Weights), TokensPerRun = TokensPerRun, RunsSideBySide = 1 };
        _texts = Sentences.Take(Count);
        var model = LocalTextModel.Load(BenchmarkModel.Folder, options);
        _generator = new LocalTextEmbeddingGenerator(model, "benchmark");
        _session = new BareSession(Path.Combine(BenchmarkModel.Folder, "onnx", Weights == "fp32" ? "model.onnx" : "model_int8.onnx"), Environment.ProcessorCount);

        var tokenized = new TokenizedTexts(model.Tokenizer, _texts, "", model.MaxTokens, CancellationToken.None);
        _runs = [.. SortedRuns.Plan(tokenized.Lengths, TokensPerRun).Select(run => (run, tokenized.Batch(run, padId: 0, padLeft: false)))];
        EnsureSameAnswer();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _generator.Dispose();
        _session.Dispose();
    }

    /// <summary>The session alone.</summary>
    [Benchmark(Baseline = true)]
    public int BareSession()
    {
        foreach ((_, TextBatch batch) in _runs)
            _session.Run(batch);
        return _runs.Count;
    }

    /// <summary>Everything before the model: tokenizing, planning the runs, padding them.</summary>
    [Benchmark]
    public int Preparing()
    {
        LocalTextModel model = (LocalTextModel)_generator.GetService(typeof(LocalTextModel))!;
        var tokenized = new TokenizedTexts(model.Tokenizer, _texts, "", model.MaxTokens, CancellationToken.None);
        return SortedRuns.Plan(tokenized.Lengths, TokensPerRun).Sum(run => tokenized.Batch(run, padId: 0, padLeft: false).InputIds.Length);
    }

    /// <summary>From text to vectors.</summary>
    [Benchmark]
    public async Task<int> Generator() => (await _generator.GenerateAsync(_texts)).Count;

    private void EnsureSameAnswer()
    {
        float[][] ours = [.. _generator.GenerateAsync(_texts).GetAwaiter().GetResult().Select(embedding => embedding.Vector.ToArray())];
        foreach ((int[] texts, TextBatch batch) in _runs)
        {
            _session.Run(batch, (hidden, width) =>
            {
                float[] pooled = new float[texts.Length * width];
                Pool.By(PoolingMode.Mean, hidden, batch.AttentionMask, width, pooled);
                for (int row = 0; row < texts.Length; row++)
                {
                    float cosine = TensorPrimitives.CosineSimilarity(pooled.AsSpan(row * width, width), ours[texts[row]]);
                    if (!(cosine > 0.9999f))
                        throw new InvalidOperationException($"Text {texts[row]} has cosine {cosine} to the bare session's vector: the two sides do not compute the same.");
                }
            });
        }
    }
}
