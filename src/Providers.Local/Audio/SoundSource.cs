using Microsoft.Extensions.AI;
using Polymodal.Providers.Local.Audio.Decoding;

namespace Polymodal.Providers.Local.Audio;

/// <summary>A sound that can be opened again and again.</summary>
/// <param name="Open">Opens it at its start.</param>
/// <param name="Seconds">About how long it is.</param>
internal sealed record SoundSource(Func<IAudioDecoder, AudioReader> Open, double Seconds)
{
    // What is known before decoding is the number of bytes; compressed sounds are longer than this guess, which only the queue uses.
    private const double BytesPerSecond = 32_000;

    public static SoundSource Of(AudioSamples samples) => new(_ => samples.Open(), samples.Duration.TotalSeconds);

    public static SoundSource Of(DataContent content) => new(decoder => new OwningReader(decoder, new ReadOnlyMemoryStream(content.Data)), content.Data.Length / BytesPerSecond);

    public static SoundSource Of(FileInfo file) =>
        new(decoder => new OwningReader(decoder, new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 65_536)), (file.Exists ? file.Length : 0) / BytesPerSecond);

    // A reader that ends with the stream it was opened on.
    private sealed class OwningReader : AudioReader
    {
        private readonly Stream _stream;
        private readonly AudioReader _reader;

        public OwningReader(IAudioDecoder decoder, Stream stream)
            : this(stream, OpenOn(decoder, stream))
        {
        }

        private OwningReader(Stream stream, AudioReader reader)
            : base(reader.SamplingRate, reader.Channels) => (_stream, _reader) = (stream, reader);

        public override int Read(Span<float> samples) => _reader.Read(samples);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _reader.Dispose();
                _stream.Dispose();
            }

            base.Dispose(disposing);
        }

        private static AudioReader OpenOn(IAudioDecoder decoder, Stream stream)
        {
            try
            {
                return decoder.Open(stream);
            }
            catch
            {
                stream.Dispose();
                throw;
            }
        }
    }

    private sealed class ReadOnlyMemoryStream(ReadOnlyMemory<byte> bytes) : Stream
    {
        private int _position;

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => bytes.Length;

        public override long Position
        {
            get => _position;
            set => _position = (int)Math.Clamp(value, 0, bytes.Length);
        }

        public override int Read(Span<byte> buffer)
        {
            int count = Math.Min(buffer.Length, bytes.Length - _position);
            bytes.Span.Slice(_position, count).CopyTo(buffer);
            _position += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override long Seek(long offset, SeekOrigin origin) =>
            Position = origin switch { SeekOrigin.Begin => offset, SeekOrigin.Current => _position + offset, _ => bytes.Length + offset };

        public override void Flush()
        {
        }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
