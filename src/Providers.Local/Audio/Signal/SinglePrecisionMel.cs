namespace Polymodal.Providers.Local.Audio.Signal;

/// <summary>Corners of mel filters and frequencies of bins in float32, each step rounded as torchaudio rounds it: its weights are up to 1.4e-5 away from the exact ones.</summary>
/// <remarks>Reference: pytorch/audio 2.9, functional/functional.py, <c>melscale_fbanks</c> (scale htk), and compliance/kaldi.py, <c>get_mel_banks</c> (scale kaldi).</remarks>
internal static class SinglePrecisionMel
{
    /// <summary>Computes both, on the axis on which the filters' sides are straight.</summary>
    /// <param name="settings">With scale htk and sides straight in Hz, or scale kaldi and sides straight in mel.</param>
    /// <param name="lowest">Lower end in mel.</param>
    /// <param name="highest">Upper end in mel.</param>
    /// <exception cref="NotSupportedException">Another scale.</exception>
    public static (float[] Corners, float[] Bins) Compute(MelFilterSettings settings, double lowest, double highest) => settings switch
    {
        { Scale: "htk", TriangularInMel: false } => (
            Array.ConvertAll(Evenly((float)lowest, (float)highest, settings.Filters + 2), static mel => 700 * (MathF.Pow(10, mel / 2595) - 1)),
            Evenly(0, settings.SamplingRate / 2, settings.Bins)),
        { Scale: "kaldi", TriangularInMel: true } => (
            Steps((float)lowest, (float)((highest - lowest) / (settings.Filters + 1)), settings.Filters + 2),
            Array.ConvertAll(Steps(0, settings.SamplingRate / ((settings.Bins - 1) * 2f), settings.Bins), static hertz => 1127 * MathF.Log(1 + (hertz / 700)))),
        _ => throw new NotSupportedException($"torchaudio has no mel filters of scale {settings.Scale} with sides straight in {(settings.TriangularInMel ? "mel" : "Hz")}. Compute them in float64."),
    };

    private static float[] Steps(float first, float step, int count) => [.. Enumerable.Range(0, count).Select(i => first + (i * step))];

    // torch counts the second half back from its end.
    private static float[] Evenly(float first, float last, int count)
    {
        float step = (last - first) / (count - 1);
        return [.. Enumerable.Range(0, count).Select(i => i < count / 2 ? first + (step * i) : last - (step * (count - i - 1)))];
    }
}
