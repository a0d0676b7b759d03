using System.Runtime.Intrinsics.X86;

namespace Polymodal.Providers.Local.Images;

/// <summary>One pass of a resize over bytes: weighted sums in whole numbers, rounded and cut off to 0–255.</summary>
/// <remarks>With AVX2 <see cref="ResizeRows"/> and <see cref="ResizeColumns"/> do most of it; the plain form gives the same bytes.</remarks>
internal static class ResizePass
{
    /// <summary>Bytes that the fast form may read behind the end of a row.</summary>
    public const int Slack = 16;

    private const int Channels = 3, Half = 1 << (FilterWeights.Bits - 1);

    /// <summary>Makes rows of another width.</summary>
    /// <param name="source">Rows of three bytes a pixel.</param>
    /// <param name="stride">Bytes from one row to the next.</param>
    /// <param name="weights">For each pixel of a result's row.</param>
    /// <param name="firstColumn">The column that a source row begins with.</param>
    /// <param name="result">Receives rows without gaps.</param>
    /// <param name="rows">How many.</param>
    public static void Horizontal(ReadOnlySpan<byte> source, int stride, FilterWeights weights, int firstColumn, Span<byte> result, int rows)
    {
        int width = weights.Starts.Length;
        // The fast form reads whole groups of pixels; near the end of the source there are too few bytes.
        int reach = Avx2.IsSupported ? ResizeRows.Reach(weights, firstColumn) : int.MaxValue;
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<byte> from = source[(row * stride)..];
            Span<byte> to = result.Slice(row * width * Channels, width * Channels);
            if (reach <= from.Length)
            {
                ResizeRows.Run(from, weights, firstColumn, to);
                continue;
            }

            for (int x = 0; x < width; x++)
                PlainPixel(from[((weights.Starts[x] - firstColumn) * Channels)..], weights.Whole.AsSpan(x * weights.Taps, weights.Lengths[x]), to[(x * Channels)..]);
        }
    }

    /// <summary>Makes columns of another height.</summary>
    /// <param name="source">Rows.</param>
    /// <param name="stride">Bytes from one row to the next.</param>
    /// <param name="weights">For each row of the result.</param>
    /// <param name="firstRow">The row that the source begins with.</param>
    /// <param name="result">Receives rows.</param>
    /// <param name="resultStride">Bytes from one row of the result to the next.</param>
    /// <param name="bytes">Bytes of a row.</param>
    /// <param name="rows">How many.</param>
    public static void Vertical(ReadOnlySpan<byte> source, int stride, FilterWeights weights, int firstRow, Span<byte> result, int resultStride, int bytes, int rows)
    {
        for (int y = 0; y < rows; y++)
        {
            ReadOnlySpan<byte> from = source[((weights.Starts[y] - firstRow) * stride)..];
            Span<byte> to = result.Slice(y * resultStride, bytes);
            if (Avx2.IsSupported && bytes >= ResizeColumns.Block)
            {
                ResizeColumns.Run(from, stride, weights, y, to);
                continue;
            }

            ReadOnlySpan<int> row = weights.Whole.AsSpan(y * weights.Taps, weights.Lengths[y]);
            for (int x = 0; x < bytes; x++)
            {
                int sum = Half;
                for (int tap = 0; tap < row.Length; tap++)
                    sum += from[(tap * stride) + x] * row[tap];
                to[x] = (byte)Math.Clamp(sum >> FilterWeights.Bits, 0, 255);
            }
        }
    }

    private static void PlainPixel(ReadOnlySpan<byte> from, ReadOnlySpan<int> weights, Span<byte> to)
    {
        int red = Half, green = Half, blue = Half;
        for (int tap = 0, at = 0; tap < weights.Length; tap++, at += Channels)
        {
            red += from[at] * weights[tap];
            green += from[at + 1] * weights[tap];
            blue += from[at + 2] * weights[tap];
        }

        to[0] = (byte)Math.Clamp(red >> FilterWeights.Bits, 0, 255);
        to[1] = (byte)Math.Clamp(green >> FilterWeights.Bits, 0, 255);
        to[2] = (byte)Math.Clamp(blue >> FilterWeights.Bits, 0, 255);
    }
}
