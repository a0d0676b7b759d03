using Polymodal.Providers.Local.Onnx;
using Polymodal.Providers.Local.Scheduling;

namespace Polymodal.Providers.Local.Text;

/// <summary>Computes runs of texts: pads them to the longest of the run and gives each its vector.</summary>
internal sealed class TextRunner : IBatchRunner<TextItem, float[]>
{
    // A run has few shapes a length, so such a model has some thousand at most, of which the runtime keeps some kilobytes each.
    private const int MostTokensOfRepeatedShapes = 1_024;

    public void Run(ReadOnlySpan<TextItem> items, int threads, Span<float[]> results, CancellationToken cancellationToken)
    {
        TextSubmission submission = items[0].Submission;
        TextBatch batch = Pad(items, submission, new RunLimits(threads, cancellationToken) { ShapesRepeat = submission.Chain.Encoder.MaxTokens <= MostTokensOfRepeatedShapes });
        ReadOnlySpan<float> vectors = submission.Chain.Run(batch, submission.PromptTokens);
        int width = vectors.Length / items.Length;
        for (int row = 0; row < items.Length; row++)
            results[row] = vectors.Slice(row * width, width).ToArray();
    }

    private static TextBatch Pad(ReadOnlySpan<TextItem> items, TextSubmission submission, RunLimits limits)
    {
        TextEncoder encoder = submission.Chain.Encoder;
        int sequence = encoder.FixedLength ?? 0;
        foreach (TextItem item in items)
            sequence = Math.Max(sequence, item.Length);
        var batch = new TextBatch(items.Length, sequence) { Intent = submission.Intent, Limits = limits };
        batch.InputIds.AsSpan().Fill(encoder.PadId);
        for (int row = 0; row < items.Length; row++)
            items[row].Tokens.CopyTo(items[row].Text, batch, row, encoder.PadsLeft);
        return batch;
    }
}
