using System.Runtime.CompilerServices;

namespace Polymodal.VectorStore.Exact;

/// <summary>Finds rows that are probably near by the signs of their components alone: one bit each, an eighth of what an exact scan reads first.</summary>
/// <remarks>
/// Rows are ranked by how many signs agree with the query's. <see cref="RowsPerMatch"/> rows are compared further for each one wanted. On
/// clustered vectors of 384 dimensions the ten best are among them with recall 0.99 and more at 1,000,000 rows (VectorSearchBenchmark);
/// it holds no promise for other vectors. Signs know directions only, so lengths must not decide: cosine.
/// </remarks>
internal static class SignScan
{
    private const int RowsPerMatch = 100, Chunk = 64;

    /// <summary>The places of the likely best rows, as <see cref="CodeScan.Among"/> wants them; null where an exact scan reads less anyway.</summary>
    /// <param name="matrix">The rows.</param>
    /// <param name="vector">The query.</param>
    /// <param name="metric">The measure.</param>
    /// <param name="k">How many of the best are wanted.</param>
    /// <param name="selected">See <see cref="CodeMatrix.Select"/>; null means all rows.</param>
    /// <param name="cancellationToken">Ends the scan.</param>
    public static int[]? TryRun(CodeMatrix matrix, ReadOnlySpan<float> vector, SimilarityMetric metric, int k, ulong[]?[]? selected, CancellationToken cancellationToken)
    {
        long wanted = (long)k * RowsPerMatch;
        if (selected is not null || wanted * 4 > matrix.Count || metric != SimilarityMetric.Cosine)
            return null;
        var signs = new ulong[SignDistance.Width(vector.Length)];
        for (int i = 0; i < vector.Length; i++)
            signs[i / 64] |= vector[i] < 0 ? 1UL << i : 0;

        return Nearest(matrix, signs, vector.Length, (int)wanted, cancellationToken).Places();
    }

    private static NearestRows Nearest(CodeMatrix matrix, ulong[] signs, int dimensions, int wanted, CancellationToken cancellationToken)
    {
        var all = new NearestRows(dimensions, wanted);
        int next = -1;
        ScanThreads.Run(matrix.Blocks.Length, () =>
        {
            var own = new NearestRows(dimensions, wanted);
            for (int block; (block = Interlocked.Increment(ref next)) < matrix.Blocks.Length;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Measure(matrix.Blocks[block], block * CodeBlock.Capacity, signs, own);
            }

            lock (all)
                own.AddTo(all);
        });
        return all;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Measure(CodeRows rows, int place, ulong[] query, NearestRows nearest)
    {
        ReadOnlySpan<ulong> signs = rows.Codes.Signs(rows.Count);
        Span<ushort> distances = stackalloc ushort[Chunk];
        for (int first = 0; first < rows.Count; first += Chunk)
        {
            int count = Math.Min(Chunk, rows.Count - first), whole = (count + SignDistance.Group - 1) / SignDistance.Group * SignDistance.Group;
            SignDistance.Measure(signs.Slice(first * query.Length, whole * query.Length), query, distances[..whole]);
            if (!distances[..count].ContainsAnyInRange((ushort)0, nearest.Farthest))
                continue;
            for (int i = 0; i < count; i++)
            {
                if (distances[i] <= nearest.Farthest && !rows.IsGone(first + i))
                    nearest.Add(place + first + i, distances[i]);
            }
        }
    }

    /// <summary>The rows of the least distances: as many as are wanted, and all others that are as near as the last of them.</summary>
    /// <remarks>Not safe for concurrent use.</remarks>
    private sealed class NearestRows(int dimensions, int wanted)
    {
        private readonly List<(int Place, ushort Distance)> _rows = new(4 * wanted);
        private readonly int[] _counts = new int[dimensions + 1];
        private int _count;

        /// <summary>Rows that are farther are not among the nearest.</summary>
        public ushort Farthest { get; private set; } = (ushort)Math.Min(dimensions, ushort.MaxValue);

        /// <summary>Adds a row that is no farther than <see cref="Farthest"/>.</summary>
        public void Add(int place, ushort distance)
        {
            _rows.Add((place, distance));
            _counts[distance]++;
            _count++;
            while (_count - _counts[Farthest] >= wanted)
                _count -= _counts[Farthest--];
        }

        /// <summary>Adds the nearest rows to another list.</summary>
        public void AddTo(NearestRows other)
        {
            foreach ((int place, ushort distance) in _rows)
            {
                if (distance <= Farthest && distance <= other.Farthest)
                    other.Add(place, distance);
            }
        }

        /// <summary>Where the nearest rows are.</summary>
        public int[] Places() => [.. _rows.Where(row => row.Distance <= Farthest).Select(row => row.Place)];
    }
}
