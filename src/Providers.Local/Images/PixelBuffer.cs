using System.Buffers;
using System.Runtime.InteropServices;

namespace Polymodal.Providers.Local.Images;

/// <summary>Raw pixels: rows from the top, channels side by side.</summary>
/// <remarks>Holds the memory it was given without copying it; do not write into it while a generator works with it.</remarks>
public sealed class PixelBuffer
{
    /// <summary>Wraps pixels of 8 bits.</summary>
    /// <param name="width">Pixels in a row; at least 1.</param>
    /// <param name="height">Rows; at least 1.</param>
    /// <param name="channels">1 grey, 3 red, green, blue, 4 those and alpha (0 clear, 255 solid, colours not multiplied by it).</param>
    /// <param name="pixels">Shape [height, width, channels], row-major, 0 to 255.</param>
    /// <exception cref="ArgumentException">The lengths disagree, or there is another number of channels.</exception>
    public PixelBuffer(int width, int height, int channels, ReadOnlyMemory<byte> pixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (channels is not (1 or 3 or 4))
            throw new ArgumentException($"channels is {channels}; supported: 1 grey, 3 RGB, 4 RGBA. Convert the pixels first.", nameof(channels));
        if (pixels.Length != (long)width * height * channels)
            throw new ArgumentException($"pixels has {pixels.Length} elements; {width} × {height} × {channels} are {(long)width * height * channels}. Give one element a channel of each pixel, rows without gaps.", nameof(pixels));
        (Width, Height, Channels, Pixels) = (width, height, channels, pixels);
    }

    /// <summary>Takes over pixels of floating-point numbers as 8 bits, rounded; what is outside of 0 to 1 is cut off.</summary>
    /// <param name="width">Pixels in a row; at least 1.</param>
    /// <param name="height">Rows; at least 1.</param>
    /// <param name="channels">1 grey, 3 red, green, blue, 4 those and alpha.</param>
    /// <param name="pixels">Shape [height, width, channels], row-major, 0 to 1. NaN counts as 0.</param>
    /// <exception cref="ArgumentException">The lengths disagree, or there is another number of channels.</exception>
    public PixelBuffer(int width, int height, int channels, ReadOnlySpan<float> pixels)
        : this(width, height, channels, (ReadOnlyMemory<byte>)ToBytes(pixels))
    {
    }

    private byte[]? _rented;

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>1 grey, 3 RGB, 4 RGBA.</summary>
    public int Channels { get; }

    /// <summary>Shape [height, width, channels], row-major.</summary>
    public ReadOnlyMemory<byte> Pixels { get; }

    /// <summary>The same picture with three channels.</summary>
    /// <param name="background">What lies under clear pixels; null drops alpha, so that hidden colours show, as Pillow's <c>convert("RGB")</c> does.</param>
    /// <returns>This picture when it has three channels already.</returns>
    public PixelBuffer ToRgb(RgbColor? background = null)
    {
        if (Channels == 3)
            return this;
        byte[] rgb = GC.AllocateUninitializedArray<byte>(Width * Height * 3);
        PixelRows.ToRgb(Pixels.Span, Channels, background, rgb);
        return new PixelBuffer(Width, Height, 3, rgb);
    }

    /// <summary>The pixels of a picture made by <see cref="Create"/>, to write into.</summary>
    internal Span<byte> Buffer => MemoryMarshal.AsMemory(Pixels).Span;

    /// <summary>A picture of three channels whose pixels are still to be written.</summary>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="isRented">Whether the memory comes from the shared pool; see <see cref="Return"/>.</param>
    internal static PixelBuffer Create(int width, int height, bool isRented)
    {
        int length = checked(width * height * 3);
        byte[] pixels = isRented ? ArrayPool<byte>.Shared.Rent(length) : GC.AllocateUninitializedArray<byte>(length);
        return new PixelBuffer(width, height, 3, (ReadOnlyMemory<byte>)pixels.AsMemory(0, length)) { _rented = isRented ? pixels : null };
    }

    /// <summary>Gives rented memory back; the picture must not be used any more.</summary>
    internal void Return()
    {
        if (Interlocked.Exchange(ref _rented, null) is { } pixels)
            ArrayPool<byte>.Shared.Return(pixels);
    }

    private static byte[] ToBytes(ReadOnlySpan<float> pixels)
    {
        byte[] bytes = new byte[pixels.Length];
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = float.IsNaN(pixels[i]) ? (byte)0 : (byte)Math.Clamp(MathF.Round(pixels[i] * 255), 0, 255);
        return bytes;
    }
}

/// <summary>A colour.</summary>
/// <param name="Red">0 to 255.</param>
/// <param name="Green">0 to 255.</param>
/// <param name="Blue">0 to 255.</param>
public readonly record struct RgbColor(byte Red, byte Green, byte Blue)
{
    /// <summary>White, which transformers puts under pictures with alpha.</summary>
    public static RgbColor White { get; } = new(255, 255, 255);

    /// <summary>Black.</summary>
    public static RgbColor Black { get; }
}
