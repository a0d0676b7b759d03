using Npgsql;
using Polymodal.VectorStore.Exact;

namespace Polymodal.VectorStore.PostgreSql;

/// <summary>One search by vectors: the server scores, then the float vectors of all that may be among the best are scored once more here, as every backend does it.</summary>
/// <remarks>
/// pgvector adds products of single precision, in an order of its own. Its score and ours differ from the true one by at most dimensions + 16 roundings each,
/// relative to the lengths of the two vectors (to the distance itself for Euclidean). So each row has a bound below and one above, and whatever reaches above the k-th
/// best lower bound is fetched. Rows whose squared length leaves single precision, or whose score is no number, have no bounds and are always fetched.
/// </remarks>
internal sealed class PostgreSqlSearch(PostgreSqlTable table, VectorScorer scorer, VectorSearchOptions options)
{
    private const double RoundingUnit = 1.0 / (1 << 23); // one of 24 bits, for both sides together
    private const double SmallestSafe = 1e-15, LargestSafe = 1e15, Underflow = 1e-17;

    private readonly int _slot = table.SlotOf(options.VectorName);
    private readonly long _wanted = (long)options.K + options.Offset;

    /// <summary>The best records, provably.</summary>
    public async Task<VectorSearchResult> ExactAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        VectorDefinition vector = table.DefinitionOf(_slot);
        (string comparison, _) = table.OperatorOf(_slot);
        float[] query = scorer.Query.ToArray();
        double length = PostgreSqlTable.LengthOf(query), error = (vector.Dimensions + 16) * RoundingUnit;
        var statement = new PostgreSqlStatement();
        string distance = $"(r.v{_slot} {comparison} {statement.Add(query)})";
        (string Score, double PerLength, double PerScore) bound = vector.Metric switch
        {
            SimilarityMetric.Cosine => ($"1 - {distance}", 0, 0),
            SimilarityMetric.Euclidean => ($"-{distance}", 0, error),
            _ => ($"-{distance}", error * length, 0),
        };
        // A query of zeros has no cosine in pgvector.
        bool isSafe = vector.Metric != SimilarityMetric.Cosine || length > 0;
        string slack = $"{statement.Add(vector.Metric == SimilarityMetric.Cosine ? error : Underflow)} + {statement.Add(bound.PerLength)} * n + {statement.Add(bound.PerScore)} * abs(s)";
        string? condition = PostgreSqlFilter.ToSql(options.Filter, table.Definition.Tokenizer, statement);
        string least = options.MinScore is { } lowest ? $" AND upper >= {statement.Add((double)lowest)}" : "";
        string sql = $"""
            WITH scored AS MATERIALIZED (
                SELECT r.key, r.n{_slot} AS n, CASE WHEN {(isSafe ? $"r.n{_slot} > {statement.Add(SmallestSafe)} AND r.n{_slot} < {statement.Add(LargestSafe)}" : "false")} THEN {bound.Score} END AS s
                FROM {table.Name} r WHERE r.v{_slot} IS NOT NULL{(condition is null ? "" : $" AND {condition}")}),
            bounded AS MATERIALIZED (
                SELECT key, CASE WHEN {IsNumber} THEN s - ({slack}) ELSE '-Infinity' END AS lower, CASE WHEN {IsNumber} THEN s + ({slack}) ELSE 'Infinity' END AS upper FROM scored)
            SELECT {table.Columns("r")} FROM bounded JOIN {table.Name} r ON r.key = bounded.key
            WHERE upper >= coalesce((SELECT lower FROM bounded ORDER BY lower DESC LIMIT 1 OFFSET {statement.Add(_wanted - 1)}), '-Infinity'){least}
            """;
        return await RankAsync(connection, statement, sql, null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The likely best records by the index; null when there is none that could serve.</summary>
    public async Task<VectorSearchResult?> ApproximateAsync(NpgsqlConnection connection, PostgreSqlVectorStoreOptions settings, CancellationToken cancellationToken)
    {
        string? method = await IndexMethodAsync(connection, cancellationToken).ConfigureAwait(false);
        if (method is null || _wanted > PostgreSqlVectorStoreOptions.LargestEfSearch)
            return null;
        long candidates = method == "hnsw" ? Math.Max(_wanted, settings.HnswSearchCandidates) : settings.IvfProbes;
        var set = new PostgreSqlStatement();
        // iterative_scan goes on until enough rows match the filter; pgvector before 0.8 does not know it, which set_config with a prefix does not mind.
        NpgsqlCommand command = set.On(connection, $"SELECT set_config('{method}.{(method == "hnsw" ? "ef_search" : "probes")}', {set.Add(candidates)}::text, true), set_config('{method}.iterative_scan', 'relaxed_order', true)");
        await using (command.ConfigureAwait(false))
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);

        (string comparison, _) = table.OperatorOf(_slot);
        var statement = new PostgreSqlStatement();
        string query = statement.Add(scorer.Query.ToArray());
        string? condition = PostgreSqlFilter.ToSql(options.Filter, table.Definition.Tokenizer, statement);
        string sql = $"SELECT {table.Columns("r")} FROM {table.Name} r WHERE r.v{_slot} IS NOT NULL{(condition is null ? "" : $" AND {condition}")} ORDER BY r.v{_slot} {comparison} {query} LIMIT {statement.Add(_wanted)}";
        return await RankAsync(connection, statement, sql, method == "hnsw" ? $"HNSW index, {candidates} candidates" : $"IVFFlat index, {candidates} lists", cancellationToken).ConfigureAwait(false);
    }

    private const string IsNumber = "s > '-Infinity' AND s < 'Infinity'"; // NaN is above infinity

    private async Task<string?> IndexMethodAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var statement = new PostgreSqlStatement();
        NpgsqlCommand command = statement.On(connection, $"""
            SELECT m.amname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam JOIN pg_namespace s ON s.oid = c.relnamespace
            WHERE i.indisvalid AND c.relname = {statement.Add(table.IndexName(_slot))} AND s.nspname = {statement.Add(table.Schema)}
            """);
        await using (command.ConfigureAwait(false))
            return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as string;
    }

    private async Task<VectorSearchResult> RankAsync(NpgsqlConnection connection, PostgreSqlStatement statement, string sql, string? approximation, CancellationToken cancellationToken)
    {
        SimilarityMetric metric = table.DefinitionOf(_slot).Metric;
        var best = new TopMatches<VectorRecord>((int)Math.Min(_wanted, int.MaxValue));
        NpgsqlCommand command = statement.On(connection, sql);
        await using (command.ConfigureAwait(false))
        {
            NpgsqlDataReader row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (row.ConfigureAwait(false))
            {
                while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    VectorRecord record = table.Read(row);
                    ReadOnlySpan<float> vector = record.Vectors[options.VectorName].Vector.Span;
                    float score = scorer.Score(vector, VectorScorer.Scale(vector, metric));
                    if (options.MinScore is not { } least || score >= least)
                        best.Offer(record, score, record.Id);
                }
            }
        }

        return new([.. best.Take().Skip(options.Offset).Select(match => new VectorMatch(match.Item, match.Score))], approximation);
    }
}
