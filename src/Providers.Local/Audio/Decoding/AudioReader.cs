namespace Polymodal.Providers.Local.Audio.Decoding;

/// <summary>Reads the samples of a sound from the first to the last.</summary>
/// <remarks>Not safe for concurrent use.</remarks>
public abstract class AudioReader : IDisposable
{
    /// <summary>The least and the greatest rate that a sound may have, in Hz.</summary>
    internal const int LowestRate = 100, HighestRate = 768_000;

    /// <summary>The most channels a sound may have.</summary>
    internal const int MostChannels = 1_024;

    /// <summary>Creates a reader.</summary>
    /// <param name="samplingRate">Samples a second of each channel; 100 to 768,000.</param>
    /// <param name="channels">Number of channels; 1 to 1,024.</param>
    /// <exception cref="InvalidDataException">One of them is out of its range.</exception>
    protected AudioReader(long samplingRate, int channels)
    {
        if (samplingRate is < LowestRate or > HighestRate)
            throw new InvalidDataException($"the sound says it has {samplingRate} samples a second; taken are {LowestRate} to {HighestRate:N0}. Its header is damaged: write the file again.");
        if (channels is < 1 or > MostChannels)
            throw new InvalidDataException($"the sound says it has {channels} channels; taken are 1 to {MostChannels:N0}. Its header is damaged: write the file again.");
        SamplingRate = (int)samplingRate;
        Channels = channels;
    }

    /// <summary>Samples a second of each channel, in Hz.</summary>
    public int SamplingRate { get; }

    /// <summary>Number of channels.</summary>
    public int Channels { get; }

    /// <summary>Reads the next samples.</summary>
    /// <param name="samples">Receives [frame, channel], −1 to 1 where the format has integers; as many whole frames as fit, or fewer.</param>
    /// <returns>Frames read; 0 only at the end.</returns>
    /// <exception cref="ArgumentException"><paramref name="samples"/> does not hold one frame.</exception>
    /// <exception cref="InvalidDataException">The sound is damaged here.</exception>
    public abstract int Read(Span<float> samples);

    /// <summary>Ends the reading.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the reader holds. May be called again.</summary>
    /// <param name="disposing">True when called by <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
    }
}
