using System.Numerics.Tensors;
using Polymodal.Providers.Local.Audio.Signal;

namespace Polymodal.Providers.Local.Audio.Features;

/// <summary>Whisper's log-mel spectrogram of 30 seconds: [row, band, frame].</summary>
/// <remarks>
/// Computed in float32, as transformers does where torch is installed. Reference: huggingface/transformers 5.23, models/whisper/feature_extraction_whisper.py.
/// </remarks>
internal sealed class WhisperLogMel : FeatureExtractor
{
    private const float Floor = 1e-10f;
    private const int Range = 8;
    private readonly MelSpectrogram<float> _mel;
    private readonly int _hop, _half, _samplesPerFrame;
    private readonly bool _normalizes;

    public WhisperLogMel(PreprocessorConfig config, AudioModelConfig model)
    {
        SamplingRate = Number(config.SamplingRate, 16_000, "sampling_rate", 1_000, 768_000);
        int size = Number(config.NFft, 400, "n_fft", 2, 65_536), bands = Number(config.FeatureSize, 80, "feature_size", 1, 4_096);
        _hop = Number(config.HopLength, 160, "hop_length", 1, 65_536);
        _half = size / 2;
        _normalizes = config.DoNormalize ?? false;
        Samples = Number(config.NSamples, Number(config.ChunkLength, 30, "chunk_length", 1, 3_600) * SamplingRate, "n_samples", size, 1 << 28);
        _samplesPerFrame = model.MaxSourcePositions is { } positions and > 0 ? Math.Max(1, Samples / positions) : 2 * _hop;
        // The bank ends at 8 kHz at every rate.
        _mel = new MelSpectrogram<float>(
            new FrameSettings { Length = size, Hop = _hop, FftSize = size, Window = FrameWindow.Of("hann", size, periodic: true) },
            new MelFilterBank(new((size / 2) + 1, bands, 0, 8_000, SamplingRate, "slaney", AreaNormalised: true)));
    }

    /// <summary>Samples that the model always hears.</summary>
    public int Samples { get; }

    public override int SamplingRate { get; }

    public override int? MostSamples => Samples;

    public override int LeastSamples => 0;

    public override int LeastOfLastWindow => 1;

    /// <summary>Bands.</summary>
    public int Bands => _mel.Bands;

    public override AudioBatch Extract(ReadOnlySpan<float> samples)
    {
        samples = samples[..Math.Min(samples.Length, Samples)];
        return new AudioBatch(Compute(samples, Samples), [1, Bands, Samples / _hop]) { Lengths = [samples.Length] };
    }

    /// <summary>Frames of the encoder that hold sound: of a sound without samples the first.</summary>
    public override int? OutputFrames(int entries) => Math.Max(1, (entries + _samplesPerFrame - 1) / _samplesPerFrame);

    /// <summary>The spectrogram of samples that are followed by silence up to a length.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="length">At least as many.</param>
    /// <param name="normalizes">Whether samples are scaled to zero mean and unit variance first; null as the folder says.</param>
    /// <returns>[band, frame]; a frame for each hop that fits into <paramref name="length"/>.</returns>
    public float[] Compute(ReadOnlySpan<float> samples, int length, bool? normalizes = null)
    {
        int frames = length / _hop;
        float[] mel = new float[Bands * frames];
        if (frames == 0)
            return mel;
        float[] signal = new float[length + (2 * _half)];
        Span<float> sound = signal.AsSpan(_half, length);
        samples.CopyTo(sound);
        if (normalizes ?? _normalizes)
            RawWaveform.Normalize(sound[..samples.Length]);
        Mirror(signal, sound);
        // Frames behind the sound are silent, unless the mirror at the end reaches into it.
        bool endsInSilence = samples.Length < length - _half;
        int heard = endsInSilence ? Math.Min(frames, ((samples.Length + _half) / _hop) + 1) : frames;
        _mel.Compute(signal, heard, new MelTarget(mel, bandStride: frames, frameStride: 1));
        TensorPrimitives.Max(mel, Floor, mel);
        TensorPrimitives.Log10(mel, mel);
        TensorPrimitives.Max(mel, TensorPrimitives.Max<float>(mel) - Range, mel);
        TensorPrimitives.Add(mel, 4, mel);
        TensorPrimitives.Divide(mel, 4, mel);
        return mel;
    }

    private void Mirror(float[] signal, Span<float> sound)
    {
        float[] start = Reflection.Pad(sound[..Math.Min(sound.Length, _half + 1)], _half), end = Reflection.Pad(sound[Math.Max(0, sound.Length - _half - 1)..], _half);
        start.AsSpan(0, _half).CopyTo(signal);
        end.AsSpan(end.Length - _half).CopyTo(signal.AsSpan(signal.Length - _half));
    }
}
