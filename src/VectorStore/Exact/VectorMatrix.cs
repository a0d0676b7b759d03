namespace Polymodal.VectorStore.Exact;

/// <summary>The vectors of a collection in memory, in blocks of rows. Immutable: a changed matrix shares the blocks that did not change.</summary>
/// <remarks>Safe for concurrent use. 4 bytes a component and about 100 bytes a row.</remarks>
internal sealed class VectorMatrix
{
    private readonly VectorBlock[] _blocks;

    private VectorMatrix(VectorBlock[] blocks) => _blocks = blocks;

    /// <summary>No rows.</summary>
    public static VectorMatrix Empty { get; } = new([]);

    /// <summary>How many rows there are.</summary>
    public int Count => _blocks.Sum(block => block.Count);

    /// <summary>The rows of this matrix and then others.</summary>
    /// <param name="added">Blocks of at least one row.</param>
    public VectorMatrix Append(IReadOnlyList<VectorBlock> added)
    {
        if (added.Count == 0)
            return this;
        // A small last block takes the new rows in, so that many small writes do not make many small blocks.
        return _blocks is [.. VectorBlock[] kept, { } last] && last.Count + added[0].Count <= VectorBlock.Capacity
            ? new([.. kept, last.With(added[0]), .. added.Skip(1)])
            : new([.. _blocks, .. added]);
    }

    /// <summary>The rows whose keys are among those given.</summary>
    public VectorMatrix Keep(HashSet<long> keys) =>
        new([.. _blocks.Select(block => block.Keep(keys)).Where(block => block.Count > 0)]);

    /// <summary>The rows nearest to a query.</summary>
    /// <param name="scorer">Knows the query and the measure.</param>
    /// <param name="k">How many to return at most.</param>
    /// <param name="cancellationToken">Ends the scan.</param>
    /// <returns>Keys and scores, nearest first; equal scores by id.</returns>
    public (long Key, float Score)[] Search(VectorScorer scorer, int k, CancellationToken cancellationToken)
    {
        var best = new TopMatches<long>(k);
        foreach (VectorBlock block in _blocks)
        {
            cancellationToken.ThrowIfCancellationRequested();
            block.Search(scorer, best);
        }

        return best.Take();
    }
}

/// <summary>Some rows of a <see cref="VectorMatrix"/>: key, id, vector, scale.</summary>
/// <param name="dimensions">Length of a row.</param>
/// <param name="rows">Room for rows, at most <see cref="Capacity"/>.</param>
/// <remarks>Filled by one thread, then never changed.</remarks>
internal sealed class VectorBlock(int dimensions, int rows)
{
    /// <summary>Rows of a block.</summary>
    public const int Capacity = 1024;

    private readonly float[] _vectors = new float[rows * dimensions];
    private readonly float[] _scales = new float[rows];
    private readonly RecordId[] _ids = new RecordId[rows];
    private readonly long[] _keys = new long[rows];

    /// <summary>Rows filled so far.</summary>
    public int Count { get; private set; }

    /// <summary>Where the next row's vector belongs.</summary>
    public Span<float> Next => Row(Count);

    /// <summary>Adds the row whose vector was written to <see cref="Next"/>.</summary>
    public void Add(long key, RecordId id, float scale)
    {
        _keys[Count] = key;
        _ids[Count] = id;
        _scales[Count++] = scale;
    }

    /// <summary>This block's rows and then another's.</summary>
    public VectorBlock With(VectorBlock other)
    {
        var joined = new VectorBlock(dimensions, Count + other.Count);
        joined.Copy(this, _ => true);
        joined.Copy(other, _ => true);
        return joined;
    }

    /// <summary>The rows whose keys are among those given; this block when that is all of them.</summary>
    public VectorBlock Keep(HashSet<long> keys)
    {
        int kept = _keys.AsSpan(0, Count).ToArray().Count(keys.Contains);
        if (kept == Count)
            return this;
        var block = new VectorBlock(dimensions, kept);
        block.Copy(this, keys.Contains);
        return block;
    }

    /// <summary>Offers every row.</summary>
    public void Search(VectorScorer scorer, TopMatches<long> best)
    {
        for (int row = 0; row < Count; row++)
            best.Offer(_keys[row], scorer.Score(Row(row), _scales[row]), _ids[row]);
    }

    private Span<float> Row(int row) => _vectors.AsSpan(row * dimensions, dimensions);

    private void Copy(VectorBlock source, Func<long, bool> isWanted)
    {
        for (int row = 0; row < source.Count; row++)
        {
            if (!isWanted(source._keys[row]))
                continue;
            source.Row(row).CopyTo(Next);
            Add(source._keys[row], source._ids[row], source._scales[row]);
        }
    }
}
