using System.Buffers.Binary;

namespace Polymodal.Providers.Local.Audio.Decoding;

/// <summary>The bytes of a file, read forward. What was read of the header can be read again, even from a stream that cannot seek.</summary>
/// <remarks>Not safe for concurrent use. Never asks for more memory than the bytes that are there.</remarks>
internal sealed class SoundBytes
{
    private const int LongestHeader = 65_536;
    private readonly Stream _stream;
    private readonly long _start;
    private readonly MemoryStream? _header;

    public SoundBytes(Stream stream)
    {
        _stream = stream;
        _start = stream.CanSeek ? stream.Position : 0;
        _header = stream.CanSeek ? null : new MemoryStream();
    }

    /// <summary>Bytes from the start of the sound to the next one.</summary>
    public long Position { get; private set; }

    /// <summary>Whether <see cref="Return"/> reaches every place.</summary>
    public bool CanGoBack => _stream.CanSeek;

    /// <summary>Whether the sound has this many bytes from its start, as far as can be told.</summary>
    public bool MayHave(long count) => !_stream.CanSeek || count <= _stream.Length - _start;

    /// <summary>Reads as many bytes as fit, fewer only at the end.</summary>
    public int Read(Span<byte> bytes)
    {
        int read = 0;
        if (_header is not null && Position < _header.Length)
        {
            _header.Position = Position;
            read = _header.Read(bytes);
        }

        while (read < bytes.Length && _stream.Read(bytes[read..]) is var more and > 0)
        {
            if (_header is not null && Position + read == _header.Length && _header.Length + more <= LongestHeader)
            {
                _header.Position = _header.Length;
                _header.Write(bytes.Slice(read, more));
            }

            read += more;
        }

        Position += read;
        return read;
    }

    /// <summary>Reads all bytes asked for, or none that count.</summary>
    /// <returns>False when the sound ends before.</returns>
    public bool TryFill(Span<byte> bytes) => Read(bytes) == bytes.Length;

    /// <summary>Passes over bytes.</summary>
    /// <returns>False when the sound ends before.</returns>
    public bool Skip(ulong count)
    {
        if (_stream.CanSeek)
        {
            if (count > (ulong)Math.Max(0, _stream.Length - _stream.Position))
                return false;
            _stream.Seek((long)count, SeekOrigin.Current);
            Position += (long)count;
            return true;
        }

        Span<byte> passed = stackalloc byte[512];
        while (count > 0)
        {
            int read = Read(passed[..(int)Math.Min(count, (ulong)passed.Length)]);
            if (read == 0)
                return false;
            count -= (ulong)read;
        }

        return true;
    }

    /// <summary>Goes to a place.</summary>
    /// <param name="position">As <see cref="Position"/> counts.</param>
    /// <returns>False when the stream has no such place, or cannot seek and the place is not among what was kept.</returns>
    public bool Return(long position)
    {
        if (_stream.CanSeek ? position > _stream.Length - _start : Position > _header!.Length || position > _header.Length)
            return false;
        if (_stream.CanSeek)
            _stream.Position = _start + position;
        Position = position;
        return true;
    }

    /// <summary>The rest as a stream.</summary>
    public Stream AsStream() => new Rest(this);

    /// <summary>Letters of a chunk's id, others as <c>?</c>.</summary>
    public static string Id(ReadOnlySpan<byte> id)
    {
        Span<char> letters = stackalloc char[4];
        for (int i = 0; i < 4; i++)
            letters[i] = i < id.Length && id[i] is >= 32 and < 127 ? (char)id[i] : '?';
        return new string(letters);
    }

    /// <summary>A number of a header.</summary>
    public static uint UInt32(ReadOnlySpan<byte> bytes, bool bigEndian) => bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    /// <inheritdoc cref="UInt32"/>
    public static ushort UInt16(ReadOnlySpan<byte> bytes, bool bigEndian) => bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private sealed class Rest(SoundBytes bytes) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer) => bytes.Read(buffer);

        public override int Read(byte[] buffer, int offset, int count) => bytes.Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
