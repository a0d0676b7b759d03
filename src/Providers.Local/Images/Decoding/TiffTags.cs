using System.Buffers.Binary;

namespace Polymodal.Providers.Local.Images;

/// <summary>The first directory of a TIFF structure, which Exif data are too.</summary>
internal static class TiffTags
{
    public const int Compression = 259, Photometric = 262, Orientation = 274;

    /// <summary>Values of <see cref="Photometric"/>.</summary>
    public const int YCbCr = 6, Lab = 8, IccLab = 9, ItuLab = 10;

    /// <summary>A value of <see cref="Compression"/>.</summary>
    public const int JpegCompression = 7;

    private const int Short = 3;

    /// <summary>A tag's first number.</summary>
    /// <param name="tiff">The structure from its byte order on; not BigTIFF.</param>
    /// <param name="tag">The tag.</param>
    /// <returns>Null where there is none, or the structure is damaged.</returns>
    public static long? Find(ReadOnlySpan<byte> tiff, int tag)
    {
        if (tiff.Length < 8)
            return null;
        bool isLittle = tiff[0] == 'I';
        long directory = UInt32(tiff, 4, isLittle);
        if (directory + 2 > tiff.Length)
            return null;
        int entries = UInt16(tiff, (int)directory, isLittle);
        for (int entry = 0; entry < entries; entry++)
        {
            long at = directory + 2 + (entry * 12);
            if (at + 12 > tiff.Length)
                return null;
            if (UInt16(tiff, (int)at, isLittle) == tag)
                return UInt16(tiff, (int)at + 2, isLittle) == Short ? UInt16(tiff, (int)at + 8, isLittle) : UInt32(tiff, (int)at + 8, isLittle);
        }

        return null;
    }

    private static int UInt16(ReadOnlySpan<byte> data, int at, bool isLittle) =>
        isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(data[at..]) : BinaryPrimitives.ReadUInt16BigEndian(data[at..]);

    private static uint UInt32(ReadOnlySpan<byte> data, int at, bool isLittle) =>
        isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(data[at..]) : BinaryPrimitives.ReadUInt32BigEndian(data[at..]);
}
