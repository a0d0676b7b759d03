using System.Buffers.Binary;
using System.Text;

namespace Polymodal.Providers.Local.Images;

/// <summary>How a picture is to be turned, as its Exif or XMP data say: 1 to 8, as TIFF numbers them.</summary>
/// <remarks>Reference: Pillow 13, ImageOps.exif_transpose. Values outside of 1 to 8 and damaged data leave the picture as it is.</remarks>
internal static class Orientation
{
    /// <summary>Reads it from a file.</summary>
    /// <returns>1 where nothing is said.</returns>
    public static int Of(ReadOnlySpan<byte> file, ImageFormat format)
    {
        try
        {
            int value = format == ImageFormat.Jpeg ? InJpeg(file) : format == ImageFormat.Png ? InPng(file) : format == ImageFormat.WebP ? InWebP(file) : format == ImageFormat.Tiff ? InTiff(file) : 1;
            return value is >= 1 and <= 8 ? value : 1;
        }
        catch (Exception exception) when (exception is IndexOutOfRangeException or ArgumentOutOfRangeException or OverflowException)
        {
            return 1;
        }
    }

    /// <summary>Turns a picture.</summary>
    public static PixelBuffer Apply(PixelBuffer picture, int orientation)
    {
        if (orientation == 1)
            return picture;
        int width = picture.Width, height = picture.Height, channels = picture.Channels;
        bool isTransposed = orientation >= 5;
        int newWidth = isTransposed ? height : width, newHeight = isTransposed ? width : height;
        byte[] turned = GC.AllocateUninitializedArray<byte>(picture.Pixels.Length);
        ReadOnlySpan<byte> pixels = picture.Pixels.Span;
        for (int y = 0, to = 0; y < newHeight; y++)
        {
            for (int x = 0; x < newWidth; x++, to += channels)
            {
                (int column, int row) = orientation switch
                {
                    2 => (width - 1 - x, y),
                    3 => (width - 1 - x, height - 1 - y),
                    4 => (x, height - 1 - y),
                    5 => (y, x),
                    6 => (y, height - 1 - x),
                    7 => (width - 1 - y, height - 1 - x),
                    _ => (width - 1 - y, x),
                };
                pixels.Slice(((row * width) + column) * channels, channels).CopyTo(turned.AsSpan(to));
            }
        }

        return new PixelBuffer(newWidth, newHeight, channels, turned);
    }

    private static int InJpeg(ReadOnlySpan<byte> file)
    {
        int xmp = 1;
        foreach ((int marker, Range body) in JpegMarkers.Markers(file))
        {
            ReadOnlySpan<byte> data = file[body];
            if (marker == 0xE1 && data.StartsWith("Exif\0"u8) && data.Length > 6 && InTiff(data[6..]) is var value and not 0)
                return value;
            if (marker == 0xE1 && data.StartsWith("http://ns.adobe.com/xap/1.0/\0"u8))
                xmp = InXmp(data);
        }

        return xmp;
    }

    private static int InPng(ReadOnlySpan<byte> file)
    {
        int xmp = 1;
        foreach ((string type, Range body) in PngChunks.Of(file))
        {
            ReadOnlySpan<byte> data = file[body];
            if (type == "eXIf" && InTiff(data) is var value and not 0)
                return value;
            if (type == "iTXt" && data.StartsWith("XML:com.adobe.xmp\0"u8))
                xmp = InXmp(data);
        }

        return xmp;
    }

    private static int InWebP(ReadOnlySpan<byte> file)
    {
        int xmp = 1;
        for (int at = 12; at + 8 <= file.Length;)
        {
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(file[(at + 4)..]);
            if (length > file.Length - at - 8)
                break;
            ReadOnlySpan<byte> type = file.Slice(at, 4), data = file.Slice(at + 8, (int)length);
            if (type.SequenceEqual("EXIF"u8) && InTiff(data.StartsWith("Exif\0\0"u8) ? data[6..] : data) is var value and not 0)
                return value;
            if (type.SequenceEqual("XMP "u8))
                xmp = InXmp(data);
            at += 8 + (int)((length + 1) & ~1u);
        }

        return xmp;
    }

    // 0 where it does not say.
    private static int InTiff(ReadOnlySpan<byte> tiff) => (int)Math.Min(TiffTags.Find(tiff, TiffTags.Orientation) ?? 0, int.MaxValue);

    private static int InXmp(ReadOnlySpan<byte> xmp)
    {
        string text = Encoding.Latin1.GetString(xmp);
        int at = text.IndexOf("tiff:Orientation", StringComparison.Ordinal);
        if (at < 0)
            return 1;
        string rest = text.Substring(at + 16, Math.Min(4, text.Length - at - 16)).TrimStart('=', '>', '"', '\'', ' ');
        return rest.Length > 0 && char.IsAsciiDigit(rest[0]) ? rest[0] - '0' : 1;
    }
}
