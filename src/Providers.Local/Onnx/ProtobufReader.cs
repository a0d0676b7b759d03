using System.Buffers;
using System.Buffers.Binary;
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
    public void Each(long end, Action<int, long> visit) =>
        Fields(end, field =>
        {
            if (field.IsMessage)
                visit(field.Number, field.End);
        });

    /// <summary>Visits all fields of a message.</summary>
    /// <param name="end">Where the message ends.</param>
    /// <param name="visit">Gets each field; it stands behind the tag and the length, and may read as much as it likes.</param>
    /// <exception cref="EndOfStreamException">The fields do not end with the message.</exception>
    public void Fields(long end, Action<ProtobufField> visit)
    {
        while (_stream.Position < end)
        {
            long start = _stream.Position;
            ulong tag = Varint(), value = 0;
            int number = (int)(tag >> 3), wire = (int)(tag & 7);
            long next = 0;
            switch (wire)
            {
                case 0:
                    value = Varint();
                    break;
                case 1:
                    value = BinaryPrimitives.ReadUInt64LittleEndian(Bytes(_stream.Position + 8, 8));
                    break;
                case 5:
                    value = BinaryPrimitives.ReadUInt32LittleEndian(Bytes(_stream.Position + 4, 4));
                    break;
                case 2:
                    ulong length = Varint();
                    if (length > (ulong)Math.Max(0, end - _stream.Position))
                        throw new EndOfStreamException();
                    next = _stream.Position + (long)length;
                    break;
                default:
                    throw new EndOfStreamException();
            }

            if (wire != 2)
                next = _stream.Position;
            visit(new(number, wire == 2, start, next, value));
            _stream.Position = next;
        }
    }

    /// <summary>Reads the rest of a field as whole numbers, one after the other.</summary>
    /// <param name="end">Where it ends.</param>
    public IEnumerable<long> Numbers(long end)
    {
        while (_stream.Position < end)
            yield return (long)Varint();
    }

    /// <summary>Copies a part of the file.</summary>
    public void CopyTo(Stream stream, long start, long end)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        _stream.Position = start;
        while (_stream.Position < end)
        {
            int count = _stream.Read(buffer, 0, (int)Math.Min(buffer.Length, end - _stream.Position));
            if (count == 0)
                throw new EndOfStreamException();
            stream.Write(buffer, 0, count);
        }

        ArrayPool<byte>.Shared.Return(buffer);
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

/// <summary>A field of a message.</summary>
/// <param name="Number">Its number.</param>
/// <param name="IsMessage">Whether it holds bytes, text or a message.</param>
/// <param name="Start">Where its tag begins.</param>
/// <param name="End">Where it ends.</param>
/// <param name="Value">Its number or the bits of it, if it holds one.</param>
internal readonly record struct ProtobufField(int Number, bool IsMessage, long Start, long End, ulong Value);
