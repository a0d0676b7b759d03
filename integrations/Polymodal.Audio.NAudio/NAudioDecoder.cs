using NAudio.Wave;
using Polymodal.Providers.Local.Audio.Decoding;

namespace Polymodal.Audio.NAudio;

/// <summary>Decodes sounds with NAudio: a reader of it opens the stream, and its samples are handed on.</summary>
/// <remarks>
/// Safe for concurrent use as long as <paramref name="open"/> is. Memory does not depend on the length of the sound. NAudio trusts headers more than Polymodal's own readers do: for
/// files of strangers use those.
/// </remarks>
/// <param name="open">Opens a stream, e.g. <c>stream => new WaveFileReader(stream)</c>, or on Windows <c>stream => new StreamMediaFoundationReader(stream)</c> of the package NAudio.Wasapi.</param>
/// <exception cref="ArgumentNullException"><paramref name="open"/> is null.</exception>
public sealed class NAudioDecoder(Func<Stream, WaveStream> open) : IAudioDecoder
{
    private readonly Func<Stream, WaveStream> _open = open ?? throw new ArgumentNullException(nameof(open));

    /// <inheritdoc/>
    public AudioReader Open(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        WaveStream wave;
        try
        {
            wave = _open(stream);
        }
        catch (Exception exception) when (exception is FormatException or InvalidOperationException or EndOfStreamException)
        {
            throw new InvalidDataException($"NAudio cannot read the sound: {exception.Message} The file is damaged or of another format: give another reader, or write the file again.", exception);
        }

        try
        {
            return new Reader(wave, new Plain(wave).ToSampleProvider());
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            wave.Dispose();
            throw new NotSupportedException(
                $"NAudio has no samples of the encoding {wave.WaveFormat.Encoding} with {wave.WaveFormat.BitsPerSample} bits: it takes PCM of 8 to 32 bits and floats. Give a reader that decodes to one of these.", exception);
        }
        catch
        {
            wave.Dispose();
            throw;
        }
    }

    // NAudio makes samples of plain formats only, not of extensible ones that say the same.
    private sealed class Plain(WaveStream wave) : IWaveProvider
    {
        public WaveFormat WaveFormat { get; } = Of(wave.WaveFormat);

        public int Read(byte[] buffer, int offset, int count) => wave.Read(buffer, offset, count);

        // WaveFileReader leaves the extension as bytes: valid bits, speakers, and an identifier that begins with the plain format's number.
        private static WaveFormat Of(WaveFormat format) =>
            format is not WaveFormatExtraData { Encoding: WaveFormatEncoding.Extensible, ExtraSize: >= 22 } extended ? format.AsStandardWaveFormat()
            : (WaveFormatEncoding)BitConverter.ToUInt16(extended.ExtraData, 6) switch
            {
                WaveFormatEncoding.Pcm => new WaveFormat(format.SampleRate, format.BitsPerSample, format.Channels),
                WaveFormatEncoding.IeeeFloat when format.BitsPerSample == 32 => WaveFormat.CreateIeeeFloatWaveFormat(format.SampleRate, format.Channels),
                _ => format,
            };
    }

    private sealed class Reader : AudioReader
    {
        private readonly WaveStream _wave;
        private readonly ISampleProvider _samples;
        private float[] _buffer = [];

        public Reader(WaveStream wave, ISampleProvider samples)
            : base(wave.WaveFormat.SampleRate, wave.WaveFormat.Channels) => (_wave, _samples) = (wave, samples);

        public override int Read(Span<float> samples)
        {
            int wanted = samples.Length / Channels * Channels;
            if (wanted == 0)
                throw new ArgumentException($"the buffer holds {samples.Length} samples, the sound has {Channels} channels. Give room for one of each.", nameof(samples));
            if (_buffer.Length < wanted)
                _buffer = new float[wanted];
            int read = _samples.Read(_buffer, 0, wanted) / Channels;
            _buffer.AsSpan(0, read * Channels).CopyTo(samples);
            return read;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _wave.Dispose();
            base.Dispose(disposing);
        }
    }
}
