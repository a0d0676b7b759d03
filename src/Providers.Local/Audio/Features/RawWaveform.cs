using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Polymodal.Providers.Local.Audio.Features;

/// <summary>The samples themselves, to zero mean and unit variance where the folder says so: what wav2vec 2.0 and its relatives hear.</summary>
/// <remarks>Reference: huggingface/transformers 5.23, models/wav2vec2/feature_extraction_wav2vec2.py.</remarks>
internal sealed class RawWaveform : FeatureExtractor
{
    private const double Epsilon = 1e-7;

    // wav2vec 2.0's own, for folders that do not say.
    private static readonly int[] UsualKernels = [10, 3, 3, 3, 3, 2, 2], UsualStrides = [5, 2, 2, 2, 2, 2, 2];
    private readonly bool _normalizes, _masks;
    private readonly float _padding;
    private readonly int[] _kernels, _strides;

    public RawWaveform(PreprocessorConfig config, AudioModelConfig model)
    {
        SamplingRate = Number(config.SamplingRate, 16_000, "sampling_rate", 1_000, 768_000);
        _normalizes = config.DoNormalize ?? true;
        _masks = config.ReturnAttentionMask ?? false;
        _padding = (float)(config.PaddingValue ?? 0);
        _kernels = [.. model.ConvKernel ?? UsualKernels];
        _strides = [.. model.ConvStride ?? UsualStrides];
        if (_kernels.Length != _strides.Length || _kernels.Concat(_strides).Any(number => number is < 1 or > 10_000))
            throw new ArgumentException("conv_kernel and conv_stride of config.json must be as many numbers, each at least 1.", nameof(model));
        LeastSamples = Enumerable.Range(0, _kernels.Length).Reverse().Aggregate(LeastFrames(model), (frames, layer) => ((frames - 1) * _strides[layer]) + _kernels[layer]);
    }

    public override int SamplingRate { get; }

    public override int LeastSamples { get; }

    public override AudioBatch Extract(ReadOnlySpan<float> samples) => Extract([samples.ToArray()]);

    public override AudioBatch Extract(IReadOnlyList<float[]> sounds) => Pad(sounds, sounds.Max(sound => sound.Length));

    /// <summary>Frames that the convolutions make of so many samples.</summary>
    public override int? OutputFrames(int entries) => _kernels.Zip(_strides).Aggregate(entries, (samples, layer) => samples < layer.First ? 0 : ((samples - layer.First) / layer.Second) + 1);

    /// <summary>Pads sounds to a length, cutting longer ones.</summary>
    public AudioBatch Pad(IReadOnlyList<float[]> sounds, int length)
    {
        float[] values = new float[sounds.Count * length];
        long[]? mask = _masks ? new long[values.Length] : null;
        int[] lengths = new int[sounds.Count];
        for (int row = 0; row < sounds.Count; row++)
        {
            lengths[row] = Math.Min(length, sounds[row].Length);
            Span<float> padded = values.AsSpan(row * length, length), sound = padded[..lengths[row]];
            sounds[row].AsSpan(0, lengths[row]).CopyTo(sound);
            padded[lengths[row]..].Fill(_padding);
            mask?.AsSpan(row * length, lengths[row]).Fill(1);
            // Without a mask the library takes mean and variance over the padding too.
            if (_normalizes)
                Normalize(_masks ? sound : padded);
        }

        return new AudioBatch(values, [sounds.Count, length]) { Mask = mask, Lengths = lengths };
    }

    /// <summary>Scales samples to zero mean and unit variance, in place; a constant becomes zeros.</summary>
    public static void Normalize(Span<float> samples)
    {
        if (samples.IsEmpty)
            return;
        double mean = Sum(samples, 0) / samples.Length, squares = Sum(samples, mean, squared: true);
        TensorPrimitives.Subtract(samples, (float)mean, samples);
        TensorPrimitives.Multiply(samples, (float)(1 / Math.Sqrt((squares / samples.Length) + Epsilon)), samples);
    }

    private static double Sum(ReadOnlySpan<float> samples, double offset, bool squared = false)
    {
        Vector<double> sums = Vector<double>.Zero, offsets = new(offset);
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(samples);
        foreach (Vector<float> vector in vectors)
        {
            Vector.Widen(vector, out Vector<double> low, out Vector<double> high);
            low -= offsets;
            high -= offsets;
            sums += squared ? (low * low) + (high * high) : low + high;
        }

        double sum = Vector.Sum(sums);
        foreach (float sample in samples[(vectors.Length * Vector<float>.Count)..])
            sum += squared ? (sample - offset) * (sample - offset) : sample - offset;
        return sum;
    }

    // The standard deviation over frames that an x-vector head takes needs two of them behind its convolutions.
    private static int LeastFrames(AudioModelConfig model) =>
        model.Architectures?.Any(name => name.EndsWith("ForXVector", StringComparison.Ordinal)) == true && model is { TdnnKernel: { } kernels, TdnnDilation: { } dilations }
            ? 2 + kernels.Zip(dilations, (kernel, dilation) => (kernel - 1) * dilation).Sum()
            : 1;
}
