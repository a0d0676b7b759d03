using System.Buffers;

namespace Polymodal.Providers.Local.Images;

/// <summary>Changes the size of a picture of three bytes a pixel, bit for bit as Pillow or PyTorch does, and computes only the part that is wanted.</summary>
internal static class ImageResizer
{
    private const int Channels = 3;

    /// <summary>Resizes.</summary>
    /// <param name="source">Shape [height, width, 3].</param>
    /// <param name="width">Width of the source.</param>
    /// <param name="height">Height of the source.</param>
    /// <param name="to">Size of the whole result.</param>
    /// <param name="part">The part of it that is wanted.</param>
    /// <param name="filter">The filter.</param>
    /// <param name="isTorch">Whether PyTorch's arithmetic is wanted, else Pillow's.</param>
    /// <param name="result">Receives the part, shape [part height, part width, 3].</param>
    public static void Resize(ReadOnlySpan<byte> source, int width, int height, ImageSize to, ImagePart part, ResizeFilter filter, bool isTorch, Span<byte> result)
    {
        if (filter == ResizeFilter.Nearest)
        {
            Nearest(source, width, height, to, part, isTorch, result);
            return;
        }

        // What PyTorch's antialias does not know, the library replaces or does not do.
        if (isTorch && filter == ResizeFilter.Lanczos)
            filter = ResizeFilter.Bicubic;
        isTorch &= filter is ResizeFilter.Bilinear or ResizeFilter.Bicubic;
        FilterWeights? columns = to.Width == width ? null : FilterWeightsCache.Get(width, to.Width, part.Columns, filter, isTorch);
        FilterWeights? rows = to.Height == height ? null : FilterWeightsCache.Get(height, to.Height, part.Rows, filter, isTorch);
        Range sourceRows = rows?.Source ?? part.Rows, sourceColumns = columns?.Source ?? part.Columns;
        int rowsNeeded = sourceRows.GetOffsetAndLength(height).Length, columnsNeeded = sourceColumns.GetOffsetAndLength(width).Length;
        if (!isTorch && columns is not null && rows is not null && height > to.Height && height - to.Height > 2 * (width - to.Width))
            VerticalFirst(source, width, columns, rows, sourceColumns.Start.Value, columnsNeeded, part, result);
        else
            HorizontalFirst(source, width, columns, rows, sourceRows.Start.Value, rowsNeeded, part, result);
    }

    // Pillow 13 takes this order where it saves more, older ones and PyTorch never do.
    private static void VerticalFirst(ReadOnlySpan<byte> source, int width, FilterWeights columns, FilterWeights rows, int firstColumn, int columnsNeeded, ImagePart part, Span<byte> result)
    {
        int stride = columnsNeeded * Channels;
        byte[] middle = ArrayPool<byte>.Shared.Rent((part.Height * stride) + ResizePass.Slack);
        ResizePass.Vertical(source[(firstColumn * Channels)..], width * Channels, rows, 0, middle, stride, stride, part.Height);
        ResizePass.Horizontal(middle.AsSpan(0, (part.Height * stride) + ResizePass.Slack), stride, columns, firstColumn, result, part.Height);
        ArrayPool<byte>.Shared.Return(middle);
    }

    private static void HorizontalFirst(ReadOnlySpan<byte> source, int width, FilterWeights? columns, FilterWeights? rows, int firstRow, int rowsNeeded, ImagePart part, Span<byte> result)
    {
        int stride = part.Width * Channels;
        ReadOnlySpan<byte> needed = source.Slice(firstRow * width * Channels, rowsNeeded * width * Channels);
        if (rows is null)
        {
            Across(needed, width, columns, part, result, part.Height);
            return;
        }

        byte[] middle = ArrayPool<byte>.Shared.Rent(rowsNeeded * stride);
        Across(needed, width, columns, part, middle, rowsNeeded);
        ResizePass.Vertical(middle, stride, rows, firstRow, result, stride, stride, part.Height);
        ArrayPool<byte>.Shared.Return(middle);
    }

    private static void Across(ReadOnlySpan<byte> source, int width, FilterWeights? columns, ImagePart part, Span<byte> result, int rowCount)
    {
        if (columns is not null)
        {
            ResizePass.Horizontal(source, width * Channels, columns, 0, result, rowCount);
            return;
        }

        int stride = part.Width * Channels;
        for (int row = 0; row < rowCount; row++)
            source.Slice(((row * width) + part.Left) * Channels, stride).CopyTo(result[(row * stride)..]);
    }

    private static void Nearest(ReadOnlySpan<byte> source, int width, int height, ImageSize to, ImagePart part, bool isTorch, Span<byte> result)
    {
        int[] columns = Positions(width, to.Width, isTorch), rows = Positions(height, to.Height, isTorch);
        for (int y = 0, at = 0; y < part.Height; y++)
        {
            for (int x = 0; x < part.Width; x++, at += Channels)
                source.Slice(((rows[part.Top + y] * width) + columns[part.Left + x]) * Channels, Channels).CopyTo(result[at..]);
        }
    }

    // Pillow adds the positions up step by step; PyTorch ("nearest-exact", which transformers asks for) multiplies, in single precision.
    private static int[] Positions(int inSize, int outSize, bool isTorch)
    {
        var positions = new int[outSize];
        double step = (double)inSize / outSize, at = step * 0.5;
        float scale = (float)inSize / outSize;
        for (int i = 0; i < outSize; i++, at += step)
            positions[i] = Math.Min(isTorch ? (int)MathF.Floor((i + 0.5f) * scale) : (int)at, inSize - 1);
        return positions;
    }
}

/// <summary>A size.</summary>
internal readonly record struct ImageSize(int Width, int Height);

/// <summary>A part of a picture.</summary>
internal readonly record struct ImagePart(int Left, int Top, int Width, int Height)
{
    public Range Columns => Left..(Left + Width);

    public Range Rows => Top..(Top + Height);
}
