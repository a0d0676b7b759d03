namespace Polymodal.VectorStore.Exact;

/// <summary>Finds the rows of a <see cref="CodeMatrix"/> that can belong to the k best, and leaves out only those that provably do not.</summary>
/// <remarks>
/// Reading memory is what a scan costs. The first pass reads 4 bits a component and bounds each score; only rows whose bound reaches the
/// k-th best score known so far have their other 4 bits read, which narrows the bounds about 16-fold and raises what is known.
/// </remarks>
internal sealed class CodeScan
{
    private const int Chunk = 256;

    private readonly CodeMatrix _matrix;
    private readonly QueryCode _query;
    private readonly int _k;
    private readonly ulong[]?[]? _selected;
    private readonly CancellationToken _cancellationToken;
    private double _floor;
    private int _next = -1;

    private CodeScan(CodeMatrix matrix, QueryCode query, int k, double minScore, ulong[]?[]? selected, CancellationToken cancellationToken) =>
        (_matrix, _query, _k, _floor, _selected, _cancellationToken) = (matrix, query, k, minScore, selected, cancellationToken);

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
        var scan = new CodeScan(matrix, query, k, minScore, selected, cancellationToken);
        var found = new List<CodeCandidate>();
        var lower = new LowerBounds(k);
        ScanThreads.Run(matrix.Blocks.Length, () =>
        {
            var worker = new Worker(scan);
            worker.Run();
            lock (found)
            {
                found.AddRange(worker.Found);
                worker.Lower.AddTo(lower);
            }
        });
        double floor = Math.Max(minScore, lower.Least);
        found.RemoveAll(candidate => candidate.Upper < floor);
        found.Sort((first, second) => second.Upper.CompareTo(first.Upper));
        return found;
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

    private double Floor => Volatile.Read(ref _floor);

    // Each thread's k-th best lower bound holds for all rows, so the highest of them counts.
    private void Raise(double floor)
    {
        for (double before = Floor; floor > before;)
        {
            double seen = Interlocked.CompareExchange(ref _floor, floor, before);
            if (seen == before)
                return;
            before = seen;
        }
    }

    private sealed class Worker(CodeScan scan)
    {
        private readonly int[] _sums = new int[Chunk];
        private readonly double[] _uppers = new double[Chunk];
        private double _floor = double.NaN, _threshold;

        public List<CodeCandidate> Found { get; } = [];

        public LowerBounds Lower { get; } = new(scan._k);

        public void Run()
        {
            for (int block; (block = Interlocked.Increment(ref scan._next)) < scan._matrix.Blocks.Length;)
            {
                scan._cancellationToken.ThrowIfCancellationRequested();
                ulong[]? selected = scan._selected?[block];
                if (scan._selected is null || selected is not null)
                    Search(scan._matrix.Blocks[block], selected);
            }
        }

        private void Search(CodeRows rows, ulong[]? selected)
        {
            for (int first = 0; first < rows.Count; first += Chunk)
            {
                if (selected is not null && selected.AsSpan(first / 64, Chunk / 64).IndexOfAnyExcept(0UL) < 0)
                    continue;
                int count = Math.Min(Chunk, rows.Count - first);
                Coarse(rows.Codes, first, count);
                for (int i = 0; i < count; i++)
                {
                    if (_uppers[i] < _threshold) // not true of NaN, which excludes nothing
                        continue;
                    int row = first + i;
                    if (IsSet(selected, row) && !rows.IsGone(row))
                        Refine(rows.Codes, row);
                }
            }
        }

        private static bool IsSet(ulong[]? selected, int row) => selected is null || (selected[row / 64] >> row & 1) != 0;

        private void Coarse(CodeBlock block, int first, int count)
        {
            QueryCode query = scan._query;
            LookAtFloor();
            NibbleDot.Sums(block.Coarse.AsSpan(first * block.Stride, count * block.Stride), query.Low, query.High, _sums.AsSpan(0, count));
            ReadOnlySpan<RowCode> rows = block.Rows.AsSpan(first, count);
            for (int i = 0; i < count; i++)
            {
                ref readonly RowCode row = ref rows[i];
                double norm = row.Norm;
                _uppers[i] = query.ScaleFactor * row.Scale * (_sums[i] - query.CoarseBias)
                    + query.CoarseResidualFactor * row.CoarseResidual + (query.NormFactor + query.NormSquareFactor * norm) * norm;
            }
        }

        private void LookAtFloor()
        {
            double floor = scan.Floor;
            if (floor != _floor)
                (_floor, _threshold) = (floor, scan._query.CoarseThreshold(floor));
        }

        private void Refine(CodeBlock block, int row)
        {
            int place = row * block.Stride;
            (double lower, double upper) = scan._query.Bounds(block.Coarse.AsSpan(place, block.Stride), block.Fine.AsSpan(place, block.Stride), block.Rows[row]);
            if (upper < scan.Floor)
                return;
            Found.Add(new(block.Keys[row], upper));
            if (Lower.Offer(lower))
            {
                scan.Raise(Lower.Least);
                LookAtFloor();
            }
        }
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
