using System.Buffers.Binary;
using System.Numerics;

namespace Polymodal.Providers.Local.Images;

/// <summary>Reads BMP: 1, 2, 4 and 8 bits with a palette, run-length encoded too, and 16, 24 and 32 bits with any masks; rows from either end.</summary>
/// <remarks>Reference: Microsoft, Bitmap Storage; Pillow 13 where it leaves things open (short palettes, 32 bits without masks have no alpha).</remarks>
internal static class BmpReader
{
    private const int Rgb = 0, Rle8 = 1, Rle4 = 2, BitFields = 3, AlphaBitFields = 6;

    public static PixelBuffer Read(ReadOnlyMemory<byte> file, ImageFormat format, ImageDecodingOptions options, CancellationToken cancellationToken)
    {
        ReadOnlySpan<byte> data = file.Span;
        int offset = Int32(data, 10), headerSize = Int32(data, 14);
        if (headerSize is not (12 or 40 or 52 or 56 or 64 or 108 or 124))
            throw new InvalidDataException($"the BMP picture has a header of {headerSize} bytes; known: 12, 40, 52, 56, 64, 108, 124. It is damaged.");
        bool isOld = headerSize == 12;
        long width = isOld ? UInt16(data, 18) : Int32(data, 18), height = isOld ? UInt16(data, 20) : Int32(data, 22);
        int bits = UInt16(data, isOld ? 24 : 28), compression = isOld ? Rgb : Int32(data, 30);
        options.CheckSize(format, width, Math.Abs(height));
        if (compression is not (Rgb or Rle8 or Rle4 or BitFields or AlphaBitFields) || bits is not (1 or 2 or 4 or 8 or 16 or 24 or 32) || (compression == Rle8 && bits != 8) || (compression == Rle4 && bits != 4))
            throw new InvalidDataException($"the BMP picture has {bits} bits a pixel and compression {compression}, which do not go together or are not known. It is damaged.");
        var layout = new Layout((int)width, (int)Math.Abs(height), bits, IsTopDown: height < 0);
        ReadOnlySpan<byte> body = data[Math.Max(offset, 0)..];
        if (bits > 8)
            return Colours(body, layout, Masks(data, headerSize, compression, bits), options.Background);
        byte[] palette = Palette(data, offset, headerSize, bits);
        byte[] indices = compression is Rle8 or Rle4 ? RunLengths(body, layout) : Packed(body, layout);
        cancellationToken.ThrowIfCancellationRequested();
        byte[] rgb = GC.AllocateUninitializedArray<byte>(indices.Length * 3);
        for (int pixel = 0; pixel < indices.Length; pixel++)
            palette.AsSpan(indices[pixel] * 3, 3).CopyTo(rgb.AsSpan(pixel * 3));
        return new PixelBuffer(layout.Width, layout.Height, 3, rgb);
    }

    private static byte[] Palette(ReadOnlySpan<byte> data, int offset, int headerSize, int bits)
    {
        int entryBytes = headerSize == 12 ? 3 : 4, start = 14 + headerSize;
        int colours = headerSize == 12 ? 0 : Int32(data, 46);
        colours = colours is <= 0 or > 256 ? 1 << bits : colours;
        if (offset > start)
            colours = Math.Min(colours, (offset - start) / entryBytes);
        byte[] palette = new byte[256 * 3];
        for (int colour = 0; colour < colours; colour++)
        {
            int at = start + (colour * entryBytes);
            (palette[colour * 3], palette[(colour * 3) + 1], palette[(colour * 3) + 2]) = (data[at + 2], data[at + 1], data[at]);
        }

        return palette;
    }

    private static uint[] Masks(ReadOnlySpan<byte> data, int headerSize, int compression, int bits)
    {
        if (compression is not (BitFields or AlphaBitFields))
            return bits == 16 ? [0x7C00, 0x03E0, 0x001F, 0] : [0xFF0000, 0xFF00, 0xFF, 0];
        // Three masks stand behind the header of 40 bytes and inside of longer ones; the fourth is for alpha.
        uint alpha = headerSize >= 56 || compression == AlphaBitFields ? UInt32(data, 66) : 0;
        return [UInt32(data, 54), UInt32(data, 58), UInt32(data, 62), alpha];
    }

    private static PixelBuffer Colours(ReadOnlySpan<byte> body, Layout layout, uint[] masks, RgbColor? background)
    {
        bool hasAlpha = masks[3] != 0;
        int channels = hasAlpha ? 4 : 3, bytes = layout.Bits / 8;
        byte[] pixels = new byte[layout.Width * layout.Height * channels];
        bool isPlain = layout.Bits == 24 || (masks is [0xFF0000, 0xFF00, 0xFF, _] && !hasAlpha && layout.Bits == 32);
        for (int row = 0; row < layout.Height; row++)
        {
            ReadOnlySpan<byte> source = layout.Row(body, row);
            Span<byte> target = pixels.AsSpan(row * layout.Width * channels, layout.Width * channels);
            for (int from = 0, to = 0; to < target.Length; from += bytes, to += channels)
            {
                if (isPlain)
                {
                    (target[to], target[to + 1], target[to + 2]) = (source[from + 2], source[from + 1], source[from]);
                    continue;
                }

                uint value = bytes == 2 ? (uint)UInt16(source, from) : UInt32(source, from);
                for (int channel = 0; channel < channels; channel++)
                    target[to + channel] = Field(value, masks[channel]);
            }
        }

        return new PixelBuffer(layout.Width, layout.Height, channels, pixels).ToRgb(background);
    }

    private static byte Field(uint value, uint mask)
    {
        if (mask == 0)
            return 0;
        int shift = BitOperations.TrailingZeroCount(mask);
        ulong most = mask >> shift;
        return (byte)(((value & mask) >> shift) * 255UL / most);
    }

    private static byte[] Packed(ReadOnlySpan<byte> body, Layout layout)
    {
        byte[] indices = new byte[layout.Width * layout.Height];
        int perByte = 8 / layout.Bits, mask = (1 << layout.Bits) - 1;
        for (int row = 0; row < layout.Height; row++)
        {
            ReadOnlySpan<byte> source = layout.Row(body, row);
            Span<byte> target = indices.AsSpan(row * layout.Width, layout.Width);
            for (int x = 0; x < target.Length; x++)
                target[x] = (byte)((source[x / perByte] >> ((perByte - 1 - (x % perByte)) * layout.Bits)) & mask);
        }

        return indices;
    }

    // Pairs of count and value; a count of 0 is followed by 0 end of row, 1 end of picture, 2 a move, else that many single pixels.
    private static byte[] RunLengths(ReadOnlySpan<byte> body, Layout layout)
    {
        byte[] indices = new byte[layout.Width * layout.Height];
        bool isNibbles = layout.Bits == 4;
        int x = 0, row = 0;
        for (int at = 0; row < layout.Height;)
        {
            int count = body[at], value = body[at + 1];
            at += 2;
            if (count > 0)
            {
                for (int i = 0; i < count; i++, x++)
                    Set(indices, layout, x, row, isNibbles ? (i % 2 == 0 ? value >> 4 : value & 15) : value);
                continue;
            }

            if (value == 1)
                break;
            if (value == 0)
            {
                (x, row) = (0, row + 1);
            }
            else if (value == 2)
            {
                (x, row) = (x + body[at], row + body[at + 1]);
                at += 2;
            }
            else
            {
                for (int i = 0; i < value; i++, x++)
                    Set(indices, layout, x, row, isNibbles ? (i % 2 == 0 ? body[at + (i / 2)] >> 4 : body[at + (i / 2)] & 15) : body[at + i]);
                int bytes = isNibbles ? (value + 1) / 2 : value;
                at += (bytes + 1) & ~1;
            }
        }

        return indices;
    }

    private static void Set(byte[] indices, Layout layout, int x, int row, int value)
    {
        if (x < layout.Width && row < layout.Height)
            indices[((layout.IsTopDown ? row : layout.Height - 1 - row) * layout.Width) + x] = (byte)value;
    }

    private static int UInt16(ReadOnlySpan<byte> data, int at) => BinaryPrimitives.ReadUInt16LittleEndian(data[at..]);

    private static uint UInt32(ReadOnlySpan<byte> data, int at) => BinaryPrimitives.ReadUInt32LittleEndian(data[at..]);

    private static int Int32(ReadOnlySpan<byte> data, int at) => BinaryPrimitives.ReadInt32LittleEndian(data[at..]);

    private sealed record Layout(int Width, int Height, int Bits, bool IsTopDown)
    {
        // Rows are padded to four bytes.
        private readonly int _stride = (int)((((long)Width * Bits) + 31) / 32 * 4);

        public ReadOnlySpan<byte> Row(ReadOnlySpan<byte> body, int row) =>
            body.Slice(checked((IsTopDown ? row : Height - 1 - row) * _stride), (int)((((long)Width * Bits) + 7) / 8));
    }
}
