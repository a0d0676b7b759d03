using System.Diagnostics;
using Polymodal.Providers.Local.Text;

namespace Polymodal.Benchmarks;

/// <summary>
/// How long this processor takes for what the one took on which Python's times were recorded: ONNX Runtime alone, on one thread, with all-MiniLM-L6-v2 in float32, on batches of 32
/// sentences. There, 1,000 sentences (31,544 tokens with padding) took 5.26 s at least.
/// </summary>
internal sealed class MachineSpeed : IDisposable
{
    private const double Recorded = 5.26 / 31_544;
    private const int Sentences = 32, Tokens = 32, Batches = 10, ClassToken = 101, Separator = 102;
    private readonly BareSession _session = new(Path.Combine(BenchmarkModel.Folder, "onnx", "model.onnx"), threads: 1);
    private readonly TextBatch _batch = new(Sentences, Tokens);

    public MachineSpeed()
    {
        var random = new Random(1);
        for (int place = 0; place < _batch.InputIds.Length; place++)
            _batch.InputIds[place] = (place % Tokens) switch { 0 => ClassToken, Tokens - 1 => Separator, _ => random.Next(2_000, 20_000) };
        _batch.AttentionMask.AsSpan().Fill(1);
        Measure();
    }

    /// <summary>The least of all measurements: 1 for a processor as fast as the recorded one, 2 for one that takes twice as long.</summary>
    public double Factor { get; private set; } = double.PositiveInfinity;

    /// <summary>Measures again, best beside what is compared.</summary>
    public void Measure()
    {
        for (int run = 0; run < Batches; run++)
        {
            long began = Stopwatch.GetTimestamp();
            _session.Run(_batch);
            Factor = Math.Min(Factor, Stopwatch.GetElapsedTime(began).TotalSeconds / _batch.InputIds.Length / Recorded);
        }
    }

    public void Dispose() => _session.Dispose();
}
