using System.Buffers;

namespace Polymodal.Providers.Local.Audio.Decoding;

/// <summary>Reads samples that a file holds one after the other, without compression.</summary>
/// <param name="bytes">The file, at the first sample.</param>
/// <param name="format">How a sample is written.</param>
/// <param name="samplingRate">In Hz.</param>
/// <param name="channels">Number of channels.</param>
/// <param name="length">Bytes of samples that the header claims; fewer may be there.</param>
internal sealed class PcmReader(SoundBytes bytes, SampleFormat format, long samplingRate, int channels, ulong length) : AudioReader(samplingRate, channels)
{
    private const int BufferBytes = 65_536;
    private ulong _left = length;

    public override int Read(Span<float> samples)
    {
        int frameBytes = format.Bytes * Channels;
        int frames = Frames(samples.Length, Channels);
        frames = Math.Min(frames, Math.Max(1, BufferBytes / frameBytes));
        byte[] buffer = ArrayPool<byte>.Shared.Rent(frames * frameBytes);
        try
        {
            int read = bytes.Read(buffer.AsSpan(0, (int)Math.Min(_left, (ulong)(frames * frameBytes))));
            _left -= (ulong)read;
            frames = read / frameBytes;
            format.Decode(buffer.AsSpan(0, frames * frameBytes), samples[..(frames * Channels)]);
            return frames;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>How many frames a buffer holds.</summary>
    /// <exception cref="ArgumentException">Not one.</exception>
    public static int Frames(int length, int channels) =>
        length >= channels ? length / channels : throw new ArgumentException($"the buffer holds {length} samples, the sound has {channels} channels. Give room for one of each.", nameof(length));
}
