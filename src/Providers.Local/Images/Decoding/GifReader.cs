using System.Buffers.Binary;

namespace Polymodal.Providers.Local.Images;

/// <summary>Reads a frame of a GIF as Pillow does. libvips gives clear pixels no colour; Pillow shows the hidden one.</summary>
/// <remarks>
/// Reference: CompuServe, GIF89a; Pillow 13. The first frame lies on a ground of the palette's first colour, a frame that is larger than the screen makes it
/// grow. Later frames lie on those before them, which are disposed of as they say.
/// </remarks>
internal static class GifReader
{
    private const int Extension = 0x21, Frame = 0x2C, Trailer = 0x3B, GraphicControl = 0xF9;

    public static int CountFrames(ReadOnlyMemory<byte> file)
    {
        int frames = 0;
        Walk(file.Span, (_, _, _) => ++frames > 0);
        return Math.Max(1, frames);
    }

    public static PixelBuffer Read(ReadOnlyMemory<byte> file, ImageFormat format, ImageDecodingOptions options, CancellationToken cancellationToken)
    {
        ReadOnlySpan<byte> data = file.Span;
        Canvas? canvas = null;
        int frames = 0;
        Walk(data, (at, control, body) =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            var frame = FrameHeader.Read(file.Span, at);
            canvas ??= new Canvas(file.Span, frame, format, options);
            canvas.Draw(file.Span, frame, control, body, isFirst: frames == 0, isLast: frames == options.Frame);
            return frames++ < options.Frame;
        });
        return canvas is null ? throw new InvalidDataException("the GIF picture has no frame. It is damaged or was cut.")
            : frames <= options.Frame ? throw new InvalidDataException($"the GIF picture has {frames} frames, but frame {options.Frame} (from 0) is asked for.")
            : canvas.Picture().ToRgb(options.Background);
    }

    // Visits the frames: where the descriptor stands, the graphic control before it, where the pixels begin. Ends where the visitor says false.
    private static void Walk(ReadOnlySpan<byte> data, FrameVisitor visit)
    {
        int at = 13 + ((data[10] & 0x80) != 0 ? 3 << ((data[10] & 7) + 1) : 0), control = -1;
        while (at < data.Length && data[at] != Trailer)
        {
            if (data[at] == Extension)
            {
                if (data[at + 1] == GraphicControl)
                    control = at + 3;
                at = SkipBlocks(data, at + 2);
            }
            else if (data[at] == Frame)
            {
                int body = at + 10 + ((data[at + 9] & 0x80) != 0 ? 3 << ((data[at + 9] & 7) + 1) : 0);
                if (!visit(at, control, body))
                    return;
                at = SkipBlocks(data, body + 1);
                control = -1;
            }
            else
            {
                at++;
            }
        }
    }

    private static int SkipBlocks(ReadOnlySpan<byte> data, int at)
    {
        while (at < data.Length && data[at] != 0)
            at += data[at] + 1;
        return at + 1;
    }

    private delegate bool FrameVisitor(int at, int control, int body);

    private readonly record struct FrameHeader(int Left, int Top, int Width, int Height, bool IsInterlaced, Range Palette)
    {
        public static FrameHeader Read(ReadOnlySpan<byte> data, int at)
        {
            int flags = data[at + 9];
            bool hasPalette = (flags & 0x80) != 0, hasGlobal = (data[10] & 0x80) != 0;
            Range palette = hasPalette ? (at + 10)..(at + 10 + (3 << ((flags & 7) + 1))) : hasGlobal ? 13..(13 + (3 << ((data[10] & 7) + 1))) : 0..0;
            return new(UInt16(data, at + 1), UInt16(data, at + 3), UInt16(data, at + 5), UInt16(data, at + 7), (flags & 0x40) != 0, palette);
        }
    }

    private sealed class Canvas
    {
        private readonly int _width, _height;
        private readonly ImageFormat _format;
        private readonly ImageDecodingOptions _options;
        private readonly byte[] _pixels;

        public Canvas(ReadOnlySpan<byte> data, FrameHeader first, ImageFormat format, ImageDecodingOptions options)
        {
            (_format, _options) = (format, options);
            long width = Math.Max(UInt16(data, 6), first.Left + first.Width), height = Math.Max(UInt16(data, 8), first.Top + first.Height);
            options.CheckSize(format, width, height);
            (_width, _height) = ((int)width, (int)height);
            _pixels = new byte[width * height * 4];
            ReadOnlySpan<byte> palette = data[first.Palette];
            for (int i = 0; i < _pixels.Length; i += 4)
            {
                if (palette.Length >= 3)
                    palette[..3].CopyTo(_pixels.AsSpan(i));
                _pixels[i + 3] = 255;
            }
        }

        public void Draw(ReadOnlySpan<byte> data, FrameHeader frame, int control, int body, bool isFirst, bool isLast)
        {
            _options.CheckSize(_format, Math.Max(1, frame.Width), Math.Max(1, frame.Height));
            int disposal = control < 0 ? 0 : (data[control] >> 2) & 7, clear = control >= 0 && (data[control] & 1) != 0 ? data[control + 3] : -1;
            byte[]? before = !isLast && disposal == 3 ? [.. _pixels] : null;
            byte[] indices = GifCodes.Decode(data, body, frame.Width * frame.Height);
            ReadOnlySpan<byte> palette = data[frame.Palette];
            for (int row = 0, from = 0; row < frame.Height; row++)
            {
                int y = frame.Top + (frame.IsInterlaced ? Interlaced(row, frame.Height) : row);
                for (int x = frame.Left; x < frame.Left + frame.Width; x++, from++)
                {
                    int index = indices[from];
                    // Of the first frame clear pixels keep their colour, with alpha 0; later ones let shine through what was there.
                    if (x < _width && y < _height && (index != clear || isFirst))
                        Set(((y * _width) + x) * 4, palette, index, index == clear ? (byte)0 : (byte)255);
                }
            }

            if (isLast)
                return;
            if (disposal == 2)
                Clear(frame);
            else
                before?.CopyTo(_pixels, 0);
        }

        public PixelBuffer Picture() => new(_width, _height, 4, _pixels);

        private void Set(int at, ReadOnlySpan<byte> palette, int index, byte alpha)
        {
            // Without a palette colours are grey; an index behind its end is black.
            for (int channel = 0; channel < 3; channel++)
                _pixels[at + channel] = palette.Length == 0 ? (byte)index : (index * 3) + channel < palette.Length ? palette[(index * 3) + channel] : (byte)0;
            _pixels[at + 3] = alpha;
        }

        private void Clear(FrameHeader frame)
        {
            for (int y = frame.Top; y < Math.Min(_height, frame.Top + frame.Height); y++)
                _pixels.AsSpan(((y * _width) + Math.Min(frame.Left, _width)) * 4, Math.Max(0, Math.Min(frame.Width, _width - frame.Left)) * 4).Clear();
        }

        // Rows come in four passes: every eighth from 0, every eighth from 4, every fourth from 2, every second from 1.
        private static int Interlaced(int row, int height)
        {
            foreach ((int start, int step) in (ReadOnlySpan<(int, int)>)[(0, 8), (4, 8), (2, 4), (1, 2)])
            {
                int rows = Math.Max(0, (height - start + step - 1) / step);
                if (row < rows)
                    return start + (row * step);
                row -= rows;
            }

            return height - 1;
        }
    }

    private static int UInt16(ReadOnlySpan<byte> data, int at) => BinaryPrimitives.ReadUInt16LittleEndian(data[at..]);
}
