using System.Buffers;
using System.Numerics.Tensors;

namespace Polymodal.Providers.Local.Images;

/// <summary>Resizes in single precision, without any rounding to levels, as torchvision does where a picture was made numbers first (DINOv3).</summary>
/// <remarks>Reference: PyTorch 2.9, UpSampleKernel.cpp, antialiased, single precision.</remarks>
internal static class FloatResizer
{
    private const int Channels = 3;

    /// <summary>Resizes to numbers on the scale of the bytes.</summary>
    public static void Resize(ReadOnlySpan<byte> source, int width, FloatWindow window, ImagePart part, Span<float> result)
    {
        int stride = part.Width * Channels;
        float[] middle = ArrayPool<float>.Shared.Rent(window.RowsNeeded * stride);
        for (int row = 0; row < window.RowsNeeded; row++)
            Across(source.Slice((window.FirstRow + row) * width * Channels, width * Channels), window.Columns, part.Left, middle.AsSpan(row * stride, stride));
        for (int y = 0; y < part.Height; y++)
        {
            Span<float> target = result.Slice(y * stride, stride);
            if (window.Rows is not { } rows)
            {
                middle.AsSpan(y * stride, stride).CopyTo(target);
                continue;
            }

            target.Clear();
            for (int tap = 0; tap < rows.Lengths[y]; tap++)
                TensorPrimitives.MultiplyAdd(middle.AsSpan((rows.Starts[y] - window.FirstRow + tap) * stride, stride), (float)rows.Exact[(y * rows.Taps) + tap], target, target);
        }

        ArrayPool<float>.Shared.Return(middle);
    }

    private static void Across(ReadOnlySpan<byte> row, FilterWeights? columns, int left, Span<float> target)
    {
        for (int x = 0, to = 0; to < target.Length; x++, to += Channels)
        {
            if (columns is null)
            {
                int at = (left + x) * Channels;
                (target[to], target[to + 1], target[to + 2]) = (row[at], row[at + 1], row[at + 2]);
                continue;
            }

            float red = 0, green = 0, blue = 0;
            ReadOnlySpan<double> weights = columns.Exact.AsSpan(x * columns.Taps, columns.Lengths[x]);
            int from = columns.Starts[x] * Channels;
            foreach (double exact in weights)
            {
                float weight = (float)exact;
                red += weight * row[from];
                green += weight * row[from + 1];
                blue += weight * row[from + 2];
                from += Channels;
            }

            (target[to], target[to + 1], target[to + 2]) = (red, green, blue);
        }
    }
}

/// <summary>What two passes need: the weights (null where a side keeps its length), and which rows of the source.</summary>
internal readonly record struct FloatWindow(FilterWeights? Columns, FilterWeights? Rows, int FirstRow, int RowsNeeded);
