using System.Numerics;
using System.Numerics.Tensors;
using Polymodal.Providers.Local.Audio.Signal;

namespace Polymodal.Providers.Local.Audio.Features;

/// <summary>Settings of Kaldi's filter banks, with Kaldi's defaults. Dither is left out: a sound has one result.</summary>
internal sealed record KaldiFbankSettings
{
    public int SamplingRate { get; init; } = 16_000;

    public int Bands { get; init; } = 23;

    /// <summary>In ms.</summary>
    public double FrameLength { get; init; } = 25;

    /// <summary>In ms.</summary>
    public double FrameShift { get; init; } = 10;

    /// <summary>One of <see cref="FrameWindow.Known"/>; symmetric.</summary>
    public string Window { get; init; } = "povey";

    public double PreEmphasis { get; init; } = 0.97;

    public bool RemoveOffset { get; init; } = true;

    /// <summary>In Hz.</summary>
    public double LowFrequency { get; init; } = 20;

    /// <summary>In Hz; 0 or less is counted from half the rate.</summary>
    public double HighFrequency { get; init; }

    /// <summary>What each sample is multiplied by first; 32,768 makes them what Kaldi read from 16-bit files.</summary>
    public double Scale { get; init; } = 1;

    public bool UseEnergy { get; init; }

    public bool UseLog { get; init; } = true;

    public bool UsePower { get; init; } = true;

    public bool SubtractMean { get; init; }

    /// <summary>Whether frames must lie within the sound; else the sound is mirrored at its ends.</summary>
    public bool SnipEdges { get; init; } = true;

    /// <summary>Whether the filters are those of torchaudio, computed in float32.</summary>
    public bool SinglePrecisionFilters { get; init; }
}

/// <summary>Kaldi's filter banks.</summary>
/// <remarks>
/// Immutable and safe for concurrent use. Computed in float64. Reference: pytorch/audio 2.9, torchaudio/compliance/kaldi.py, <c>fbank</c>; transformers' own form of it
/// (audio_utils.py, <c>spectrogram</c> with <c>mel_scale="kaldi"</c>) is the same sum.
/// </remarks>
internal sealed class KaldiFbank
{
    // The least a band counts before the logarithm: float32's epsilon.
    private const float Epsilon = 1.1920929e-7f;
    private readonly KaldiFbankSettings _settings;
    private readonly MelSpectrogram<double> _mel;

    public KaldiFbank(KaldiFbankSettings settings)
    {
        _settings = settings;
        FrameLength = (int)(settings.SamplingRate * settings.FrameLength * 0.001);
        Hop = (int)(settings.SamplingRate * settings.FrameShift * 0.001);
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)FrameLength);
        double half = settings.SamplingRate / 2.0;
        _mel = new MelSpectrogram<double>(
            new FrameSettings
            {
                Length = FrameLength,
                Hop = Hop,
                FftSize = size,
                Window = FrameWindow.Of(settings.Window, FrameLength, periodic: false),
                Scale = settings.Scale,
                RemoveOffset = settings.RemoveOffset,
                PreEmphasis = settings.PreEmphasis,
                Power = settings.UsePower,
            },
            new MelFilterBank(new((size / 2) + 1, settings.Bands, settings.LowFrequency, settings.HighFrequency > 0 ? settings.HighFrequency : half + settings.HighFrequency,
                settings.SamplingRate, "kaldi", AreaNormalised: false, TriangularInMel: true, settings.SinglePrecisionFilters)));
        Width = settings.Bands + (settings.UseEnergy ? 1 : 0);
    }

    /// <summary>Samples of a frame.</summary>
    public int FrameLength { get; }

    /// <summary>Samples from one frame to the next.</summary>
    public int Hop { get; }

    /// <summary>Numbers of a frame: the bands, after the energy where it is used.</summary>
    public int Width { get; }

    /// <summary>Frames of a sound.</summary>
    public int Frames(int samples) =>
        _settings.SnipEdges ? samples < FrameLength ? 0 : 1 + ((samples - FrameLength) / Hop) : (samples + (Hop / 2)) / Hop;

    /// <summary>Computes the banks of a sound.</summary>
    /// <param name="samples">At the rate of the settings.</param>
    /// <param name="most">Frames behind this many are left out.</param>
    /// <returns>[frame, <see cref="Width"/>].</returns>
    public float[] Compute(ReadOnlySpan<float> samples, int most = int.MaxValue)
    {
        int frames = Math.Min(most, Frames(samples.Length)), first = _settings.UseEnergy ? 1 : 0;
        float[] values = new float[frames * Width];
        if (frames == 0)
            return values;
        ReadOnlySpan<float> signal = _settings.SnipEdges ? samples : Mirrored(samples, frames);
        float[] energy = _settings.UseEnergy ? new float[frames] : [];
        _mel.Compute(signal, frames, new MelTarget(values.AsSpan(first), bandStride: 1, frameStride: Width), energy);
        if (_settings.UseLog)
        {
            TensorPrimitives.Max(values, Epsilon, values);
            TensorPrimitives.Log(values, values);
        }

        // The energy is floored at 1 once more, so its logarithm at 0.
        for (int frame = 0; frame < energy.Length; frame++)
            values[frame * Width] = Math.Max(0, MathF.Log(Math.Max(energy[frame], Epsilon)));
        if (_settings.SubtractMean)
            SubtractMean(values);
        return values;
    }

    private void SubtractMean(Span<float> values)
    {
        int frames = values.Length / Width;
        for (int band = 0; band < Width; band++)
        {
            double sum = 0;
            for (int frame = 0; frame < frames; frame++)
                sum += values[(frame * Width) + band];
            for (int frame = 0; frame < frames; frame++)
                values[(frame * Width) + band] -= (float)(sum / frames);
        }
    }

    // The mirror repeats the edge sample; a negative offset cuts the start instead.
    private float[] Mirrored(ReadOnlySpan<float> samples, int frames)
    {
        int before = (FrameLength / 2) - (Hop / 2);
        float[] signal = new float[((frames - 1) * Hop) + FrameLength];
        for (int i = 0; i < signal.Length; i++)
        {
            int place = i - before, period = 2 * samples.Length;
            place = ((place % period) + period) % period;
            signal[i] = samples[place < samples.Length ? place : period - 1 - place];
        }

        return signal;
    }
}
