using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Polymodal.Providers.Local.Images;

/// <summary>Resizes along a row with AVX2, four pixels of the source at a time.</summary>
/// <remarks>
/// One instruction multiplies 16 numbers of 16 bits and adds neighbours. Weights that fit into 16 bits (PyTorch's) take one of them; Pillow's, of 22 bits, are split
/// into two of 11, whose sums together are the same whole number.
/// </remarks>
internal static unsafe class ResizeRows
{
    private const int Channels = 3, Group = 4, Lanes = 16, LowBits = 11, LowMask = (1 << LowBits) - 1;

    /// <summary>Bytes of a row, and what is behind it, that <see cref="Run"/> may read.</summary>
    public static int Reach(FilterWeights weights, int firstColumn) => ((weights.Starts.Max() - firstColumn + (Groups(weights) * Group)) * Channels) + Group;

    /// <summary>For each pixel and group of four taps the weights in the order that the shuffle brings the bytes into: 16 numbers, or 16 high parts and 16 low ones.</summary>
    public static short[] Arrange(FilterWeights weights)
    {
        int groups = Groups(weights), size = weights.AreShort ? Lanes : 2 * Lanes, shift = FilterWeights.Bits - weights.UsedBits;
        var arranged = new short[weights.Starts.Length * groups * size];
        for (int x = 0; x < weights.Starts.Length; x++)
        {
            for (int tap = 0; tap < weights.Lengths[x]; tap++)
            {
                int weight = weights.Whole[(x * weights.Taps) + tap], inGroup = tap % Group;
                int at = (((x * groups) + (tap / Group)) * size) + (inGroup / 2 * 8) + (inGroup % 2);
                for (int channel = 0; channel < Channels; channel++, at += 2)
                {
                    arranged[at] = (short)(weight >> (weights.AreShort ? shift : LowBits));
                    if (!weights.AreShort)
                        arranged[at + Lanes] = (short)(weight & LowMask);
                }
            }
        }

        return arranged;
    }

    /// <summary>Makes one row.</summary>
    /// <param name="source">The row and what is behind it, at least <see cref="Reach"/> bytes.</param>
    /// <param name="weights">For each pixel of the result.</param>
    /// <param name="firstColumn">The column that the source begins with.</param>
    /// <param name="result">Receives the row.</param>
    public static void Run(ReadOnlySpan<byte> source, FilterWeights weights, int firstColumn, Span<byte> result)
    {
        int groups = Groups(weights), last = weights.Starts.Length - 1;
        int bits = weights.AreShort ? weights.UsedBits : FilterWeights.Bits;
        Vector128<int> half = Vector128.Create(1 << (bits - 1));
        // Of four pixels: the first two in the lower half, the others in the upper one, as pairs of 16 bits (r0 r1 g0 g1 b0 b1).
        Vector256<byte> pairs = Vector256.Create(
            0, 255, 3, 255, 1, 255, 4, 255, 2, 255, 5, 255, 255, 255, 255, 255,
            6, 255, 9, 255, 7, 255, 10, 255, 8, 255, 11, 255, 255, 255, 255, 255);
        fixed (byte* from = source)
        fixed (byte* to = result)
        fixed (short* arranged = weights.Split)
        fixed (int* starts = weights.Starts)
        {
            byte* target = to;
            short* weight = arranged;
            for (int x = 0; x <= last; x++, target += Channels)
            {
                byte* pixels = from + ((starts[x] - firstColumn) * Channels);
                Vector256<int> both = Vector256<int>.Zero;
                if (weights.AreShort)
                {
                    for (int group = 0; group < groups; group++, weight += Lanes, pixels += Group * Channels)
                        both += Avx2.MultiplyAddAdjacent(Pairs(pixels, pairs), Vector256.Load(weight));
                }
                else
                {
                    Vector256<int> low = Vector256<int>.Zero;
                    for (int group = 0; group < groups; group++, weight += 2 * Lanes, pixels += Group * Channels)
                    {
                        Vector256<short> four = Pairs(pixels, pairs);
                        both += Avx2.MultiplyAddAdjacent(four, Vector256.Load(weight));
                        low += Avx2.MultiplyAddAdjacent(four, Vector256.Load(weight + Lanes));
                    }

                    both = Vector256.ShiftLeft(both, LowBits) + low;
                }

                Vector128<int> sum = Vector128.ShiftRightArithmetic(both.GetLower() + both.GetUpper() + half, bits);
                uint packed = Sse2.PackUnsignedSaturate(Sse2.PackSignedSaturate(sum, sum), Vector128<short>.Zero).AsUInt32().ToScalar();
                if (x < last)
                {
                    // The fourth byte is the next pixel's, which comes after.
                    Unsafe.WriteUnaligned(target, packed);
                    continue;
                }

                (target[0], target[1], target[2]) = ((byte)packed, (byte)(packed >> 8), (byte)(packed >> 16));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Pairs(byte* pixels, Vector256<byte> order) => Avx2.Shuffle(Avx2.BroadcastVector128ToVector256(pixels), order).AsInt16();

    private static int Groups(FilterWeights weights) => (weights.Taps + Group - 1) / Group;
}
