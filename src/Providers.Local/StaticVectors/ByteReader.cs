namespace Polymodal.Providers.Local.StaticVectors;

/// <summary>Reads lines and blocks of bytes from a stream, front to end, through one buffer.</summary>
/// <param name="stream">The stream; the caller's to close.</param>
internal sealed class ByteReader(Stream stream)
{
    private const int LongestPiece = 1 << 24;
    private byte[] _buffer = new byte[1 << 16];
    private int _start, _end;
    private bool _isOver;

    /// <summary>The bytes up to a separator, which is read but not given; at the end of the stream what is left. Valid until the next call.</summary>
    /// <param name="separator">The byte that ends the piece.</param>
    /// <param name="piece">The bytes.</param>
    /// <returns>Whether there was anything left to read.</returns>
    /// <exception cref="InvalidDataException">16 MiB have no separator.</exception>
    public bool TryReadTo(byte separator, out ReadOnlySpan<byte> piece)
    {
        int seen = 0;
        while (true)
        {
            int found = _buffer.AsSpan(_start + seen, _end - _start - seen).IndexOf(separator);
            if (found >= 0)
            {
                piece = _buffer.AsSpan(_start, seen + found);
                _start += seen + found + 1;
                return true;
            }

            seen = _end - _start;
            if (seen > LongestPiece)
                throw new InvalidDataException($"more than {LongestPiece} bytes without a separator");
            if (!Fill())
            {
                piece = _buffer.AsSpan(_start, seen);
                _start = _end;
                return seen > 0;
            }
        }
    }

    /// <summary>Looks at the next bytes without reading them.</summary>
    /// <param name="count">How many are wanted; fewer come at the end of the stream.</param>
    public ReadOnlySpan<byte> Peek(int count)
    {
        while (_end - _start < count && Fill())
        {
        }

        return _buffer.AsSpan(_start, Math.Min(count, _end - _start));
    }

    /// <summary>Fills a span, or reads what is left.</summary>
    /// <returns>How many bytes it got.</returns>
    public int Read(Span<byte> target)
    {
        int count = 0;
        while (count < target.Length && (_end > _start || Fill()))
        {
            int part = Math.Min(target.Length - count, _end - _start);
            _buffer.AsSpan(_start, part).CopyTo(target[count..]);
            _start += part;
            count += part;
        }

        return count;
    }

    // Gets more bytes behind those not read yet, moving them to the front or to a larger buffer where there is no room.
    private bool Fill()
    {
        if (_isOver)
            return false;
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        int count = stream.Read(_buffer, _end, _buffer.Length - _end);
        _end += count;
        _isOver = count == 0;
        return !_isOver;
    }
}
