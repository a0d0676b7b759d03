namespace Polymodal.Providers.Local.Audio.Decoding;

/// <summary>A sound as numbers: what a decoder gives, or what comes from a microphone.</summary>
/// <remarks>Safe for concurrent use as long as nobody writes to <see cref="Samples"/>.</remarks>
public sealed class AudioSamples
{
    /// <summary>Wraps samples without copying them.</summary>
    /// <param name="samples">Shape [frame, channel]: all channels of the first moment, then of the next; −1 to 1.</param>
    /// <param name="samplingRate">Samples a second of each channel, in Hz; 100 to 768,000.</param>
    /// <param name="channels">Number of channels; 1 to 1,024.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate or the channels are out of range.</exception>
    /// <exception cref="ArgumentException">The samples are no whole frames.</exception>
    public AudioSamples(ReadOnlyMemory<float> samples, int samplingRate, int channels = 1)
    {
        if (samplingRate is < AudioReader.LowestRate or > AudioReader.HighestRate)
            throw new ArgumentOutOfRangeException(nameof(samplingRate), samplingRate, $"The rate must be {AudioReader.LowestRate} to {AudioReader.HighestRate:N0} Hz.");
        if (channels is < 1 or > AudioReader.MostChannels)
            throw new ArgumentOutOfRangeException(nameof(channels), channels, $"There must be 1 to {AudioReader.MostChannels:N0} channels.");
        if (samples.Length % channels != 0)
            throw new ArgumentException($"{samples.Length} samples are no whole frames of {channels} channels. Give as many samples of every channel.", nameof(samples));
        Samples = samples;
        SamplingRate = samplingRate;
        Channels = channels;
    }

    /// <summary>Shape [frame, channel].</summary>
    public ReadOnlyMemory<float> Samples { get; }

    /// <summary>Samples a second of each channel, in Hz.</summary>
    public int SamplingRate { get; }

    /// <summary>Number of channels.</summary>
    public int Channels { get; }

    /// <summary>Number of frames.</summary>
    public int Frames => Samples.Length / Channels;

    /// <summary>How long it is.</summary>
    public TimeSpan Duration => TimeSpan.FromSeconds((double)Frames / SamplingRate);

    /// <summary>Reads all that a reader has left.</summary>
    /// <param name="reader">The reader; it stays the caller's.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ArgumentNullException"><paramref name="reader"/> is null.</exception>
    /// <exception cref="InvalidDataException">The sound is damaged, or longer than an array can hold.</exception>
    public static AudioSamples ReadAll(AudioReader reader, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reader);
        float[] samples = new float[Math.Max(4_096, reader.Channels)];
        int filled = 0;
        for (int read; (read = reader.Read(samples.AsSpan(filled))) > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            filled += read * reader.Channels;
            if (samples.Length - filled >= reader.Channels)
                continue;
            if (samples.Length > Array.MaxLength / 2)
                throw new InvalidDataException($"the sound has more than {filled:N0} samples. Read it in parts, from its reader.");
            Array.Resize(ref samples, samples.Length * 2);
        }

        return new AudioSamples(samples.AsMemory(0, filled), reader.SamplingRate, reader.Channels);
    }

    /// <summary>A reader over the samples.</summary>
    internal AudioReader Open() => new Reader(this);

    private sealed class Reader(AudioSamples sound) : AudioReader(sound.SamplingRate, sound.Channels)
    {
        private int _position;

        public override int Read(Span<float> samples)
        {
            int frames = Math.Min(samples.Length / Channels, (sound.Samples.Length - _position) / Channels);
            sound.Samples.Span.Slice(_position, frames * Channels).CopyTo(samples);
            _position += frames * Channels;
            return frames;
        }
    }
}
