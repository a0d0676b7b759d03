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
        return new CodeScan(matrix, query, k, minScore, selected, cancellationToken).Run();
    }

    /// <summary>The same among some rows only.</summary>
    /// <param name="matrix">The rows.</param>
    /// <param name="query">The query.</param>
    /// <param name="k">How many of the best are wanted; at least 1.</param>
    /// <param name="minScore">Rows that provably score less are left out; −∞ for none.</param>
    /// <param name="places">Which rows, none gone: number of the block times <see cref="CodeBlock.Capacity"/>, plus number of the row.</param>
    /// <param name="cancellationToken">Ends the scan.</param>
    public static List<CodeCandidate> Among(CodeMatrix matrix, QueryCode query, int k, double minScore, int[] places, CancellationToken cancellationToken)
    {
        var scan = new CodeScan(matrix, query, k, minScore, selected: null, cancellationToken);
        var uppers = new float[places.Length];
        scan.Each((places.Length + Word - 1) / Word, places.Length / Word, () => new TopRows(k), (piece, highest) => scan.Coarse(places, uppers, piece * Word, highest), highest => highest.AddTo(scan._highest));
        float threshold = scan.Threshold();
        for (int i = 0; i < places.Length; i++)
        {
            if (uppers[i] >= threshold)
                scan.Fine(places[i] / CodeBlock.Capacity, places[i] % CodeBlock.Capacity, scan._found);
        }

        return scan.Found();
    }

    private List<CodeCandidate> Run()
    {
        float[] uppers = ArrayPool<float>.Shared.Rent(_matrix.Blocks.Length * CodeBlock.Capacity), highestOfChunks = ArrayPool<float>.Shared.Rent(_matrix.Blocks.Length * ChunksPerBlock);
        try
        {
            Each(_matrix.Blocks.Length, _matrix.Blocks.Length, () => new TopRows(_k), (block, highest) => Coarse(block, uppers, highestOfChunks, highest), highest => highest.AddTo(_highest));
            float threshold = Threshold();
            List<int> chunks = Reaching(highestOfChunks, threshold);
            Each(chunks.Count, chunks.Count / ChunksPerBlock, () => new List<CodeCandidate>(), (i, found) => Fine(chunks[i], uppers, threshold, found), _found.AddRange);
            return Found();
        }
        finally
        {
            ArrayPool<float>.Shared.Return(uppers);
            ArrayPool<float>.Shared.Return(highestOfChunks);
        }
    }

    /// <summary>Finds out what the k-th best scores at least, and the coarse bound of a row that can reach it.</summary>
    private float Threshold()
    {
        foreach (int place in _highest.Places)
        {
            (double lower, _) = Bounds(place / CodeBlock.Capacity, place % CodeBlock.Capacity);
            _lower.Offer(lower);
        }

        _floor = Math.Max(_floor, _lower.Least);
        return RoundedDown(_query.CoarseThreshold(_floor));
    }

    private List<CodeCandidate> Found()
    {
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
    private void Coarse(int block, float[] allUppers, float[] highestOfChunks, TopRows highest)
    {
        CodeRows rows = _matrix.Blocks[block];
        Span<int> sums = stackalloc int[Chunk];
        for (int first = 0, place = block * CodeBlock.Capacity; first < rows.Count; first += Chunk, place += Chunk)
        {
            if (!IsWanted(block, first))
            {
                highestOfChunks[place / Chunk] = float.NegativeInfinity;
                continue;
            }

            int count = Math.Min(Chunk, rows.Count - first);
            NibbleDot.Sums(rows.Codes.Coarse.AsSpan(first * rows.Codes.Stride, count * rows.Codes.Stride), _query.Low, _query.High, sums[..count]);
            Span<float> uppers = allUppers.AsSpan(place, count);
            _query.CoarseBounds(rows.Codes, first, sums[..count], uppers);
            if (_selected is not null || !rows.Gone.IsDefaultOrEmpty)
                LeaveOut(block, first, uppers);
            float most = highestOfChunks[place / Chunk] = TensorPrimitives.Max<float>(uppers);
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
    private List<int> Reaching(float[] highestOfChunks, float threshold)
    {
        var chunks = new List<int>();
        for (int block = 0; block < _matrix.Blocks.Length; block++)
        {
            int first = block * ChunksPerBlock, end = first + (_matrix.Blocks[block].Count + Chunk - 1) / Chunk;
            for (int chunk = first; chunk < end; chunk++)
            {
                if (highestOfChunks[chunk] >= threshold && !float.IsNegativeInfinity(highestOfChunks[chunk]))
                    chunks.Add(chunk);
            }
        }

        return chunks;
    }

    private void Fine(int chunk, float[] uppers, float threshold, List<CodeCandidate> found)
    {
        int block = chunk / ChunksPerBlock, first = chunk % ChunksPerBlock * Chunk, end = Math.Min(first + Chunk, _matrix.Blocks[block].Count);
        for (int row = first; row < end; row++)
        {
            float bound = uppers[block * CodeBlock.Capacity + row];
            if (bound >= threshold && !float.IsNegativeInfinity(bound))
                Fine(block, row, found);
        }
    }

    private void Fine(int block, int row, List<CodeCandidate> found)
    {
        (_, double upper) = Bounds(block, row);
        if (upper >= _floor)
            found.Add(new(_matrix.Blocks[block].Codes.Keys[row], upper));
    }

    /// <summary>Bounds the scores of 64 of some rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Coarse(int[] places, float[] uppers, int first, TopRows highest)
    {
        int sum = 0;
        for (int i = first, end = Math.Min(first + Word, places.Length); i < end; i++)
        {
            CodeBlock codes = _matrix.Blocks[places[i] / CodeBlock.Capacity].Codes;
            int row = places[i] % CodeBlock.Capacity;
            NibbleDot.Sums(codes.Coarse.AsSpan(row * codes.Stride, codes.Stride), _query.Low, _query.High, new(ref sum));
            _query.CoarseBounds(codes, row, new(ref sum), uppers.AsSpan(i, 1));
            if (uppers[i] > highest.Least)
                highest.Offer(places[i], uppers[i]);
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

/// <summary>A row that may be among the best.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Upper">Its score is at most this.</param>
internal readonly record struct CodeCandidate(long Key, double Upper);
