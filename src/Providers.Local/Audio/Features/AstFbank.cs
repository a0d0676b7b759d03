namespace Polymodal.Providers.Local.Audio.Features;

/// <summary>Filter banks of the audio spectrogram transformer: always as many frames, standardised with the mean and deviation of its training sounds.</summary>
/// <remarks>Reference: huggingface/transformers 5.23, models/audio_spectrogram_transformer/feature_extraction_audio_spectrogram_transformer.py; samples are not scaled to 16 bits there.</remarks>
internal sealed class AstFbank : FeatureExtractor
{
    private readonly KaldiFbank _banks;
    private readonly int _frames;
    private readonly bool _normalizes;
    private readonly float _mean, _deviation;

    public AstFbank(PreprocessorConfig config)
    {
        SamplingRate = Number(config.SamplingRate, 16_000, "sampling_rate", 1_000, 768_000);
        _frames = Number(config.MaxLength, 1_024, "max_length", 1, 1 << 20);
        _normalizes = config.DoNormalize ?? true;
        _mean = (float)(config.Mean ?? -4.2677393);
        _deviation = (float)(config.Std ?? 4.5689974);
        if (!(Math.Abs(_deviation) > 0))
            throw new ArgumentException($"std is {_deviation}; it must not be 0.", nameof(config));
        _banks = new KaldiFbank(new KaldiFbankSettings { SamplingRate = SamplingRate, Bands = Number(config.NumMelBins, 128, "num_mel_bins", 1, 4_096), Window = "hanning", SinglePrecisionFilters = true });
    }

    public override int SamplingRate { get; }

    public override int? MostSamples => ((_frames - 1) * _banks.Hop) + _banks.FrameLength;

    public override int LeastSamples => _banks.FrameLength;

    public override AudioBatch Extract(ReadOnlySpan<float> samples)
    {
        // Frames behind the sound are zeros before they are standardised.
        float[] values = new float[_frames * _banks.Width];
        _banks.Compute(samples, _frames).CopyTo(values.AsSpan());
        if (_normalizes)
        {
            System.Numerics.Tensors.TensorPrimitives.Subtract(values, _mean, values);
            System.Numerics.Tensors.TensorPrimitives.Divide(values, _deviation * 2, values);
        }

        return new AudioBatch(values, [1, _frames, _banks.Width]);
    }
}
