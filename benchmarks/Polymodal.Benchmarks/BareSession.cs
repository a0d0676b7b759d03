using Microsoft.ML.OnnxRuntime;
using Polymodal.Providers.Local.Text;

namespace Polymodal.Benchmarks;

/// <summary>ONNX Runtime alone, on inputs made beforehand.</summary>
internal sealed class BareSession(string file, int threads) : IDisposable
{
    private static readonly string[] Names = ["input_ids", "attention_mask", "token_type_ids"];
    private readonly InferenceSession _session = Open(file, threads);

    /// <summary>Runs one batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="read">Gets the token embeddings and their length; null to throw them away.</param>
    public void Run(TextBatch batch, Action<float[], int>? read = null)
    {
        long[] shape = [batch.Count, batch.SequenceLength];
        using OrtValue ids = OrtValue.CreateTensorValueFromMemory(batch.InputIds, shape);
        using OrtValue mask = OrtValue.CreateTensorValueFromMemory(batch.AttentionMask, shape);
        using OrtValue types = OrtValue.CreateTensorValueFromMemory(batch.TokenTypeIds, shape);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = _session.Run(options, Names, [ids, mask, types], ["last_hidden_state"]);
        read?.Invoke(results[0].GetTensorDataAsSpan<float>().ToArray(), (int)results[0].GetTensorTypeAndShape().Shape[2]);
    }

    /// <summary>Runs batches, several side by side.</summary>
    /// <param name="batches">The batches.</param>
    /// <param name="lanes">How many at a time, each on a thread of its own.</param>
    public void RunAll(IReadOnlyList<TextBatch> batches, int lanes)
    {
        int next = -1;
        Thread[] threads = [.. Enumerable.Range(0, lanes).Select(_ => new Thread(() =>
        {
            for (int batch; (batch = Interlocked.Increment(ref next)) < batches.Count;)
                Run(batches[batch]);
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
    }

    public void Dispose() => _session.Dispose();

    private static InferenceSession Open(string file, int threads)
    {
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, IntraOpNumThreads = threads };
        return new InferenceSession(file, options);
    }
}
