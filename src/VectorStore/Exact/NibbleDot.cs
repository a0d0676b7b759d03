using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Polymodal.VectorStore.Exact;

/// <summary>Dot products of many rows of 4-bit numbers with one row of 8-bit numbers, in whole numbers and therefore exact on every path.</summary>
/// <remarks>
/// 32 components stand in 16 bytes: byte j holds component j in its low half and component 16 + j in its high half, so that a mask and
/// a shift unpack a register of any width. A nibble of 0 to 15 times ±127, two added, is at most 3,810: eight such sums fit in 16 bits.
/// </remarks>
internal static class NibbleDot
{
    private const int Group = 16, Half = 8;

    /// <summary>The ways to compute, all with the same result; those that this processor lacks are left out. The last is portable.</summary>
    public static IReadOnlyList<NibbleKernel> Kernels { get; } =
    [
        .. Avx512BW.IsSupported ? [Wide512] : (ReadOnlySpan<NibbleKernel>)[],
        .. Avx2.IsSupported ? [Wide256] : (ReadOnlySpan<NibbleKernel>)[],
        Portable,
    ];

    /// <summary>Bytes of a row.</summary>
    public static int Stride(int dimensions) => (dimensions + 2 * Group - 1) / (2 * Group) * Group;

    /// <summary>Where a component stands: its byte, and whether it is the high half.</summary>
    public static (int Byte, bool IsHigh) Place(int component) =>
        (component / (2 * Group) * Group + component % Group, component % (2 * Group) >= Group);

    /// <summary>Sums of products, by the fastest kernel.</summary>
    /// <param name="rows">Rows of nibbles, each as long as <paramref name="low"/>.</param>
    /// <param name="low">What the low halves are multiplied with, −127 to 127, by byte; its length a multiple of 16.</param>
    /// <param name="high">What the high halves are multiplied with.</param>
    /// <param name="sums">Receives one sum for each row.</param>
    public static void Sums(ReadOnlySpan<byte> rows, ReadOnlySpan<sbyte> low, ReadOnlySpan<sbyte> high, Span<int> sums)
    {
        if (Avx512BW.IsSupported)
            Wide512(rows, low, high, sums);
        else if (Avx2.IsSupported)
            Wide256(rows, low, high, sums);
        else
            Portable(rows, low, high, sums);
    }

    // Hot from the first call: what is compiled quickly first would scan a hundred times at a fraction of the speed.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Wide512(ReadOnlySpan<byte> rows, ReadOnlySpan<sbyte> low, ReadOnlySpan<sbyte> high, Span<int> sums)
    {
        const int Width = 64;
        Check(rows, low, high, sums);
        ref byte next = ref MemoryMarshal.GetReference(rows);
        ref sbyte lows = ref MemoryMarshal.GetReference(low), highs = ref MemoryMarshal.GetReference(high);
        ref int sum = ref MemoryMarshal.GetReference(sums);
        var mask = Vector512.Create((byte)0x0F);
        Vector512<short> one = Vector512<short>.One;
        int stride = low.Length, whole = stride / Width * Width, row = 0;

        // Four rows share the loads of the query and one reduction.
        for (; row + 4 <= sums.Length; row += 4, next = ref Unsafe.Add(ref next, 4 * stride))
        {
            Vector512<int> total0 = default, total1 = default, total2 = default, total3 = default;
            for (int start = 0; start < whole;)
            {
                Vector512<short> part0 = default, part1 = default, part2 = default, part3 = default;
                for (int end = Math.Min(whole, start + Width * Half / 2); start < end; start += Width)
                {
                    Vector512<sbyte> lowFactors = Vector512.LoadUnsafe(ref lows, (nuint)start), highFactors = Vector512.LoadUnsafe(ref highs, (nuint)start);
                    part0 += Products512(ref next, start, mask, lowFactors, highFactors);
                    part1 += Products512(ref next, start + stride, mask, lowFactors, highFactors);
                    part2 += Products512(ref next, start + 2 * stride, mask, lowFactors, highFactors);
                    part3 += Products512(ref next, start + 3 * stride, mask, lowFactors, highFactors);
                }

                total0 += Avx512BW.MultiplyAddAdjacent(part0, one);
                total1 += Avx512BW.MultiplyAddAdjacent(part1, one);
                total2 += Avx512BW.MultiplyAddAdjacent(part2, one);
                total3 += Avx512BW.MultiplyAddAdjacent(part3, one);
            }

            Totals(total0, total1, total2, total3).StoreUnsafe(ref sum, (nuint)row);
            for (int i = 0; whole < stride && i < 4; i++)
                sums[row + i] += Tail(ref Unsafe.Add(ref next, i * stride), ref lows, ref highs, whole, stride);
        }

        for (; row < sums.Length; row++, next = ref Unsafe.Add(ref next, stride))
        {
            Vector512<int> total = default;
            for (int start = 0; start < whole;)
            {
                Vector512<short> part = default;
                for (int end = Math.Min(whole, start + Width * Half / 2); start < end; start += Width)
                    part += Products512(ref next, start, mask, Vector512.LoadUnsafe(ref lows, (nuint)start), Vector512.LoadUnsafe(ref highs, (nuint)start));
                total += Avx512BW.MultiplyAddAdjacent(part, one);
            }

            sums[row] = Vector512.Sum(total) + Tail(ref next, ref lows, ref highs, whole, stride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Products512(ref byte row, int start, Vector512<byte> mask, Vector512<sbyte> lows, Vector512<sbyte> highs)
    {
        Vector512<byte> packed = Vector512.LoadUnsafe(ref row, (nuint)start);
        return Avx512BW.MultiplyAddAdjacent(packed & mask, lows) + Avx512BW.MultiplyAddAdjacent((packed.AsUInt16() >>> 4).AsByte() & mask, highs);
    }

    /// <summary>The sum of each of four vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Totals(Vector512<int> first, Vector512<int> second, Vector512<int> third, Vector512<int> fourth)
    {
        Vector512<long> early = (Avx512F.UnpackLow(first, second) + Avx512F.UnpackHigh(first, second)).AsInt64();
        Vector512<long> late = (Avx512F.UnpackLow(third, fourth) + Avx512F.UnpackHigh(third, fourth)).AsInt64();
        Vector512<int> lanes = Avx512F.UnpackLow(early, late).AsInt32() + Avx512F.UnpackHigh(early, late).AsInt32();
        Vector256<int> halves = lanes.GetLower() + lanes.GetUpper();
        return halves.GetLower() + halves.GetUpper();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Wide256(ReadOnlySpan<byte> rows, ReadOnlySpan<sbyte> low, ReadOnlySpan<sbyte> high, Span<int> sums)
    {
        const int Width = 32;
        Check(rows, low, high, sums);
        ref byte next = ref MemoryMarshal.GetReference(rows);
        ref sbyte lows = ref MemoryMarshal.GetReference(low), highs = ref MemoryMarshal.GetReference(high);
        var mask = Vector256.Create((byte)0x0F);
        int stride = low.Length, whole = stride / Width * Width;
        for (int row = 0; row < sums.Length; row++, next = ref Unsafe.Add(ref next, stride))
        {
            Vector256<int> total = default;
            for (int start = 0; start < whole;)
            {
                Vector256<short> part = default;
                for (int end = Math.Min(whole, start + Width * Half / 2); start < end; start += Width)
                {
                    Vector256<byte> packed = Vector256.LoadUnsafe(ref next, (nuint)start);
                    part += Avx2.MultiplyAddAdjacent(packed & mask, Vector256.LoadUnsafe(ref lows, (nuint)start));
                    part += Avx2.MultiplyAddAdjacent((packed.AsUInt16() >>> 4).AsByte() & mask, Vector256.LoadUnsafe(ref highs, (nuint)start));
                }

                total += Avx2.MultiplyAddAdjacent(part, Vector256<short>.One);
            }

            sums[row] = Vector256.Sum(total) + Tail(ref next, ref lows, ref highs, whole, stride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Portable(ReadOnlySpan<byte> rows, ReadOnlySpan<sbyte> low, ReadOnlySpan<sbyte> high, Span<int> sums)
    {
        Check(rows, low, high, sums);
        int stride = low.Length;
        for (int row = 0; row < sums.Length; row++)
        {
            sums[row] = Tail(
                ref Unsafe.Add(ref MemoryMarshal.GetReference(rows), row * stride),
                ref MemoryMarshal.GetReference(low), ref MemoryMarshal.GetReference(high), 0, stride);
        }
    }

    private static int Tail(ref byte row, ref sbyte lows, ref sbyte highs, int start, int stride)
    {
        Vector128<int> total = default;
        var mask = Vector128.Create((byte)0x0F);
        for (; start < stride; start += Group)
        {
            Vector128<byte> packed = Vector128.LoadUnsafe(ref row, (nuint)start);
            total += Products(packed & mask, Vector128.LoadUnsafe(ref lows, (nuint)start));
            total += Products((packed >>> 4) & mask, Vector128.LoadUnsafe(ref highs, (nuint)start));
        }

        return Vector128.Sum(total);
    }

    private static Vector128<int> Products(Vector128<byte> nibbles, Vector128<sbyte> factors)
    {
        (Vector128<short> firstNibbles, Vector128<short> lastNibbles) = Vector128.Widen(nibbles.AsSByte());
        (Vector128<short> firstFactors, Vector128<short> lastFactors) = Vector128.Widen(factors);
        (Vector128<int> first, Vector128<int> last) = Vector128.Widen(firstNibbles * firstFactors + lastNibbles * lastFactors);
        return first + last;
    }

    private static void Check(ReadOnlySpan<byte> rows, ReadOnlySpan<sbyte> low, ReadOnlySpan<sbyte> high, Span<int> sums)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(low.Length % Group, 0);
        ArgumentOutOfRangeException.ThrowIfNotEqual(high.Length, low.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(rows.Length, (long)low.Length * sums.Length);
    }
}

/// <summary>One way to compute <see cref="NibbleDot.Sums"/>.</summary>
internal delegate void NibbleKernel(ReadOnlySpan<byte> rows, ReadOnlySpan<sbyte> low, ReadOnlySpan<sbyte> high, Span<int> sums);
