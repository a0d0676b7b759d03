using System.Numerics.Tensors;
using Polymodal.Providers.Local.Pooling;

namespace Polymodal.Providers.Local.Audio;

/// <summary>Makes one vector of the frames of a sound.</summary>
internal static class FramePooling
{
    /// <summary>Vectors of a frame's length that a pooling gives.</summary>
    public static int Parts(AudioPooling pooling) => pooling == AudioPooling.MeanAndDeviation ? 2 : 1;

    /// <summary>Pools.</summary>
    /// <param name="pooling">How.</param>
    /// <param name="frames">The frames that count, [frame, hidden]; at least one.</param>
    /// <param name="pooled">Receives <see cref="Parts"/> × hidden numbers.</param>
    public static void By(AudioPooling pooling, ReadOnlySpan<float> frames, Span<float> pooled)
    {
        int hidden = pooled.Length / Parts(pooling);
        Span<long> mask = new long[frames.Length / hidden];
        mask.Fill(1);
        PoolingMode mode = pooling switch
        {
            AudioPooling.Max => PoolingMode.Max,
            AudioPooling.First => PoolingMode.Cls,
            AudioPooling.Last => PoolingMode.LastToken,
            _ => PoolingMode.Mean,
        };
        Pool.By([mode], frames, mask, hidden, promptTokens: 0, pooled[..hidden]);
        if (pooling == AudioPooling.MeanAndDeviation)
            Deviation(frames, pooled[..hidden], pooled[hidden..]);
    }

    private static void Deviation(ReadOnlySpan<float> frames, ReadOnlySpan<float> mean, Span<float> deviation)
    {
        int hidden = mean.Length, count = frames.Length / hidden;
        deviation.Clear();
        float[] difference = new float[hidden];
        for (int frame = 0; frame < count; frame++)
        {
            TensorPrimitives.Subtract(frames.Slice(frame * hidden, hidden), mean, difference);
            TensorPrimitives.MultiplyAdd(difference, difference, deviation, deviation);
        }

        if (count == 1)
            return;
        TensorPrimitives.Divide(deviation, count - 1, deviation);
        TensorPrimitives.Sqrt(deviation, deviation);
    }
}
