using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace Polymodal.VectorStore.Exact;

/// <summary>Finds the rows of a <see cref="CodeMatrix"/> that can belong to the k best, and leaves out only those that provably do not.</summary>
/// <remarks>
/// Reading memory is what a scan costs. A first pass reads 4 bits a component and bounds each score. The k rows with the highest bounds
/// then have their other 4 bits read, which narrows their bounds about 16-fold: that many rows are known to score so much at least. A second pass
/// over the bounds of the first, of which it reads only chunks whose highest bound reaches this, does the same for the few rows that could.
/// </remarks>
internal sealed class CodeScan
{
    private const int Chunk = 256, Word = 64, ChunksPerBlock = CodeBlock.Capacity / Chunk;

    private readonly CodeMatrix _matrix;
    private readonly QueryCode _query;
    private readonly int _k;
    private readonly ulong[]?[]? _selected;
    private readonly CancellationToken _cancellationToken;
    private readonly List<CodeCandidate> _found = [];
    private readonly LowerBounds _lower;
    private readonly TopRows _highest;
    private readonly float[] _uppers, _highestOfChunks;
    private double _floor;

    private CodeScan(CodeMatrix matrix, QueryCode query, int k, double minScore, ulong[]?[]? selected, CancellationToken cancellationToken)
    {
        (_matrix, _query, _k, _floor, _selected, _cancellationToken) = (matrix, query, k, minScore, selected, cancellationToken);
        (_lower, _highest) = (new(k), new(k));
        _uppers = ArrayPool<float>.Shared.Rent(matrix.Blocks.Length * CodeBlock.Capacity);
        _highestOfChunks = ArrayPool<float>.Shared.Rent(matrix.Blocks.Length * ChunksPerBlock);
    }

    /// <summary>Scans the matrix on up to two threads.</summary>
    /// <param name="matrix">The rows.</param>
    /// <param name="query">The query.</param>
    /// <param name="k">How many of the best are wanted; at least 1.</param>
    /// <param name="minScore">Rows that provably score less are left out; −∞ for none.</param>
    /// <param name="selected">See <see cref="CodeMatrix.Select"/>; null means all rows.</param>
    /// <param name="cancellationToken">Ends the scan.</param>
    /// <returns>Keys with their upper bounds, highest bound first. At least all rows that score no less than the k-th best do.</returns>
    public static List<CodeCandidate> Run(CodeMatrix matrix, QueryCode query, int k, double minScore, ulong[]?[]? selected, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var scan = new CodeScan(matrix, query, k, minScore, selected, cancellationToken);
        try
        {
            return scan.Run();
        }
        finally
        {
            ArrayPool<float>.Shared.Return(scan._uppers);
            ArrayPool<float>.Shared.Return(scan._highestOfChunks);
        }
    }

    /// <summary>Those of some rows with known bounds that can be among the k best of them, highest upper bound first.</summary>
    public static List<CodeCandidate> Narrow(List<(long Key, double Lower, double Upper)> rows, int k, double minScore)
    {
        var lower = new LowerBounds(k);
        foreach ((_, double bound, _) in rows)
            lower.Offer(bound);
        double floor = Math.Max(minScore, lower.Least);
        return [.. rows.Where(row => row.Upper >= floor).OrderByDescending(row => row.Upper).Select(row => new CodeCandidate(row.Key, row.Upper))];
    }

    private List<CodeCandidate> Run()
    {
        Each(_matrix.Blocks.Length, _matrix.Blocks.Length, () => new TopRows(_k), Coarse, highest => highest.AddTo(_highest));
        foreach (int place in _highest.Places)
        {
            (double lower, _) = Bounds(place / CodeBlock.Capacity, place % CodeBlock.Capacity);
            _lower.Offer(lower);
        }

        _floor = Math.Max(_floor, _lower.Least);
        float threshold = RoundedDown(_query.CoarseThreshold(_floor));
        List<int> chunks = Reaching(threshold);
        Each(chunks.Count, chunks.Count / ChunksPerBlock, () => new List<CodeCandidate>(), (i, found) => Fine(chunks[i], threshold, found), _found.AddRange);
        _found.Sort((first, second) => second.Upper.CompareTo(first.Upper));
        return _found;
    }

    private void Each<T>(int pieces, int blocks, Func<T> begin, Action<int, T> work, Action<T> end)
    {
        int next = -1;
        ScanThreads.Run(blocks, () =>
        {
            T own = begin();
            for (int piece; (piece = Interlocked.Increment(ref next)) < pieces;)
            {
                _cancellationToken.ThrowIfCancellationRequested();
                work(piece, own);
            }

            lock (_found)
                end(own);
        });
    }

    /// <summary>Bounds the scores of a block's rows by their coarse nibbles, and keeps the highest bound of each chunk and the rows with the highest of all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Coarse(int block, TopRows highest)
    {
        CodeRows rows = _matrix.Blocks[block];
        Span<int> sums = stackalloc int[Chunk];
        for (int first = 0, place = block * CodeBlock.Capacity; first < rows.Count; first += Chunk, place += Chunk)
        {
            if (!IsWanted(block, first))
            {
                _highestOfChunks[place / Chunk] = float.NegativeInfinity;
                continue;
            }

            int count = Math.Min(Chunk, rows.Count - first);
            NibbleDot.Sums(rows.Codes.Coarse.AsSpan(first * rows.Codes.Stride, count * rows.Codes.Stride), _query.Low, _query.High, sums[..count]);
            Span<float> uppers = _uppers.AsSpan(place, count);
            _query.CoarseBounds(rows.Codes, first, sums[..count], uppers);
            if (_selected is not null || !rows.Gone.IsDefaultOrEmpty)
                LeaveOut(block, first, uppers);
            float most = _highestOfChunks[place / Chunk] = TensorPrimitives.Max<float>(uppers);
            if (most <= highest.Least)
                continue;
            for (int i = 0; i < count; i++)
            {
                if (uppers[i] > highest.Least)
                    highest.Offer(place + i, uppers[i]);
            }
        }
    }

    /// <summary>A bit for each of the 64 rows around one: whether it is wanted and not gone.</summary>
    private ulong Wanted(int block, int first)
    {
        CodeRows rows = _matrix.Blocks[block];
        ulong wanted = _selected is null ? ulong.MaxValue : _selected[block]?[first / Word] ?? 0;
        return rows.Gone.IsDefaultOrEmpty ? wanted : wanted & ~rows.Gone[first / Word];
    }

    private bool IsWanted(int block, int first)
    {
        for (int word = first; _selected is not null && word < first + Chunk; word += Word)
        {
            if (Wanted(block, word) != 0)
                return true;
        }

        return _selected is null;
    }

    /// <summary>Gives rows that are not wanted a bound of −∞.</summary>
    private void LeaveOut(int block, int first, Span<float> uppers)
    {
        for (int i = 0; i < uppers.Length; i++)
        {
            if ((Wanted(block, first + i) >> i & 1) == 0)
                uppers[i] = float.NegativeInfinity;
        }
    }

    /// <summary>The chunks with a row whose coarse bound reaches the threshold.</summary>
    private List<int> Reaching(float threshold)
    {
        var chunks = new List<int>();
        for (int block = 0; block < _matrix.Blocks.Length; block++)
        {
            int first = block * ChunksPerBlock, end = first + (_matrix.Blocks[block].Count + Chunk - 1) / Chunk;
            for (int chunk = first; chunk < end; chunk++)
            {
                if (_highestOfChunks[chunk] >= threshold && !float.IsNegativeInfinity(_highestOfChunks[chunk]))
                    chunks.Add(chunk);
            }
        }

        return chunks;
    }

    private void Fine(int chunk, float threshold, List<CodeCandidate> found)
    {
        int block = chunk / ChunksPerBlock, first = chunk % ChunksPerBlock * Chunk, end = Math.Min(first + Chunk, _matrix.Blocks[block].Count);
        for (int row = first; row < end; row++)
        {
            float bound = _uppers[block * CodeBlock.Capacity + row];
            if (bound < threshold || float.IsNegativeInfinity(bound))
                continue;
            (_, double upper) = Bounds(block, row);
            if (upper >= _floor)
                found.Add(new(_matrix.Blocks[block].Codes.Keys[row], upper));
        }
    }

    private (double Lower, double Upper) Bounds(int block, int row)
    {
        CodeBlock codes = _matrix.Blocks[block].Codes;
        int place = row * codes.Stride;
        return _query.Bounds(codes.Coarse.AsSpan(place, codes.Stride), codes.Fine.AsSpan(place, codes.Stride), codes.Rows[row]);
    }

    private static float RoundedDown(double number) => number <= float.MinValue ? float.NegativeInfinity : MathF.BitDecrement((float)number);
}

/// <summary>The rows with the k highest coarse bounds.</summary>
internal sealed class TopRows(int k)
{
    private readonly PriorityQueue<int, float> _rows = new();

    /// <summary>A bound has to be above this to be taken.</summary>
    public float Least { get; private set; } = float.NegativeInfinity;

    /// <summary>Where the rows are.</summary>
    public IEnumerable<int> Places => _rows.UnorderedItems.Select(row => row.Element);

    /// <summary>Takes a row if its bound is among the highest.</summary>
    public void Offer(int place, float bound)
    {
        if (_rows.Count < k)
            _rows.Enqueue(place, bound);
        else
            _rows.EnqueueDequeue(place, bound);
        if (_rows.Count == k && _rows.TryPeek(out _, out float least))
            Least = least;
    }

    /// <summary>Offers these rows to another list.</summary>
    public void AddTo(TopRows other)
    {
        foreach ((int place, float bound) in _rows.UnorderedItems)
            other.Offer(place, bound);
    }
}

/// <summary>A row that may be among the best.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Upper">Its score is at most this.</param>
internal readonly record struct CodeCandidate(long Key, double Upper);

/// <summary>The k highest of some lower bounds: that many rows are known to score no less than the least of them.</summary>
internal sealed class LowerBounds(int k)
{
    private readonly PriorityQueue<double, double> _highest = new();

    /// <summary>What the k-th best row scores at least; −∞ while there are fewer rows.</summary>
    public double Least { get; private set; } = double.NegativeInfinity;

    /// <summary>Takes a bound and says whether <see cref="Least"/> rose.</summary>
    public bool Offer(double bound)
    {
        if (_highest.Count == k && bound <= Least)
            return false;
        if (_highest.Count < k)
            _highest.Enqueue(bound, bound);
        else
            _highest.EnqueueDequeue(bound, bound);
        if (_highest.Count < k || _highest.Peek() <= Least)
            return false;
        Least = _highest.Peek();
        return true;
    }

    /// <summary>Offers all of these bounds to another list.</summary>
    public void AddTo(LowerBounds other)
    {
        foreach ((double bound, _) in _highest.UnorderedItems)
            other.Offer(bound);
    }
}
