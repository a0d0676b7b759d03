using System.Buffers;
using System.Numerics.Tensors;

namespace Polymodal.VectorStore.Exact;

/// <summary>Finds the rows of a <see cref="CodeMatrix"/> that can belong to the k best, and leaves out only those that provably do not.</summary>
/// <remarks>
/// Reading memory is what a scan costs. A first pass reads 4 bits a component and bounds each score. The k rows with the highest bounds
/// then have their other 4 bits read, which narrows their bounds about 16-fold: that many rows are known to score so much at least. A second pass
/// over the bounds of the first does the same for the few rows that could reach this.
/// </remarks>
internal sealed class CodeScan
{
    private const int Chunk = 256;

    private readonly CodeMatrix _matrix;
    private readonly QueryCode _query;
    private readonly int _k;
    private readonly ulong[]?[]? _selected;
    private readonly CancellationToken _cancellationToken;
    private readonly List<CodeCandidate> _found = [];
    private readonly LowerBounds _lower;
    private readonly TopRows _highest;
    private double _floor;

    private CodeScan(CodeMatrix matrix, QueryCode query, int k, double minScore, ulong[]?[]? selected, CancellationToken cancellationToken)
    {
        (_matrix, _query, _k, _floor, _selected, _cancellationToken) = (matrix, query, k, minScore, selected, cancellationToken);
        (_lower, _highest) = (new(k), new(k));
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
        float[] uppers = ArrayPool<float>.Shared.Rent(matrix.Blocks.Length * CodeBlock.Capacity);
        try
        {
            return new CodeScan(matrix, query, k, minScore, selected, cancellationToken).Run(uppers);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(uppers);
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

    private List<CodeCandidate> Run(float[] uppers)
    {
        EachBlock(() => new TopRows(_k), (block, highest) => Coarse(block, Uppers(uppers, block), highest), highest => highest.AddTo(_highest));
        foreach (int place in _highest.Places)
        {
            (double lower, _) = Bounds(place / CodeBlock.Capacity, place % CodeBlock.Capacity);
            _lower.Offer(lower);
        }

        _floor = Math.Max(_floor, _lower.Least);
        float threshold = RoundedDown(_query.CoarseThreshold(_floor));
        EachBlock(() => new List<CodeCandidate>(), (block, found) => Fine(block, Uppers(uppers, block), threshold, found), _found.AddRange);
        _found.Sort((first, second) => second.Upper.CompareTo(first.Upper));
        return _found;
    }

    private Span<float> Uppers(float[] uppers, int block) => uppers.AsSpan(block * CodeBlock.Capacity, _matrix.Blocks[block].Count);

    private void EachBlock<T>(Func<T> begin, Action<int, T> work, Action<T> end)
    {
        int next = -1;
        ScanThreads.Run(_matrix.Blocks.Length, () =>
        {
            T own = begin();
            for (int block; (block = Interlocked.Increment(ref next)) < _matrix.Blocks.Length;)
            {
                _cancellationToken.ThrowIfCancellationRequested();
                work(block, own);
            }

            lock (_found)
                end(own);
        });
    }

    /// <summary>Bounds the scores of a block's rows by their coarse nibbles; −∞ for rows that are not wanted.</summary>
    private void Coarse(int block, Span<float> uppers, TopRows highest)
    {
        CodeRows rows = _matrix.Blocks[block];
        ulong[]? selected = _selected?[block];
        if (_selected is not null && selected is null)
        {
            uppers.Fill(float.NegativeInfinity);
            return;
        }

        Span<int> sums = stackalloc int[Chunk];
        for (int first = 0; first < rows.Count; first += Chunk)
        {
            int count = Math.Min(Chunk, rows.Count - first);
            NibbleDot.Sums(rows.Codes.Coarse.AsSpan(first * rows.Codes.Stride, count * rows.Codes.Stride), _query.Low, _query.High, sums[..count]);
            Span<float> chunk = uppers.Slice(first, count);
            _query.CoarseBounds(rows.Codes, first, sums[..count], chunk);
            for (int i = 0; (selected is not null || !rows.Gone.IsDefaultOrEmpty) && i < count; i++)
            {
                if ((selected is not null && (selected[(first + i) / 64] >> first + i & 1) == 0) || rows.IsGone(first + i))
                    chunk[i] = float.NegativeInfinity;
            }

            if (TensorPrimitives.Max(chunk) <= highest.Least)
                continue;
            for (int i = 0; i < count; i++)
            {
                if (chunk[i] > highest.Least)
                    highest.Offer(block * CodeBlock.Capacity + first + i, chunk[i]);
            }
        }
    }

    private void Fine(int block, ReadOnlySpan<float> uppers, float threshold, List<CodeCandidate> found)
    {
        for (int row = 0; row < uppers.Length; row++)
        {
            if (uppers[row] < threshold || float.IsNegativeInfinity(uppers[row]))
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
