using System.Text;

namespace Polymodal.Providers.Local.Images;

/// <summary>A file format of pictures, told by the first bytes; names of files are not looked at. A new format is a line in <see cref="Known"/>.</summary>
/// <param name="Name">What a person calls it.</param>
/// <param name="Matches">Whether a file that begins so is of it.</param>
internal sealed record ImageFormat(string Name, ImageSignature Matches)
{
    private static readonly string[] Avif = ["avif", "avis"], Heic = ["heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1"];

    /// <summary>JPEG, which has markers of its own to look at.</summary>
    public static readonly ImageFormat Jpeg = new("JPEG", file => file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])) { Loader = "jpegload_buffer" };

    /// <summary>PNG, whose chunks may hold Exif data.</summary>
    public static readonly ImageFormat Png = new("PNG", file => file.StartsWith("\x89PNG\r\n\x1A\n"u8) || file.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47])) { Loader = "pngload_buffer" };

    /// <summary>WebP.</summary>
    public static readonly ImageFormat WebP = new("WebP", file => file.Length >= 12 && file.StartsWith("RIFF"u8) && file[8..].StartsWith("WEBP"u8)) { Loader = "webpload_buffer", HasPages = true };

    /// <summary>TIFF.</summary>
    public static readonly ImageFormat Tiff = new("TIFF", file => file.StartsWith("II*\0"u8) || file.StartsWith("MM\0*"u8) || file.StartsWith("II+\0"u8) || file.StartsWith("MM\0+"u8)) { Loader = "tiffload_buffer", HasPages = true, FailOn = "error" };

    /// <summary>All formats that are told apart, looked at in this order.</summary>
    public static readonly IReadOnlyList<ImageFormat> Known =
    [
        Jpeg,
        Png,
        WebP,
        Tiff,
        new("GIF", file => file.StartsWith("GIF87a"u8) || file.StartsWith("GIF89a"u8)) { Read = GifReader.Read, Frames = GifReader.CountFrames },
        new("AVIF", file => HasBrand(file, Avif)) { Loader = "heifload_buffer", HasPages = true },
        new("BMP", file => file.StartsWith("BM"u8)) { Read = BmpReader.Read },
        new("PPM", file => file.Length > 2 && file[0] == 'P' && file[1] is >= (byte)'1' and <= (byte)'6' && file[2] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t' or (byte)'#') { Read = PpmReader.Read },
        new("HEIC", file => HasBrand(file, Heic)) { ReadBy = "Magick.NET" },
        new("JPEG XL", file => file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x0A]) || file.StartsWith("\0\0\0\x0CJXL "u8)) { ReadBy = "Magick.NET" },
        new("JPEG 2000", file => file.StartsWith("\0\0\0\x0CjP  "u8) || file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x4F, 0xFF, 0x51])) { ReadBy = "Magick.NET" },
        new("ICO", file => file.StartsWith((ReadOnlySpan<byte>)[0, 0, 1, 0]) || (file.StartsWith((ReadOnlySpan<byte>)[0, 0, 2, 0]) && file.Length > 6 && file[4] != 0)) { ReadBy = "SixLabors.ImageSharp" },
        new("QOI", file => file.StartsWith("qoif"u8)) { ReadBy = "SixLabors.ImageSharp" },
        new("PCX", file => file.Length > 4 && file[0] == 10 && file[1] <= 5 && file[2] <= 1 && file[3] is 1 or 2 or 4 or 8) { ReadBy = "Magick.NET" },
        new("Photoshop", file => file.StartsWith("8BPS"u8)) { ReadBy = "Magick.NET" },
        new("OpenEXR", file => file.StartsWith((ReadOnlySpan<byte>)[0x76, 0x2F, 0x31, 0x01])) { ReadBy = "Magick.NET" },
        new("Radiance HDR", file => file.StartsWith("#?RADIANCE"u8) || file.StartsWith("#?RGBE"u8)) { ReadBy = "Magick.NET" },
        new("DDS", file => file.StartsWith("DDS "u8)) { ReadBy = "Magick.NET" },
        new("FITS", file => file.StartsWith("SIMPLE  ="u8)) { ReadBy = "Magick.NET" },
        new("PAM", file => file.StartsWith("P7\n"u8)) { ReadBy = "SixLabors.ImageSharp" },
        new("PDF", file => file.StartsWith("%PDF-"u8)) { ReadBy = "Magick.NET" },
        new("PostScript", file => file.StartsWith("%!PS"u8)) { ReadBy = "Magick.NET" },
        new("SVG", IsSvg) { ReadBy = "Svg.Skia" },
        new("TGA", IsTga) { ReadBy = "SixLabors.ImageSharp" },
    ];

    /// <summary>libvips' loader; null where it is not used.</summary>
    public string? Loader { get; init; }

    /// <summary>Whether libvips' loader takes the number of a page.</summary>
    public bool HasPages { get; init; }

    /// <summary>What libvips' loader takes for an error (VipsFailOn).</summary>
    public string FailOn { get; init; } = "truncated";

    /// <summary>An own reader; null where there is none.</summary>
    public ImageReader? Read { get; init; }

    /// <summary>Counts the frames of what an own reader reads; null where there is always one.</summary>
    public Func<ReadOnlyMemory<byte>, int>? Frames { get; init; }

    /// <summary>The library that reads it, where this one does not.</summary>
    private string? ReadBy { get; init; }

    /// <summary>The formats that are read, for a message.</summary>
    public static string Supported => string.Join(", ", Known.Where(format => format.ReadBy is null).Select(format => format.Name));

    /// <summary>Tells the format of a file.</summary>
    /// <exception cref="InvalidDataException">It is none that is known.</exception>
    /// <exception cref="NotSupportedException">It is known but not read.</exception>
    public static ImageFormat Of(ReadOnlySpan<byte> file)
    {
        foreach (ImageFormat format in Known)
        {
            if (!format.Matches(file))
                continue;
            return format.ReadBy is not { } library ? format : throw new NotSupportedException(
                $"the picture is {format.Name}, which is not read here; supported: {Supported}. Convert it, or give an IImageDecoder that reads it (an adapter to {library}).");
        }

        string start = file.Length == 0 ? "is empty" : $"of {file.Length} bytes begins with {Convert.ToHexString(file[..Math.Min(8, file.Length)])}";
        throw new InvalidDataException($"the file {start}, which is no picture known here; supported: {Supported}. Give the bytes of such a file.");
    }

    // ISO base media: a box "ftyp" with a main brand and compatible ones. A still AVIF may have the general brand mif1 in first place.
    private static bool HasBrand(ReadOnlySpan<byte> file, string[] brands)
    {
        if (file.Length < 16 || !file[4..].StartsWith("ftyp"u8))
            return false;
        int end = (int)Math.Min(Math.Min((uint)file.Length, 256), System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(file));
        for (int at = 8; at + 4 <= end; at += at == 8 ? 8 : 4)
        {
            if (brands.Contains(Encoding.ASCII.GetString(file.Slice(at, 4))))
                return true;
        }

        return false;
    }

    private static bool IsSvg(ReadOnlySpan<byte> file) =>
        file[..Math.Min(file.Length, 1_000)].IndexOf("<svg"u8) >= 0;

    // TGA has no signature at its start: the fields of its header must make sense, or its footer says so.
    private static bool IsTga(ReadOnlySpan<byte> file) =>
        (file.Length >= 44 && file[^18..].StartsWith("TRUEVISION-XFILE"u8))
        || (file.Length > 18 && file[1] <= 1 && file[2] is 1 or 2 or 3 or 9 or 10 or 11 && file[16] is 8 or 15 or 16 or 24 or 32 && (file[1] == 1) == (file[2] is 1 or 9)
            && (file[12] | file[13]) != 0 && (file[14] | file[15]) != 0 && (file[17] & 0xC0) == 0);
}

/// <summary>Whether a file begins as files of a format do.</summary>
internal delegate bool ImageSignature(ReadOnlySpan<byte> file);

/// <summary>Reads a picture as red, green, blue.</summary>
internal delegate PixelBuffer ImageReader(ReadOnlyMemory<byte> file, ImageFormat format, ImageDecodingOptions options, CancellationToken cancellationToken);
