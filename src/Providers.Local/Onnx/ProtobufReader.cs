using System.Text;

namespace Polymodal.Providers.Local.Onnx;

/// <summary>Walks the fields of a protocol-buffer file, and skips what nobody asks for without reading it.</summary>
/// <remarks>Format: https://protobuf.dev/programming-guides/encoding. Not safe for concurrent use.</remarks>
/// <param name="stream">The file.</param>
internal sealed class ProtobufReader(FileStream stream)
{
    /// <summary>Where it stands in the file, in bytes.</summary>
    public long Position
    {
        get => stream.Position;
        set => stream.Position = value;
    }

    /// <summary>Visits the fields of a message that hold bytes, text or a message, and skips numbers.</summary>
    /// <param name="end">Where the message ends.</param>
    /// <param name="visit">Gets a field's number and its end; it stands at the field's beginning and may read as much of it as it likes.</param>
    /// <exception cref="EndOfStreamException">The fields do not end with the message.</exception>
    public void Each(long end, Action<int, long> visit)
    {
        while (stream.Position < end)
        {
            ulong tag = Varint();
            switch (tag & 7)
            {
                case 0:
                    Varint();
                    break;
                case 1:
                    stream.Position += 8;
                    break;
                case 5:
                    stream.Position += 4;
                    break;
                case 2:
                    ulong length = Varint();
                    if (length > (ulong)Math.Max(0, end - stream.Position))
                        throw new EndOfStreamException();
                    long next = stream.Position + (long)length;
                    visit((int)(tag >> 3), next);
                    stream.Position = next;
                    break;
                default:
                    throw new EndOfStreamException();
            }
        }
    }

    /// <summary>Reads the rest of a field as text.</summary>
    /// <param name="end">Where it ends.</param>
    public string Text(long end)
    {
        byte[] bytes = new byte[Math.Min(end - stream.Position, 65_536)];
        stream.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            int next = stream.ReadByte();
            if (next < 0)
                throw new EndOfStreamException();
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }

        throw new EndOfStreamException();
    }
}
