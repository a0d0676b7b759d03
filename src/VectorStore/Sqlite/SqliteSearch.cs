using Polymodal.VectorStore.Exact;

namespace Polymodal.VectorStore.Sqlite;

/// <summary>One search: scans the codes, then compares float vectors until no other can be among the best.</summary>
internal sealed class SqliteSearch(SqliteCollectionRow collection, int slot, VectorScorer scorer, VectorSearchOptions options, string path, CancellationToken cancellationToken)
{
    private const string SelectVector = "SELECT id, vector, vector_checksum FROM record WHERE key = ?";

    private readonly int _wanted = Wanted(options);
    private readonly SimilarityMetric _metric = collection.Layout.DefinitionOf(slot).Metric;

    /// <summary>How the result was found when it is not proved; null when it is.</summary>
    public string? Approximation { get; private set; }

    /// <summary>The best records, those that the options pass over included.</summary>
    public (long Key, float Score)[] Run(SqliteSession session, CodeMatrix matrix)
    {
        long[]? keys = SqliteFields.Select(session, collection, options.Filter, cancellationToken);
        ulong[]?[]? selected = keys is null ? null : matrix.Select(keys);
        double least = options.MinScore ?? double.NegativeInfinity;
        var query = new QueryCode(scorer.Query, _metric);
        if (options.Mode == VectorSearchMode.Approximate && SignScan.TryRun(matrix, scorer.Query, _metric, _wanted, selected, cancellationToken) is { } likely)
        {
            Approximation = $"one-bit codes, best {likely.Length} compared by 8 bits";
            return Compare(session, CodeScan.Among(matrix, query, _wanted, least, likely, cancellationToken));
        }

        return Compare(session, CodeScan.Run(matrix, query, _wanted, least, selected, cancellationToken));
    }

    /// <summary>The best of records whose scores are known; ties by id.</summary>
    public static (long Key, float Score)[] Best(SqliteSession session, IEnumerable<(long Key, float Score)> scored, VectorSearchOptions options, string path)
    {
        int wanted = Wanted(options);
        float least = options.MinScore ?? float.NegativeInfinity;
        var lowest = new LowerBounds(wanted);
        (long Key, float Score)[] all = [.. scored.Where(match => match.Score >= least)];
        foreach ((_, float score) in all)
            lowest.Offer(score);
        var best = new TopMatches<long>(wanted);
        foreach ((long key, float score) in all)
        {
            if (score < lowest.Least)
                continue;
            using SqliteStatement row = session.Use("SELECT id FROM record WHERE key = ?", key);
            best.Offer(key, score, row.Step() ? SqliteRecords.ReadId(row, 0) : throw SqliteErrors.Damaged(path, "a text that is found belongs to no record"));
        }

        return best.Take();
    }

    private (long Key, float Score)[] Compare(SqliteSession session, List<CodeCandidate> candidates)
    {
        var best = new TopMatches<long>(_wanted);
        var blob = new float[collection.Layout.Floats];
        float least = options.MinScore ?? float.NegativeInfinity;
        using SqliteStatement row = session.Use(SelectVector);
        foreach (CodeCandidate candidate in candidates)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (best.IsFull && candidate.Upper < best.Worst) // one that ties may have the smaller id
                break;
            row.Reset();
            row.Bind(1, candidate.Key);
            if (!row.Step())
                throw SqliteErrors.Damaged(path, "a record that has codes cannot be found");
            RecordId id = SqliteRecords.ReadVectors(row, 0, blob, path);
            ReadOnlySpan<float> vector = collection.Layout.Vector(blob, slot);
            if (vector.IsEmpty)
                throw SqliteErrors.Damaged(path, "a record has the codes of a vector that it lacks");
            float score = scorer.Score(vector, VectorScorer.Scale(vector, _metric));
            if (score >= least)
                best.Offer(candidate.Key, score, id);
        }

        return best.Take();
    }

    private static int Wanted(VectorSearchOptions options) => (int)Math.Min((long)options.K + options.Offset, int.MaxValue);
}
