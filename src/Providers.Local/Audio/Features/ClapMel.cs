using System.Numerics.Tensors;
using Polymodal.Providers.Local.Audio.Signal;

namespace Polymodal.Providers.Local.Audio.Features;

/// <summary>CLAP's mel spectrogram in decibels: [row, channel, frame, band]; four channels where the folder's truncation is <c>fusion</c>, else one.</summary>
/// <remarks>
/// Computed in float64, as the reference is. Where that draws lots, this has a rule: of a longer sound the part in the middle is taken, or the frame in the middle of
/// each third. Reference: huggingface/transformers 5.23, models/clap/feature_extraction_clap.py.
/// </remarks>
internal sealed class ClapMel : FeatureExtractor
{
    private const float Floor = 1e-10f;
    private static readonly string[] Truncations = ["rand_trunc", "fusion"], Paddings = ["repeatpad", "repeat", "pad"];
    private readonly MelSpectrogram<double> _mel;
    private readonly int _hop, _half, _samples;
    private readonly bool _fuses;
    private readonly string _padding;

    public ClapMel(PreprocessorConfig config)
    {
        SamplingRate = Number(config.SamplingRate, 48_000, "sampling_rate", 1_000, 768_000);
        int size = Number(config.FftWindowSize, 1_024, "fft_window_size", 2, 65_536), bands = Number(config.FeatureSize, 64, "feature_size", 1, 4_096);
        _hop = Number(config.HopLength, 480, "hop_length", 1, 65_536);
        _half = size / 2;
        _samples = Number(config.NbMaxSamples, (int)Math.Clamp((config.MaxLengthS ?? 10) * SamplingRate, 0, 1 << 28), "nb_max_samples", size, 1 << 28);
        _fuses = Word(config.Truncation, "fusion", Truncations, "truncation") == "fusion";
        _padding = Word(config.Padding, "repeatpad", Paddings, "padding");
        double low = config.FrequencyMin ?? 0, high = config.FrequencyMax ?? 14_000;
        if (!(low >= 0 && low < high && high <= SamplingRate / 2.0))
            throw new ArgumentException($"frequency_min {low} and frequency_max {high} must be in this order, between 0 and half the sampling_rate.", nameof(config));
        _mel = new MelSpectrogram<double>(
            new FrameSettings { Length = size, Hop = _hop, FftSize = size, Window = FrameWindow.Of("hann", size, periodic: true) },
            new MelFilterBank(new((size / 2) + 1, bands, low, high, SamplingRate, _fuses ? "htk" : "slaney", AreaNormalised: !_fuses)));
    }

    public override int SamplingRate { get; }

    public override int? MostSamples => _samples;

    public override bool TakesLonger => true;

    /// <summary>Frames that the model hears.</summary>
    private int Frames => (_samples / _hop) + 1;

    public override AudioBatch Extract(ReadOnlySpan<float> samples) => Extract(samples, places: null, padding: null);

    /// <summary>As <see cref="Extract(ReadOnlySpan{float})"/>, with what the reference draws by lot.</summary>
    /// <param name="samples">The sound.</param>
    /// <param name="places">Of a longer sound, the first sample of the part, or with fusion the first frames of the three parts; null for the middles.</param>
    /// <param name="padding">How a shorter sound is filled up; null as the folder says.</param>
    public AudioBatch Extract(ReadOnlySpan<float> samples, int[]? places, string? padding)
    {
        int bands = _mel.Bands;
        bool isLonger = samples.Length > _samples;
        if (!_fuses)
        {
            ReadOnlySpan<float> part = isLonger ? samples.Slice(places?[0] ?? ((samples.Length - _samples) / 2), _samples) : Fill(samples, padding);
            return new AudioBatch(Mel(part), [1, 1, Frames, bands]) { IsLonger = [isLonger ? 1 : 0] };
        }

        float[] mel = Mel(isLonger ? samples : Fill(samples, padding));
        int frames = mel.Length / bands;
        // The reference marks a sound at random where none of a call is longer: alone, each is marked.
        if (frames == Frames)
            return new AudioBatch([.. mel, .. mel, .. mel, .. mel], [1, 4, Frames, bands]) { IsLonger = [1] };
        places ??= [.. Parts(frames).Select(part => part.First + ((part.Count - 1) / 2))];
        return new AudioBatch([.. Shrink(mel, frames), .. places.SelectMany(place => mel.AsSpan(place * bands, Frames * bands).ToArray())], [1, 4, Frames, bands]) { IsLonger = [1] };
    }

    /// <summary>The first frames that each of the three parts of a longer sound may have, with their number.</summary>
    /// <param name="frames">Frames of the whole sound.</param>
    public (int First, int Count)[] Parts(int frames)
    {
        // numpy.array_split: the first parts are one longer where it does not come out even; an empty part is frame 0.
        int starts = frames - Frames + 1, first = 0;
        var parts = new (int First, int Count)[3];
        for (int i = 0; i < parts.Length; i++)
        {
            int count = (starts / 3) + (i < starts % 3 ? 1 : 0);
            parts[i] = count == 0 ? (0, 1) : (first, count);
            first += count;
        }

        return parts;
    }

    /// <summary>The spectrogram in decibels, [frame, band].</summary>
    public float[] Mel(ReadOnlySpan<float> samples)
    {
        int frames = (samples.Length / _hop) + 1;
        float[] mel = new float[frames * _mel.Bands];
        _mel.Compute(Reflection.Pad(samples, _half), frames, new MelTarget(mel, bandStride: 1, frameStride: _mel.Bands));
        TensorPrimitives.Max(mel, Floor, mel);
        TensorPrimitives.Log10(mel, mel);
        TensorPrimitives.Multiply(mel, 10, mel);
        return mel;
    }

    private float[] Fill(ReadOnlySpan<float> samples, string? padding)
    {
        float[] filled = new float[_samples];
        padding ??= _padding;
        int repeats = samples.IsEmpty || padding == "pad" ? 1 : padding == "repeat" ? (_samples / samples.Length) + 1 : _samples / samples.Length;
        for (int i = 0, start = 0; i < repeats && start < _samples; i++, start += samples.Length)
            samples[..Math.Min(samples.Length, _samples - start)].CopyTo(filled.AsSpan(start));
        return filled;
    }

    // Bilinear, in time only, without smoothing: torch's interpolate with align_corners false.
    private float[] Shrink(float[] mel, int frames)
    {
        int bands = _mel.Bands;
        float[] shrunk = new float[Frames * bands];
        float scale = (float)frames / Frames;
        for (int frame = 0; frame < Frames; frame++)
        {
            float place = Math.Max(0, (scale * (frame + 0.5f)) - 0.5f);
            int before = Math.Min((int)place, frames - 1), after = Math.Min(before + 1, frames - 1);
            Span<float> to = shrunk.AsSpan(frame * bands, bands);
            TensorPrimitives.Multiply(mel.AsSpan(before * bands, bands), 1 - (place - before), to);
            TensorPrimitives.MultiplyAdd(mel.AsSpan(after * bands, bands), place - before, to, to);
        }

        return shrunk;
    }

    private static string Word(string? value, string otherwise, string[] known, string name) =>
        value is null ? otherwise : known.Contains(value) ? value : throw new ArgumentException($"{name} is '{value}'; known: {string.Join(", ", known)}.", name);
}
