using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Polymodal.VectorStore.Exact;

/// <summary>In how many signs each of many rows differs from a query.</summary>
/// <remarks>
/// Signs stand 64 a number, 1 for below zero. The numbers of eight rows stand together, first all eight first ones, then all second ones: a register then
/// holds eight rows and nothing has to be added across it.
/// </remarks>
internal static class SignDistance
{
    /// <summary>Rows that stand together.</summary>
    public const int Group = 8;

    // A byte counts up to 8 differences of each number, so 31 numbers fit in a byte.
    private const int MostInBytes = 31;

    /// <summary>The ways to compute, all with the same result; those that this processor lacks are left out. The last is portable.</summary>
    public static IReadOnlyList<SignKernel> Kernels { get; } = [.. Avx512BW.IsSupported ? [Wide512] : (ReadOnlySpan<SignKernel>)[], Portable];

    /// <summary>Numbers of a row.</summary>
    public static int Width(int dimensions) => (dimensions + 63) / 64;

    /// <summary>Where a row's first number stands; the others follow at steps of <see cref="Group"/>.</summary>
    public static int Place(int row, int width) => row / Group * Group * width + row % Group;

    /// <summary>Distances, by the fastest kernel.</summary>
    /// <param name="rows">Whole groups of rows.</param>
    /// <param name="query">The numbers of the query.</param>
    /// <param name="distances">Receives one distance for each row.</param>
    public static void Measure(ReadOnlySpan<ulong> rows, ReadOnlySpan<ulong> query, Span<ushort> distances)
    {
        if (Avx512BW.IsSupported)
            Wide512(rows, query, distances);
        else
            Portable(rows, query, distances);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Wide512(ReadOnlySpan<ulong> rows, ReadOnlySpan<ulong> query, Span<ushort> distances)
    {
        Check(rows, query, distances);
        ref ulong next = ref MemoryMarshal.GetReference(rows), numbers = ref MemoryMarshal.GetReference(query);
        Vector512<byte> mask = Vector512.Create((byte)0x0F), zero = default;
        Vector512<byte> counts = Vector512.Create(Vector256.Create(Vector128.Create((byte)0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4)));
        for (int row = 0; row < distances.Length; row += Group)
        {
            Vector512<ulong> total = default;
            for (int i = 0; i < query.Length;)
            {
                Vector512<byte> part = default;
                for (int end = Math.Min(query.Length, i + MostInBytes); i < end; i++, next = ref Unsafe.Add(ref next, Group))
                {
                    Vector512<byte> differ = (Vector512.LoadUnsafe(ref next) ^ Vector512.Create(Unsafe.Add(ref numbers, i))).AsByte();
                    part += Avx512BW.Shuffle(counts, differ & mask) + Avx512BW.Shuffle(counts, (differ.AsUInt16() >>> 4).AsByte() & mask);
                }

                total += Avx512BW.SumAbsoluteDifferences(part, zero).AsUInt64();
            }

            Avx512F.ConvertToVector128UInt16(total).StoreUnsafe(ref MemoryMarshal.GetReference(distances), (nuint)row);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Portable(ReadOnlySpan<ulong> rows, ReadOnlySpan<ulong> query, Span<ushort> distances)
    {
        Check(rows, query, distances);
        for (int row = 0; row < distances.Length; row++)
        {
            int distance = 0, place = Place(row, query.Length);
            foreach (ulong number in query)
            {
                distance += BitOperations.PopCount(rows[place] ^ number);
                place += Group;
            }

            distances[row] = (ushort)distance;
        }
    }

    private static void Check(ReadOnlySpan<ulong> rows, ReadOnlySpan<ulong> query, Span<ushort> distances)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(distances.Length % Group, 0);
        ArgumentOutOfRangeException.ThrowIfNotEqual(rows.Length, (long)query.Length * distances.Length);
    }
}

/// <summary>One way to compute <see cref="SignDistance.Measure"/>.</summary>
internal delegate void SignKernel(ReadOnlySpan<ulong> rows, ReadOnlySpan<ulong> query, Span<ushort> distances);
