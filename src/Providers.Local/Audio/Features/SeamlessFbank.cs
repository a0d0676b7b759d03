namespace Polymodal.Providers.Local.Audio.Features;

/// <summary>Filter banks of wav2vec2-BERT: each band to zero mean and unit variance over the sound, neighbouring frames joined.</summary>
/// <remarks>Reference: huggingface/transformers 5.23, models/seamless_m4t/feature_extraction_seamless_m4t.py.</remarks>
internal sealed class SeamlessFbank : FeatureExtractor
{
    private const float Epsilon = 1e-7f;
    private readonly KaldiFbank _banks;
    private readonly int _stride;
    private readonly float _padding;

    public SeamlessFbank(PreprocessorConfig config)
    {
        SamplingRate = Number(config.SamplingRate, 16_000, "sampling_rate", 1_000, 768_000);
        _stride = Number(config.Stride, 2, "stride", 1, 64);
        _padding = (float)(config.PaddingValue ?? 0);
        _banks = new KaldiFbank(new KaldiFbankSettings { SamplingRate = SamplingRate, Bands = Number(config.NumMelBins, 80, "num_mel_bins", 1, 4_096), Scale = 32_768 });
    }

    public override int SamplingRate { get; }

    /// <summary>Two joined frames: the variance of one frame is not a number, and a frame that is half padding does not count.</summary>
    public override int LeastSamples => _banks.FrameLength + (Math.Max(1, _stride - 1) * _banks.Hop);

    public override AudioBatch Extract(ReadOnlySpan<float> samples) => Extract([samples.ToArray()]);

    public override int? OutputFrames(int entries) => entries;

    public override AudioBatch Extract(IReadOnlyList<float[]> sounds)
    {
        float[][] banks = [.. sounds.Select(sound => Normalized(sound))];
        int width = _banks.Width, most = banks.Max(bank => bank.Length / width), joined = (most + _stride - 1) / _stride;
        float[] values = new float[sounds.Count * joined * _stride * width];
        values.AsSpan().Fill(_padding);
        long[] mask = new long[sounds.Count * joined];
        int[] lengths = new int[sounds.Count];
        for (int row = 0; row < banks.Length; row++)
        {
            banks[row].CopyTo(values.AsSpan(row * joined * _stride * width));
            // The mask of joined frames is that of the last frame of each.
            lengths[row] = banks[row].Length / width / _stride;
            mask.AsSpan(row * joined, lengths[row]).Fill(1);
        }

        return new AudioBatch(values, [sounds.Count, joined, _stride * width]) { Mask = mask, Lengths = lengths };
    }

    /// <summary>The banks of a sound before they are standardised, [frame, band].</summary>
    public float[] Banks(ReadOnlySpan<float> samples) => _banks.Compute(samples);

    private float[] Normalized(ReadOnlySpan<float> samples)
    {
        float[] banks = Banks(samples);
        int width = _banks.Width, frames = banks.Length / width;
        for (int band = 0; band < width; band++)
        {
            // In float32 and in order, as numpy adds: of a constant band what is left is just the rounding of the mean.
            float sum = 0, squares = 0;
            for (int frame = 0; frame < frames; frame++)
                sum += banks[(frame * width) + band];
            float mean = sum / frames;
            for (int frame = 0; frame < frames; frame++)
                squares += (banks[(frame * width) + band] - mean) * (banks[(frame * width) + band] - mean);
            float deviation = MathF.Sqrt((squares / (frames - 1)) + Epsilon);
            for (int frame = 0; frame < frames; frame++)
                banks[(frame * width) + band] = (banks[(frame * width) + band] - mean) / deviation;
        }

        return banks;
    }
}
