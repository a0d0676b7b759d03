using Polymodal.Providers.Local.Audio.Decoding;
using Polymodal.Providers.Local.Audio.Features;

namespace Polymodal.Providers.Local.Audio;

/// <summary>How sounds come to a model: what opens them, at which rate and in which windows it hears them.</summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
internal sealed class SoundHearing
{
    private const double UsualWindow = 30;
    private static readonly TimeSpan LongestWhole = TimeSpan.FromHours(1);
    private readonly int _least;

    public SoundHearing(FeatureExtractor extractor, LocalAudioEmbeddingOptions options)
    {
        Decoder = options.Decoder ?? new AudioDecoder();
        SamplingRate = extractor.SamplingRate;
        _least = extractor.LeastSamples;
        int most = extractor.MostSamples ?? int.MaxValue;
        int size = options.WindowLength is { } length ? (int)(length.TotalSeconds * SamplingRate) : extractor.MostSamples ?? (int)(UsualWindow * SamplingRate);
        if (size > most)
            throw new ArgumentOutOfRangeException(nameof(options), options.WindowLength, $"WindowLength is more than the {(double)most / SamplingRate:0.##} s that the model hears at once.");
        int overlap = (int)(options.WindowOverlap.TotalSeconds * SamplingRate);
        if (overlap >= size)
            throw new ArgumentOutOfRangeException(nameof(options), options.WindowOverlap, $"WindowOverlap must be less than a window, which has {(double)size / SamplingRate:0.##} s.");
        TakesWindows = options.LongSound == LongSoundHandling.Windows;
        RefusesLonger = !TakesWindows && extractor.TakesLonger;
        if (!TakesWindows)
            (size, overlap) = (extractor.TakesLonger ? (int)(LongestWhole.TotalSeconds * SamplingRate) : most, 0);
        Plan = new WindowPlan(size, size - overlap, extractor.LeastOfLastWindow);
    }

    /// <summary>What opens sounds.</summary>
    public IAudioDecoder Decoder { get; }

    /// <summary>The model's rate, in Hz.</summary>
    public int SamplingRate { get; }

    /// <summary>How sounds are cut.</summary>
    public WindowPlan Plan { get; }

    /// <summary>Whether a longer sound is heard in windows.</summary>
    public bool TakesWindows { get; }

    /// <summary>Whether a sound that goes past a window is an error: the model hears sounds as a whole, and this one is too long for that.</summary>
    public bool RefusesLonger { get; }

    /// <summary>Length of a window.</summary>
    public double WindowSeconds => Math.Min(LongestWhole.TotalSeconds, (double)Plan.Size / SamplingRate);

    /// <summary>Samples with silence behind them, as many as a model needs at least.</summary>
    public float[] Padded(float[] samples)
    {
        if (samples.Length >= _least)
            return samples;
        float[] padded = new float[_least];
        samples.CopyTo(padded, 0);
        return padded;
    }
}
