using System.Text;

namespace Polymodal.Providers.Local.Onnx;

/// <summary>Walks the fields of a protocol-buffer file, and skips what nobody asks for without reading it.</summary>
/// <remarks>Format: https://protobuf.dev/programming-guides/encoding. Not safe for concurrent use.</remarks>
internal sealed class ProtobufReader
{
    private readonly FileStream _stream;

    private ProtobufReader(FileStream stream) => _stream = stream;

    /// <summary>The file's length, in bytes.</summary>
    public long Length => _stream.Length;

    /// <summary>Where it stands in the file, in bytes.</summary>
    public long Position
    {
        get => _stream.Position;
        set => _stream.Position = value;
    }

    /// <summary>Reads an ONNX file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="read">Gets the reader, at the file's beginning.</param>
    /// <exception cref="InvalidDataException">The file is no ONNX file, or is cut.</exception>
    public static void Read(string path, Action<ProtobufReader> read)
    {
        using FileStream stream = File.OpenRead(path);
        try
        {
            read(new ProtobufReader(stream));
        }
        catch (EndOfStreamException exception)
        {
            throw new InvalidDataException($"{path} ({stream.Length:N0} bytes) is not a model that ONNX Runtime can load: its fields do not end with the file. Fetch the file again; it may have been cut.", exception);
        }
    }

    /// <summary>Visits the fields of a message that hold bytes, text or a message, and skips numbers.</summary>
    /// <param name="end">Where the message ends.</param>
    /// <param name="visit">Gets a field's number and its end; it stands at the field's beginning and may read as much of it as it likes.</param>
    /// <exception cref="EndOfStreamException">The fields do not end with the message.</exception>
    public void Each(long end, Action<int, long> visit)
    {
        while (_stream.Position < end)
        {
            ulong tag = Varint();
            switch (tag & 7)
            {
                case 0:
                    Varint();
                    break;
                case 1:
                    _stream.Position += 8;
                    break;
                case 5:
                    _stream.Position += 4;
                    break;
                case 2:
                    ulong length = Varint();
                    if (length > (ulong)Math.Max(0, end - _stream.Position))
                        throw new EndOfStreamException();
                    long next = _stream.Position + (long)length;
                    visit((int)(tag >> 3), next);
                    _stream.Position = next;
                    break;
                default:
                    throw new EndOfStreamException();
            }
        }
    }

    /// <summary>Reads the rest of a field as text.</summary>
    /// <param name="end">Where it ends.</param>
    public string Text(long end) => Encoding.UTF8.GetString(Bytes(end, 65_536));

    /// <summary>Reads the rest of a field as bytes; of a long one only the beginning.</summary>
    /// <param name="end">Where it ends.</param>
    /// <param name="most">How many bytes at most.</param>
    public byte[] Bytes(long end, int most)
    {
        byte[] bytes = new byte[Math.Min(end - _stream.Position, most)];
        _stream.ReadExactly(bytes);
        return bytes;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            int next = _stream.ReadByte();
            if (next < 0)
                throw new EndOfStreamException();
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }

        throw new EndOfStreamException();
    }
}
