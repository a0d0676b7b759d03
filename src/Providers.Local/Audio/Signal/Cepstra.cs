namespace Polymodal.Providers.Local.Audio.Signal;

/// <summary>Cepstra (MFCC): the cosine transform of logarithmic mel bands, frame by frame.</summary>
/// <remarks>
/// Immutable and safe for concurrent use. Added up in float64. Reference: pytorch/audio 2.9, transforms/_transforms.py, <c>MFCC</c>, and compliance/kaldi.py, <c>mfcc</c>.
/// </remarks>
internal sealed class Cepstra
{
    private readonly double[] _weights;
    private readonly int _bands, _count;

    /// <summary>Makes the weights.</summary>
    /// <param name="bands">Mel bands of a frame.</param>
    /// <param name="count">Cepstra of a frame; at most as many.</param>
    /// <param name="lifter">Kaldi's parameter that makes higher ones larger; 0 for none.</param>
    /// <param name="singlePrecision">Whether cosines are taken in float32, as torchaudio does: those of large angles are off by up to 4e-6.</param>
    public Cepstra(int bands, int count, double lifter = 0, bool singlePrecision = false)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, bands);
        (_bands, _count) = (bands, count);
        _weights = new double[bands * count];
        for (int cepstrum = 0; cepstrum < count; cepstrum++)
        {
            // Type 2, with rows of unit length.
            double scale = Math.Sqrt((cepstrum == 0 ? 1.0 : 2.0) / bands) * (lifter == 0 ? 1 : 1 + (lifter / 2 * Math.Sin(Math.PI * cepstrum / lifter)));
            for (int band = 0; band < bands; band++)
                _weights[(cepstrum * bands) + band] = scale * (singlePrecision ? MathF.Cos((float)(Math.PI / bands) * (band + 0.5f) * cepstrum) : Math.Cos(Math.PI / bands * (band + 0.5) * cepstrum));
        }
    }

    /// <summary>Transforms frames.</summary>
    /// <param name="logMel">[frame, band].</param>
    /// <returns>[frame, cepstrum].</returns>
    public float[] Compute(ReadOnlySpan<float> logMel)
    {
        int frames = logMel.Length / _bands;
        float[] cepstra = new float[frames * _count];
        for (int place = 0; place < cepstra.Length; place++)
        {
            ReadOnlySpan<float> frame = logMel.Slice(place / _count * _bands, _bands);
            ReadOnlySpan<double> weights = _weights.AsSpan(place % _count * _bands, _bands);
            double sum = 0;
            for (int band = 0; band < frame.Length; band++)
                sum += weights[band] * frame[band];
            cepstra[place] = (float)sum;
        }

        return cepstra;
    }

    /// <summary>Makes decibels of powers in place: 10 log10, no less than so much below the greatest of them.</summary>
    /// <param name="power">Of one sound.</param>
    /// <param name="range">In dB.</param>
    public static void ToDecibels(Span<float> power, float range)
    {
        const double floor = 1e-10;
        float most = float.NegativeInfinity;
        foreach (ref float value in power)
        {
            value = (float)(10 * Math.Log10(Math.Max(value, floor)));
            most = Math.Max(most, value);
        }

        System.Numerics.Tensors.TensorPrimitives.Max(power, most - range, power);
    }
}
