using System.Buffers.Binary;

namespace Polymodal.Providers.Local.Images;

/// <summary>The chunks of a PNG.</summary>
internal static class PngChunks
{
    private static readonly uint[] CheckTable = [.. Enumerable.Range(0, 256).Select(CheckEntry)];

    /// <summary>Throws when the header's check sum is wrong, which libvips does not mind and Pillow does.</summary>
    public static void CheckHeader(ReadOnlySpan<byte> file)
    {
        if (file.Length < 33 || !file[12..].StartsWith("IHDR"u8) || CheckSum(file[12..29]) != BinaryPrimitives.ReadUInt32BigEndian(file[29..]))
            throw new InvalidDataException("the PNG picture's header is damaged: its check sum is wrong. Fetch the file again.");
    }

    /// <summary>The chunks' types and where their data stand.</summary>
    public static List<(string Type, Range Data)> Of(ReadOnlySpan<byte> file)
    {
        var chunks = new List<(string, Range)>();
        for (int at = 8; at + 12 <= file.Length;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
            if (length > file.Length - at - 12)
                break;
            chunks.Add((System.Text.Encoding.Latin1.GetString(file.Slice(at + 4, 4)), (at + 8)..(at + 8 + (int)length)));
            at += 12 + (int)length;
        }

        return chunks;
    }

    private static uint CheckSum(ReadOnlySpan<byte> data)
    {
        uint sum = uint.MaxValue;
        foreach (byte value in data)
            sum = CheckTable[(sum ^ value) & 255] ^ (sum >> 8);
        return ~sum;
    }

    private static uint CheckEntry(int value)
    {
        uint sum = (uint)value;
        for (int bit = 0; bit < 8; bit++)
            sum = (sum & 1) != 0 ? 0xEDB88320 ^ (sum >> 1) : sum >> 1;
        return sum;
    }
}
