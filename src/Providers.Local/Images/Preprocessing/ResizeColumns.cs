using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Polymodal.Providers.Local.Images;

/// <summary>Resizes down columns with AVX2, 32 bytes of two rows of the source at a time; the weights are as in <see cref="ResizeRows"/>.</summary>
internal static unsafe class ResizeColumns
{
    /// <summary>Bytes that are computed together; a row has at least as many.</summary>
    public const int Block = 32;

    private const int LowBits = 11, LowMask = (1 << LowBits) - 1;

    /// <summary>For each row of the result and pair of taps: both weights in one number, or their high parts and their low ones.</summary>
    public static int[] Arrange(FilterWeights weights)
    {
        int pairs = PairsOf(weights.Taps), size = weights.AreShort ? 1 : 2, shift = FilterWeights.Bits - weights.UsedBits;
        int[] arranged = new int[weights.Starts.Length * pairs * size];
        for (int y = 0; y < weights.Starts.Length; y++)
        {
            for (int tap = 0; tap < weights.Lengths[y]; tap += 2)
            {
                int first = weights.Whole[(y * weights.Taps) + tap], second = tap + 1 < weights.Lengths[y] ? weights.Whole[(y * weights.Taps) + tap + 1] : 0;
                int at = ((y * pairs) + (tap / 2)) * size, upper = weights.AreShort ? shift : LowBits;
                arranged[at] = ((second >> upper) << 16) | ((first >> upper) & 0xFFFF);
                if (!weights.AreShort)
                    arranged[at + 1] = ((second & LowMask) << 16) | (first & LowMask);
            }
        }

        return arranged;
    }

    /// <summary>Makes one row.</summary>
    /// <param name="source">The first row that counts and those below.</param>
    /// <param name="stride">Bytes from one row to the next.</param>
    /// <param name="weights">For each row of the result.</param>
    /// <param name="y">Which of them.</param>
    /// <param name="result">Receives the row.</param>
    public static void Run(ReadOnlySpan<byte> source, int stride, FilterWeights weights, int y, Span<byte> result)
    {
        int taps = weights.Lengths[y], pairs = PairsOf(weights.Taps);
        fixed (byte* from = source)
        fixed (byte* to = result)
        fixed (int* arranged = weights.Pairs)
        {
            for (int x = 0; ; x += Block)
            {
                // The last block ends with the row; what it shares with the one before is computed again.
                x = Math.Min(x, result.Length - Block);
                Vector256<byte> block = weights.AreShort ? Short(from + x, stride, arranged + (y * pairs), taps, weights.UsedBits) : Split(from + x, stride, arranged + (y * pairs * 2), taps);
                block.Store(to + x);
                if (x + Block == result.Length)
                    return;
            }
        }
    }

    private static Vector256<byte> Short(byte* source, int stride, int* weights, int taps, int bits)
    {
        Vector256<int> sum0 = Vector256.Create(1 << (bits - 1)), sum1 = sum0, sum2 = sum0, sum3 = sum0;
        for (int tap = 0; tap < taps; tap += 2, weights++)
        {
            (Vector256<byte> left, Vector256<byte> right) = Interleaved(source, stride, tap, taps);
            Vector256<short> weight = Vector256.Create(*weights).AsInt16();
            sum0 += Avx2.MultiplyAddAdjacent(Avx2.UnpackLow(left, Vector256<byte>.Zero).AsInt16(), weight);
            sum1 += Avx2.MultiplyAddAdjacent(Avx2.UnpackHigh(left, Vector256<byte>.Zero).AsInt16(), weight);
            sum2 += Avx2.MultiplyAddAdjacent(Avx2.UnpackLow(right, Vector256<byte>.Zero).AsInt16(), weight);
            sum3 += Avx2.MultiplyAddAdjacent(Avx2.UnpackHigh(right, Vector256<byte>.Zero).AsInt16(), weight);
        }

        return Bytes(sum0, sum1, sum2, sum3, bits);
    }

    private static Vector256<byte> Split(byte* source, int stride, int* weights, int taps)
    {
        Vector256<int> high0 = Vector256<int>.Zero, high1 = high0, high2 = high0, high3 = high0;
        Vector256<int> low0 = Vector256.Create(1 << (FilterWeights.Bits - 1)), low1 = low0, low2 = low0, low3 = low0;
        for (int tap = 0; tap < taps; tap += 2, weights += 2)
        {
            (Vector256<byte> left, Vector256<byte> right) = Interleaved(source, stride, tap, taps);
            Vector256<short> high = Vector256.Create(weights[0]).AsInt16(), low = Vector256.Create(weights[1]).AsInt16();
            Vector256<short> part = Avx2.UnpackLow(left, Vector256<byte>.Zero).AsInt16();
            (high0, low0) = (high0 + Avx2.MultiplyAddAdjacent(part, high), low0 + Avx2.MultiplyAddAdjacent(part, low));
            part = Avx2.UnpackHigh(left, Vector256<byte>.Zero).AsInt16();
            (high1, low1) = (high1 + Avx2.MultiplyAddAdjacent(part, high), low1 + Avx2.MultiplyAddAdjacent(part, low));
            part = Avx2.UnpackLow(right, Vector256<byte>.Zero).AsInt16();
            (high2, low2) = (high2 + Avx2.MultiplyAddAdjacent(part, high), low2 + Avx2.MultiplyAddAdjacent(part, low));
            part = Avx2.UnpackHigh(right, Vector256<byte>.Zero).AsInt16();
            (high3, low3) = (high3 + Avx2.MultiplyAddAdjacent(part, high), low3 + Avx2.MultiplyAddAdjacent(part, low));
        }

        return Bytes(
            Vector256.ShiftLeft(high0, LowBits) + low0, Vector256.ShiftLeft(high1, LowBits) + low1, Vector256.ShiftLeft(high2, LowBits) + low2, Vector256.ShiftLeft(high3, LowBits) + low3, FilterWeights.Bits);
    }

    // Bytes of two rows side by side. Below the last row that counts the weight is 0, so any will do.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<byte> Left, Vector256<byte> Right) Interleaved(byte* source, int stride, int tap, int taps)
    {
        byte* first = source + ((long)tap * stride);
        Vector256<byte> upper = Vector256.Load(first), lower = Vector256.Load(tap + 1 < taps ? first + stride : first);
        return (Avx2.UnpackLow(upper, lower), Avx2.UnpackHigh(upper, lower));
    }

    // Unpacking and packing both work within halves, so the order comes out right.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Bytes(Vector256<int> sum0, Vector256<int> sum1, Vector256<int> sum2, Vector256<int> sum3, int bits) =>
        Avx2.PackUnsignedSaturate(
            Avx2.PackSignedSaturate(Vector256.ShiftRightArithmetic(sum0, bits), Vector256.ShiftRightArithmetic(sum1, bits)),
            Avx2.PackSignedSaturate(Vector256.ShiftRightArithmetic(sum2, bits), Vector256.ShiftRightArithmetic(sum3, bits)));

    private static int PairsOf(int taps) => (taps + 1) / 2;
}
