using System.Buffers.Binary;
using System.Text;

namespace Polymodal.Providers.Local.Onnx;

/// <summary>Writes fields of protocol-buffer messages.</summary>
/// <remarks>Format: https://protobuf.dev/programming-guides/encoding.</remarks>
internal static class ProtobufWriter
{
    /// <summary>A field that holds a message or bytes.</summary>
    public static byte[] Message(int field, ReadOnlySpan<byte> content) => [.. Header(field, content.Length), .. content];

    /// <summary>What stands before the content of a message.</summary>
    public static byte[] Header(int field, long length) => [.. Varint((ulong)field << 3 | 2), .. Varint((ulong)length)];

    /// <summary>A field that holds text.</summary>
    public static byte[] Text(int field, string text) => Message(field, Encoding.UTF8.GetBytes(text));

    /// <summary>A field that holds a whole number.</summary>
    public static byte[] Number(int field, long number) => [.. Varint((ulong)field << 3), .. Varint((ulong)number)];

    /// <summary>A field that holds a float32.</summary>
    public static byte[] Single(int field, float number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, number);
        return [.. Varint((ulong)field << 3 | 5), .. bytes];
    }

    private static List<byte> Varint(ulong number)
    {
        var bytes = new List<byte>();
        for (; number > 127; number >>= 7)
            bytes.Add((byte)(number & 127 | 128));
        bytes.Add((byte)number);
        return bytes;
    }
}
