using System.Buffers.Binary;

namespace Polymodal.Providers.Local.Images;

/// <summary>What the markers before a JPEG's pixels say.</summary>
internal static class JpegMarkers
{
    private static readonly Dictionary<int, string> NotRead = new()
    {
        [0xC3] = "lossless",
        [0xC5] = "hierarchical",
        [0xC6] = "hierarchical",
        [0xC7] = "lossless hierarchical",
        [0xCB] = "lossless arithmetic",
        [0xCD] = "hierarchical",
        [0xCE] = "hierarchical",
        [0xCF] = "lossless hierarchical",
    };

    /// <summary>Throws when the file is a kind of JPEG that libvips does not read.</summary>
    public static void CheckReadable(ReadOnlySpan<byte> file)
    {
        foreach ((int marker, Range body) in Markers(file))
        {
            if (NotRead.TryGetValue(marker, out string? kind))
                throw new NotSupportedException($"the picture is a {kind} JPEG, which is not read here. Save it as a usual JPEG or as PNG.");
            if (IsFrame(marker) && file[body] is [var bits, ..] && bits != 8)
                throw new NotSupportedException($"the picture is a JPEG of {bits} bits, which is not read here. Save it with 8 bits, or as PNG.");
        }
    }

    /// <summary>The markers before the pixels and where their bodies stand.</summary>
    public static List<(int Marker, Range Body)> Markers(ReadOnlySpan<byte> file)
    {
        var markers = new List<(int, Range)>();
        for (int at = 2; at + 4 <= file.Length && file[at] == 0xFF;)
        {
            int marker = file[at + 1];
            if (marker == 0xFF)
            {
                at++;
                continue;
            }

            int length = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
            if (marker is 0xDA or 0xD9 || length < 2 || at + 2 + length > file.Length)
                break;
            markers.Add((marker, (at + 4)..(at + 2 + length)));
            at += 2 + length;
        }

        return markers;
    }

    private static bool IsFrame(int marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);
}
