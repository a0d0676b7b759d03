using System.Runtime.InteropServices;

namespace Polymodal.Providers.Local.Images;

/// <summary>What libvips gives, as red, green, blue in the way of Pillow's <c>convert("RGB")</c>.</summary>
/// <param name="bands">Numbers a pixel.</param>
/// <param name="format">Their kind (VipsBandFormat).</param>
/// <param name="background">What lies under clear pixels; null drops alpha.</param>
internal sealed class VipsRows(int bands, int format, RgbColor? background)
{
    private const int UChar = 0, UShort = 2, UInt = 4, Float = 6, Double = 8;
    private static readonly Dictionary<int, int> Sizes = new() { [UChar] = 1, [1] = 1, [UShort] = 2, [3] = 2, [UInt] = 4, [5] = 4, [Float] = 4, [Double] = 8 };

    private byte[] _bytes = [];

    /// <summary>Bytes a pixel as libvips gives it.</summary>
    public int PixelBytes { get; } = bands * (Sizes.TryGetValue(format, out int size) ? size
        : throw new NotSupportedException($"the picture has complex numbers as pixels. Convert it to 8 bits first."));

    /// <summary>Whether they are inks.</summary>
    public bool IsCmyk { get; init; }

    /// <summary>Whether they are luma and two differences of colour, which libvips leaves to others where a TIFF has them uncompressed.</summary>
    public bool IsYCbCr { get; init; }

    /// <summary>Converts rows.</summary>
    /// <param name="source">As libvips gives them.</param>
    /// <param name="rgb">Receives three bytes a pixel.</param>
    public void ToRgb(ReadOnlySpan<byte> source, Span<byte> rgb)
    {
        ReadOnlySpan<byte> bytes = format == UChar ? source : Narrow(source);
        if (IsCmyk && bands >= 4)
        {
            PixelRows.FromInks(bytes, bands, rgb);
        }
        else if (IsYCbCr && bands == 3)
        {
            PixelRows.FromYCbCr(bytes, rgb);
        }
        else
        {
            PixelRows.ToRgb(bytes, bands > 4 ? throw new NotSupportedException($"the picture has {bands} channels a pixel; supported: grey, RGB, each with alpha, CMYK. Convert it first.") : bands, background, rgb);
        }
    }

    // One channel of 16 bits or more is cut off at 255, several keep their high byte: so does Pillow.
    private ReadOnlySpan<byte> Narrow(ReadOnlySpan<byte> source)
    {
        int count = source.Length / PixelBytes * bands;
        Span<byte> bytes = Buffer(count);
        switch (format)
        {
            case UShort when bands == 1:
                ReadOnlySpan<ushort> grey = MemoryMarshal.Cast<byte, ushort>(source);
                for (int i = 0; i < count; i++)
                    bytes[i] = (byte)Math.Min((int)grey[i], 255);
                break;
            case UShort:
                ReadOnlySpan<ushort> colours = MemoryMarshal.Cast<byte, ushort>(source);
                for (int i = 0; i < count; i++)
                    bytes[i] = (byte)(colours[i] >> 8);
                break;
            case Float:
                ReadOnlySpan<float> numbers = MemoryMarshal.Cast<byte, float>(source);
                for (int i = 0; i < count; i++)
                    bytes[i] = float.IsNaN(numbers[i]) ? (byte)0 : (byte)Math.Clamp(numbers[i], 0, 255);
                break;
            case Double:
                ReadOnlySpan<double> doubles = MemoryMarshal.Cast<byte, double>(source);
                for (int i = 0; i < count; i++)
                    bytes[i] = double.IsNaN(doubles[i]) ? (byte)0 : (byte)Math.Clamp(doubles[i], 0, 255);
                break;
            case UInt or 5:
                ReadOnlySpan<int> wholes = MemoryMarshal.Cast<byte, int>(source);
                for (int i = 0; i < count; i++)
                    bytes[i] = (byte)Math.Clamp(format == UInt ? (uint)wholes[i] : wholes[i], 0L, 255L);
                break;
            case 3:
                ReadOnlySpan<short> shorts = MemoryMarshal.Cast<byte, short>(source);
                for (int i = 0; i < count; i++)
                    bytes[i] = (byte)Math.Clamp((int)shorts[i], 0, 255);
                break;
            default:
                for (int i = 0; i < count; i++)
                    bytes[i] = (byte)Math.Max((sbyte)source[i], (sbyte)0);
                break;
        }

        return bytes;
    }

    private Span<byte> Buffer(int count)
    {
        if (_bytes.Length < count)
            _bytes = new byte[count];
        return _bytes.AsSpan(0, count);
    }
}
