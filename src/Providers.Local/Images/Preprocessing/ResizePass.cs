using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Polymodal.Providers.Local.Images;

/// <summary>One pass of a resize over bytes: weighted sums in whole numbers, rounded and cut off to 0–255.</summary>
/// <remarks>
/// A weight has 22 bits behind the point. The fast form splits it into two of 11, so that one instruction multiplies 16 numbers of 16 bits and adds neighbours; the
/// sum of both parts is the same whole number. Without AVX2 the plain form runs.
/// </remarks>
internal static class ResizePass
{
    /// <summary>Bytes that the fast form may read behind the end of a row.</summary>
    public const int Slack = 16;

    private const int Channels = 3, Half = 1 << (FilterWeights.Bits - 1), LowBits = 11, LowMask = (1 << LowBits) - 1, Group = 4;

    /// <summary>Makes rows of another width.</summary>
    /// <param name="source">Rows of three bytes a pixel.</param>
    /// <param name="stride">Bytes from one row to the next.</param>
    /// <param name="weights">For each pixel of a result's row.</param>
    /// <param name="firstColumn">The column that a source row begins with.</param>
    /// <param name="result">Receives rows without gaps.</param>
    /// <param name="rows">How many.</param>
    public static void Horizontal(ReadOnlySpan<byte> source, int stride, FilterWeights weights, int firstColumn, Span<byte> result, int rows)
    {
        int width = weights.Starts.Length, groups = (weights.Taps + Group - 1) / Group;
        short[]? split = Avx2.IsSupported ? SplitForRows(weights, groups) : null;
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<byte> from = source[(row * stride)..];
            Span<byte> to = result.Slice(row * width * Channels, width * Channels);
            for (int x = 0; x < width; x++)
            {
                int start = (weights.Starts[x] - firstColumn) * Channels, length = weights.Lengths[x], used = (length + Group - 1) / Group;
                // The fast form reads whole groups; near the end of the source there are too few bytes.
                if (split is not null && start + (used * Group * Channels) + Group <= from.Length)
                    FastPixel(ref MemoryMarshal.GetReference(from[start..]), ref split[x * groups * 32], used, ref to[x * Channels]);
                else
                    PlainPixel(from[start..], weights.Whole.AsSpan(x * weights.Taps, length), to[(x * Channels)..]);
            }
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
            ReadOnlySpan<int> row = weights.Whole.AsSpan(y * weights.Taps, weights.Lengths[y]);
            ReadOnlySpan<byte> from = source[((weights.Starts[y] - firstRow) * stride)..];
            Span<byte> to = result.Slice(y * resultStride, bytes);
            int done = Avx2.IsSupported ? FastRow(from, stride, row, to) : 0;
            for (int x = done; x < bytes; x++)
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

    // For each pixel and group of four taps: 16 high parts, then 16 low ones, in the order that the shuffle brings the bytes into.
    private static short[] SplitForRows(FilterWeights weights, int groups)
    {
        var split = new short[weights.Starts.Length * groups * 32];
        for (int x = 0; x < weights.Starts.Length; x++)
        {
            for (int tap = 0; tap < weights.Lengths[x]; tap++)
            {
                int weight = weights.Whole[(x * weights.Taps) + tap], inGroup = tap % Group;
                int at = (((x * groups) + (tap / Group)) * 32) + (inGroup / 2 * 8) + (inGroup % 2);
                for (int channel = 0; channel < Channels; channel++)
                {
                    split[at + (channel * 2)] = (short)(weight >> LowBits);
                    split[at + (channel * 2) + 16] = (short)(weight & LowMask);
                }
            }
        }

        return split;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FastPixel(ref byte from, ref short split, int groups, ref byte to)
    {
        // Of four pixels: the first two in the lower half, the others in the upper one, as pairs of 16 bits (r0 r1 g0 g1 b0 b1).
        Vector256<byte> pairs = Vector256.Create(
            0, 255, 3, 255, 1, 255, 4, 255, 2, 255, 5, 255, 255, 255, 255, 255,
            6, 255, 9, 255, 7, 255, 10, 255, 8, 255, 11, 255, 255, 255, 255, 255);
        Vector256<int> high = Vector256<int>.Zero, low = Vector256<int>.Zero;
        for (int group = 0; group < groups; group++)
        {
            Vector128<byte> bytes = Vector128.LoadUnsafe(ref from, (nuint)(group * Group * Channels));
            Vector256<short> pixels = Avx2.Shuffle(Vector256.Create(bytes, bytes), pairs).AsInt16();
            high += Avx2.MultiplyAddAdjacent(pixels, Vector256.LoadUnsafe(ref split, (nuint)(group * 32)));
            low += Avx2.MultiplyAddAdjacent(pixels, Vector256.LoadUnsafe(ref split, (nuint)((group * 32) + 16)));
        }

        Vector256<int> both = Vector256.ShiftLeft(high, LowBits) + low;
        Vector128<int> sum = Vector128.ShiftRightArithmetic(both.GetLower() + both.GetUpper() + Vector128.Create(Half), FilterWeights.Bits);
        uint packed = Sse2.PackUnsignedSaturate(Sse2.PackSignedSaturate(sum, sum), Vector128<short>.Zero).AsUInt32().ToScalar();
        to = (byte)packed;
        Unsafe.Add(ref to, 1) = (byte)(packed >> 8);
        Unsafe.Add(ref to, 2) = (byte)(packed >> 16);
    }

    // Sixteen bytes at a time, two rows of the source at once. Gives how many bytes are done.
    private static int FastRow(ReadOnlySpan<byte> from, int stride, ReadOnlySpan<int> weights, Span<byte> to)
    {
        int x = 0;
        ref byte source = ref MemoryMarshal.GetReference(from);
        for (; x + 16 <= to.Length; x += 16)
        {
            Vector256<int> high0 = Vector256<int>.Zero, low0 = high0, high1 = high0, low1 = high0;
            for (int tap = 0; tap < weights.Length; tap += 2)
            {
                bool hasSecond = tap + 1 < weights.Length;
                int first = weights[tap], second = hasSecond ? weights[tap + 1] : 0;
                Vector128<byte> upper = Vector128.LoadUnsafe(ref source, (nuint)((tap * stride) + x));
                Vector128<byte> lower = hasSecond ? Vector128.LoadUnsafe(ref source, (nuint)(((tap + 1) * stride) + x)) : Vector128<byte>.Zero;
                Vector256<short> left = Avx2.ConvertToVector256Int16(Sse2.UnpackLow(upper, lower)), right = Avx2.ConvertToVector256Int16(Sse2.UnpackHigh(upper, lower));
                Vector256<short> highs = Vector256.Create(((second >> LowBits) << 16) | ((first >> LowBits) & 0xFFFF)).AsInt16();
                Vector256<short> lows = Vector256.Create(((second & LowMask) << 16) | (first & LowMask)).AsInt16();
                high0 += Avx2.MultiplyAddAdjacent(left, highs);
                low0 += Avx2.MultiplyAddAdjacent(left, lows);
                high1 += Avx2.MultiplyAddAdjacent(right, highs);
                low1 += Avx2.MultiplyAddAdjacent(right, lows);
            }

            Vector256<int> sum0 = Vector256.ShiftRightArithmetic(Vector256.ShiftLeft(high0, LowBits) + low0 + Vector256.Create(Half), FilterWeights.Bits);
            Vector256<int> sum1 = Vector256.ShiftRightArithmetic(Vector256.ShiftLeft(high1, LowBits) + low1 + Vector256.Create(Half), FilterWeights.Bits);
            Vector128<short> words0 = Sse2.PackSignedSaturate(sum0.GetLower(), sum0.GetUpper()), words1 = Sse2.PackSignedSaturate(sum1.GetLower(), sum1.GetUpper());
            Sse2.PackUnsignedSaturate(words0, words1).CopyTo(to[x..]);
        }

        return x;
    }
}
