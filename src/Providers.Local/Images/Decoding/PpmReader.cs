namespace Polymodal.Providers.Local.Images;

/// <summary>Reads the six kinds of PBM, PGM and PPM, as text and as bytes.</summary>
/// <remarks>Reference: Netpbm's format pages; Pillow 13 for other highest values than 255: colours are scaled and rounded, grey of 16 bits is cut off at 255.</remarks>
internal static class PpmReader
{
    private const int LongestNumber = 10;

    public static PixelBuffer Read(ReadOnlyMemory<byte> file, ImageFormat format, ImageDecodingOptions options, CancellationToken cancellationToken)
    {
        ReadOnlySpan<byte> data = file.Span;
        int kind = data[1] - '0', at = 2;
        bool isText = kind <= 3, isBits = kind is 1 or 4;
        long width = Number(data, ref at), height = Number(data, ref at);
        long highest = isBits ? 1 : Number(data, ref at);
        options.CheckSize(format, width, height);
        if (highest is < 1 or > 65535)
            throw new InvalidDataException($"the PPM picture says its highest value is {highest}; it must be 1 to 65,535. It is damaged.");
        int channels = kind is 3 or 6 ? 3 : 1, count = (int)(width * height) * channels;
        // One byte of white space ends the header of the kinds of bytes.
        if (!isText)
            at++;
        byte[] pixels = GC.AllocateUninitializedArray<byte>(count);
        byte[] scale = Scale((int)highest, channels);
        if (kind == 4)
            Bits(data[at..], (int)width, (int)height, pixels);
        else if (kind == 1)
            TextBits(data, at, pixels);
        else if (isText)
            Text(data, at, scale, pixels, cancellationToken);
        else
            Bytes(data[at..], scale, pixels);
        return new PixelBuffer((int)width, (int)height, channels, pixels).ToRgb();
    }

    private static byte[] Scale(int highest, int channels)
    {
        byte[] scale = new byte[highest + 1];
        for (int value = 0; value <= highest; value++)
            scale[value] = (byte)Math.Min(255, Math.Round((double)value / highest * (highest > 255 && channels == 1 ? 65535 : 255), MidpointRounding.ToEven));
        return scale;
    }

    private static void Bytes(ReadOnlySpan<byte> body, byte[] scale, byte[] pixels)
    {
        bool isWide = scale.Length > 256;
        if (body.Length < pixels.LongLength * (isWide ? 2 : 1))
            throw new InvalidDataException($"the PPM picture has {body.Length} bytes of pixels; its header asks for more. It was cut; fetch it again.");
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = scale[Math.Min(isWide ? (body[i * 2] << 8) | body[(i * 2) + 1] : body[i], scale.Length - 1)];
    }

    private static void Bits(ReadOnlySpan<byte> body, int width, int height, byte[] pixels)
    {
        int stride = (width + 7) / 8;
        if (body.Length < (long)stride * height)
            throw new InvalidDataException($"the PBM picture has {body.Length} bytes of pixels; its header asks for {(long)stride * height}. It was cut; fetch it again.");
        for (int y = 0, to = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++, to++)
                pixels[to] = (byte)(((body[(y * stride) + (x / 8)] >> (7 - (x % 8))) & 1) == 0 ? 255 : 0);
        }
    }

    private static void TextBits(ReadOnlySpan<byte> data, int at, byte[] pixels)
    {
        for (int i = 0; i < pixels.Length; at++)
        {
            SkipSpace(data, ref at);
            pixels[i++] = data[at] switch
            {
                (byte)'0' => 255,
                (byte)'1' => 0,
                var other => throw new InvalidDataException($"the PBM picture has the byte {other:X2} among its pixels; known: 0, 1. It is damaged."),
            };
        }
    }

    private static void Text(ReadOnlySpan<byte> data, int at, byte[] scale, byte[] pixels, CancellationToken cancellationToken)
    {
        for (int i = 0; i < pixels.Length; i++)
        {
            if (i % 65_536 == 0)
                cancellationToken.ThrowIfCancellationRequested();
            long value = Number(data, ref at);
            pixels[i] = value < scale.Length ? scale[value] : throw new InvalidDataException($"the PPM picture has a value of {value}, more than its highest, {scale.Length - 1}. It is damaged.");
        }
    }

    private static long Number(ReadOnlySpan<byte> data, ref int at)
    {
        SkipSpace(data, ref at);
        long value = 0;
        int start = at;
        for (; at < data.Length && data[at] is >= (byte)'0' and <= (byte)'9'; at++)
        {
            value = (value * 10) + data[at] - '0';
            if (at - start >= LongestNumber)
                throw new InvalidDataException($"the PPM picture has a number of more than {LongestNumber} digits in its header. It is damaged.");
        }

        return at > start ? value : throw new InvalidDataException("the PPM picture ends early, or something else stands where a number should. It is damaged.");
    }

    // White space, and comments from # to the end of the line.
    private static void SkipSpace(ReadOnlySpan<byte> data, ref int at)
    {
        while (at < data.Length && (data[at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t' or 11 or 12 or (byte)'#'))
        {
            if (data[at] == '#')
            {
                while (at < data.Length && data[at] is not ((byte)'\n' or (byte)'\r'))
                    at++;
            }
            else
            {
                at++;
            }
        }
    }
}
