using System.Numerics.Tensors;
using Polymodal.Providers.Local.Audio.Decoding;
using Polymodal.Providers.Local.Audio.Features;
using Polymodal.Providers.Local.Onnx;
using Polymodal.Providers.Local.Pooling;
using Polymodal.Providers.Local.Scheduling;

namespace Polymodal.Providers.Local.Audio;

/// <summary>Computes runs of sounds: one sound, or several padded ones, or the windows of a long one.</summary>
internal sealed class AudioRunner(AudioEncoder encoder, SoundHearing sounds, bool normalizes) : IBatchRunner<AudioItem, float[]>
{
    public void Run(ReadOnlySpan<AudioItem> items, int threads, Span<float[]> results, CancellationToken cancellationToken)
    {
        var limits = new RunLimits(threads, cancellationToken);
        var together = new List<int>();
        for (int i = 0; i < items.Length; i++)
        {
            AudioItem item = items[i];
            if (item.Long is { } source)
                results[i] = item.Submission.Naming(item.Index, () => EncodeLong(source, limits));
            else
                together.Add(i);
        }

        if (together is [var one])
        {
            AudioItem item = items[one];
            results[one] = item.Submission.Naming(item.Index, () => EncodeOne(item.Samples, limits));
        }
        else if (together.Count > 1)
        {
            var padded = new float[together.Count][];
            for (int i = 0; i < padded.Length; i++)
                padded[i] = items[together[i]].Samples;
            float[] vectors = encoder.Encode(encoder.Extractor.Extract(padded), limits);
            for (int i = 0; i < padded.Length; i++)
                results[together[i]] = vectors.AsSpan(i * encoder.Dimensions, encoder.Dimensions).ToArray();
        }

        if (!normalizes)
            return;
        foreach (float[] vector in results)
            L2.Normalize(vector, vector.Length);
    }

    // A model that hears a sound in parts gives a row for each; the sound's vector is their mean.
    private float[] EncodeOne(float[] samples, RunLimits limits)
    {
        AudioBatch batch = encoder.Extractor.Extract(samples);
        float[] rows = encoder.Encode(batch, limits);
        if (batch.Rows == 1)
            return rows;
        float[] mean = rows[..encoder.Dimensions];
        for (int row = 1; row < batch.Rows; row++)
            TensorPrimitives.Add(mean, rows.AsSpan(row * encoder.Dimensions, encoder.Dimensions), mean);
        TensorPrimitives.Divide(mean, batch.Rows, mean);
        return mean;
    }

    private float[] EncodeLong(SoundSource source, RunLimits limits)
    {
        using AudioReader reader = source.Open(sounds.Decoder);
        var windows = new SoundWindows(reader, sounds.SamplingRate, sounds.Plan);
        float[] sum = new float[encoder.Dimensions];
        double weight = 0;
        while (windows.TryNext(out SoundWindow window))
        {
            limits.CancellationToken.ThrowIfCancellationRequested();
            TensorPrimitives.MultiplyAdd(EncodeOne(sounds.Padded(window.Samples), limits), window.Samples.Length, sum, sum);
            weight += window.Samples.Length;
        }

        TensorPrimitives.Divide(sum, (float)weight, sum);
        return sum;
    }
}
