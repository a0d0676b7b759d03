using System.Numerics;

namespace Polymodal.Providers.Local.Audio.Signal;

/// <summary>What a mel filter bank is made from.</summary>
/// <param name="Bins">Frequencies of the spectrum, from 0 to half the rate.</param>
/// <param name="Filters">How many filters.</param>
/// <param name="Lowest">Where the first begins, in Hz.</param>
/// <param name="Highest">Where the last ends, in Hz.</param>
/// <param name="SamplingRate">In Hz.</param>
/// <param name="Scale">One of <see cref="MelScale.Known"/>.</param>
/// <param name="AreaNormalised">Whether all triangles have one area (Slaney) instead of one height.</param>
/// <param name="TriangularInMel">Whether the sides are straight on the mel scale (Kaldi) instead of in Hz.</param>
/// <param name="SinglePrecision">Whether weights are computed in float32, as torchaudio does, instead of float64, as transformers and librosa do.</param>
internal sealed record MelFilterSettings(
    int Bins, int Filters, double Lowest, double Highest, int SamplingRate, string Scale, bool AreaNormalised, bool TriangularInMel = false, bool SinglePrecision = false);

/// <summary>Triangular filters over a spectrum, evenly spaced on a mel scale.</summary>
/// <remarks>Immutable. Reference: huggingface/transformers 5.23, audio_utils.py, <c>mel_filter_bank</c>.</remarks>
internal sealed class MelFilterBank
{
    /// <summary>Computes a bank.</summary>
    public MelFilterBank(MelFilterSettings settings)
    {
        MelScale scale = MelScale.Known[settings.Scale];
        double low = scale.ToMel(settings.Lowest), high = scale.ToMel(settings.Highest);
        Bins = settings.Bins;
        if (settings.SinglePrecision)
        {
            (float[] single, float[] frequencies) = SinglePrecisionMel.Compute(settings, low, high);
            Filters = Triangles(single, frequencies, settings);
            return;
        }

        double[] corners = [.. Enumerable.Range(0, settings.Filters + 2).Select(i => low + ((high - low) * i / (settings.Filters + 1)))];
        double width = settings.TriangularInMel ? (double)settings.SamplingRate / ((settings.Bins - 1) * 2) : (double)(settings.SamplingRate / 2) / (settings.Bins - 1);
        double[] bins = [.. Enumerable.Range(0, settings.Bins).Select(i => settings.TriangularInMel ? scale.ToMel(width * i) : width * i)];
        if (!settings.TriangularInMel)
            corners = [.. corners.Select(scale.ToHertz)];
        Filters = Triangles(corners, bins, settings);
    }

    /// <summary>Frequencies of the spectrum.</summary>
    public int Bins { get; }

    /// <summary>Of each filter, the first bin that counts and the weights from there on; none where it falls between two bins.</summary>
    public IReadOnlyList<(int First, double[] Weights)> Filters { get; }

    private static (int First, double[] Weights)[] Triangles<T>(T[] corners, T[] bins, MelFilterSettings settings)
        where T : IFloatingPointIeee754<T> =>
        [.. Enumerable.Range(0, settings.Filters).Select(filter => Triangle<T>(corners.AsSpan(filter, 3), bins, settings.AreaNormalised))];

    private static (int First, double[] Weights) Triangle<T>(ReadOnlySpan<T> corners, T[] bins, bool areaNormalised)
        where T : IFloatingPointIeee754<T>
    {
        T height = areaNormalised ? T.CreateTruncating(2) / (corners[2] - corners[0]) : T.One;
        double[] weights = new double[bins.Length];
        for (int bin = 0; bin < bins.Length; bin++)
        {
            T rising = (bins[bin] - corners[0]) / (corners[1] - corners[0]), falling = (corners[2] - bins[bin]) / (corners[2] - corners[1]);
            weights[bin] = double.CreateTruncating(height * T.Max(T.Zero, T.Min(rising, falling)));
        }

        int first = Math.Max(0, Array.FindIndex(weights, weight => weight > 0)), last = Array.FindLastIndex(weights, weight => weight > 0);
        return (first, weights[first..(last + 1 > first ? last + 1 : first)]);
    }
}
