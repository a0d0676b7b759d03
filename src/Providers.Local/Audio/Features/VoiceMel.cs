using System.Numerics.Tensors;
using Polymodal.Providers.Local.Audio.Signal;

namespace Polymodal.Providers.Local.Audio.Features;

/// <summary>What the GE2E voice encoder hears: parts of 1.6 seconds as power in mel bands, [part, frame, band], of a sound made at least as loud as −30 dBFS.</summary>
/// <remarks>Reference: resemble-ai/Resemblyzer 0.1.4, audio.py and voice_encoder.py, without its removal of silence.</remarks>
internal sealed class VoiceMel : FeatureExtractor
{
    /// <summary>Its name in <see cref="FeatureExtractor.Known"/>; folders of the encoder have no configuration.</summary>
    public const string Name = "Ge2eVoiceEncoder";

    private const int Rate = 16_000, Size = 400, Hop = 160, Bands = 40, PartFrames = 160, Minutes = 10;
    private const double PartsPerSecond = 1.3, LeastCovered = 0.75, LeastLoudness = -30;

    private readonly MelSpectrogram<double> _mel = new(
        new FrameSettings { Length = Size, Hop = Hop, FftSize = Size, Window = FrameWindow.Of("hann", Size, periodic: true) },
        new MelFilterBank(new((Size / 2) + 1, Bands, 0, 8_000, Rate, "slaney", AreaNormalised: true)));

    public override int SamplingRate => Rate;

    public override int? MostSamples => Minutes * 60 * Rate;

    public override int LeastOfLastWindow => (int)(LeastCovered * PartFrames * Hop);

    public override AudioBatch Extract(ReadOnlySpan<float> samples)
    {
        int[] starts = Parts(samples.Length);
        float[] mel = Mel(samples, out int frames);
        float[] values = new float[starts.Length * PartFrames * Bands];
        for (int part = 0; part < starts.Length; part++)
            mel.AsSpan(starts[part] * Bands, Math.Min(PartFrames, frames - starts[part]) * Bands).CopyTo(values.AsSpan(part * PartFrames * Bands));
        return new AudioBatch(values, [starts.Length, PartFrames, Bands]);
    }

    /// <summary>The first frames of a sound's parts.</summary>
    public static int[] Parts(int samples)
    {
        int frames = (samples / Hop) + 1, step = (int)Math.Round(Rate / PartsPerSecond / Hop);
        int[] starts = [.. Enumerable.Range(0, Math.Max(1, (frames - PartFrames + step + step) / step)).Select(part => part * step)];
        bool isCovered = (double)(samples - (starts[^1] * Hop)) / (PartFrames * Hop) >= LeastCovered;
        return starts.Length > 1 && !isCovered ? starts[..^1] : starts;
    }

    /// <summary>The bands of a sound that is followed by silence up to the end of its last part, [frame, band].</summary>
    public float[] Mel(ReadOnlySpan<float> samples, out int frames)
    {
        int length = Math.Max(samples.Length, (Parts(samples.Length)[^1] + PartFrames) * Hop);
        frames = (length / Hop) + 1;
        // Silence stands before and behind, too: frames are centred.
        float[] signal = new float[length + Size], mel = new float[frames * Bands];
        Span<float> sound = signal.AsSpan(Size / 2, samples.Length);
        samples.CopyTo(sound);
        double loudness = 20 * Math.Log10(Math.Sqrt(TensorPrimitives.SumOfSquares<float>(sound) / Math.Max(1.0, samples.Length)));
        if (double.IsFinite(loudness) && loudness < LeastLoudness)
            TensorPrimitives.Multiply(sound, (float)Math.Pow(10, (LeastLoudness - loudness) / 20), sound);
        _mel.Compute(signal, frames, new MelTarget(mel, bandStride: 1, frameStride: Bands));
        return mel;
    }
}
