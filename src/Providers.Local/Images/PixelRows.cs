namespace Polymodal.Providers.Local.Images;

/// <summary>Turns rows of pixels of other kinds into red, green, blue.</summary>
internal static class PixelRows
{
    /// <summary>Grey, RGB or RGBA to RGB.</summary>
    /// <param name="pixels">Pixels side by side.</param>
    /// <param name="channels">1, 2 (grey and alpha), 3 or 4.</param>
    /// <param name="background">What lies under clear pixels; null drops alpha.</param>
    /// <param name="rgb">Receives three bytes a pixel.</param>
    public static void ToRgb(ReadOnlySpan<byte> pixels, int channels, RgbColor? background, Span<byte> rgb)
    {
        if (channels == 3)
        {
            pixels.CopyTo(rgb);
            return;
        }

        bool isGrey = channels < 3;
        for (int from = 0, to = 0; to < rgb.Length; from += channels, to += 3)
        {
            byte red = pixels[from], green = isGrey ? red : pixels[from + 1], blue = isGrey ? red : pixels[from + 2];
            if (background is { } under && channels is 2 or 4)
            {
                int alpha = pixels[from + channels - 1];
                (red, green, blue) = (Over(red, under.Red, alpha), Over(green, under.Green, alpha), Over(blue, under.Blue, alpha));
            }

            (rgb[to], rgb[to + 1], rgb[to + 2]) = (red, green, blue);
        }
    }

    /// <summary>Inks to RGB, as Pillow does it, without a profile.</summary>
    /// <param name="inks">Cyan, magenta, yellow, black, where 255 is all ink.</param>
    /// <param name="channels">Bytes a pixel; those after the fourth are left out.</param>
    /// <param name="rgb">Receives three bytes a pixel.</param>
    public static void FromInks(ReadOnlySpan<byte> inks, int channels, Span<byte> rgb)
    {
        for (int from = 0, to = 0; to < rgb.Length; from += channels, to += 3)
        {
            int paper = 255 - inks[from + 3];
            for (int ink = 0; ink < 3; ink++)
                rgb[to + ink] = (byte)Math.Clamp(paper - Product(inks[from + ink], paper), 0, 255);
        }
    }

    /// <summary>Luma and two differences of colour to RGB, as JPEG defines it.</summary>
    /// <param name="pixels">Three bytes a pixel.</param>
    /// <param name="rgb">Receives three bytes a pixel.</param>
    public static void FromYCbCr(ReadOnlySpan<byte> pixels, Span<byte> rgb)
    {
        for (int at = 0; at < rgb.Length; at += 3)
        {
            double luma = pixels[at], blue = pixels[at + 1] - 128, red = pixels[at + 2] - 128;
            rgb[at] = Byte(luma + (1.402 * red));
            rgb[at + 1] = Byte(luma - (0.344136 * blue) - (0.714136 * red));
            rgb[at + 2] = Byte(luma + (1.772 * blue));
        }
    }

    private static byte Byte(double value) => (byte)Math.Clamp(Math.Round(value), 0, 255);

    /// <summary>Two numbers of 0 to 255 as fractions of 255, multiplied and rounded.</summary>
    private static int Product(int left, int right)
    {
        int product = (left * right) + 128;
        return ((product >> 8) + product) >> 8;
    }

    private static byte Over(int colour, int under, int alpha) => (byte)((((colour * alpha) + (under * (255 - alpha))) + 127) / 255);
}
