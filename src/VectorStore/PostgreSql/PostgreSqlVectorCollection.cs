using System.Data;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Npgsql;
using Polymodal.VectorStore.Exact;
using Polymodal.VectorStore.Ordered;

namespace Polymodal.VectorStore.PostgreSql;

/// <summary>A collection in a <see cref="PostgreSqlDatabase"/>: a table of its own.</summary>
internal sealed class PostgreSqlVectorCollection(PostgreSqlDatabase database, PostgreSqlTable table) : IVectorCollection
{
    private const int ScanPage = 1_000;

    public string Name => table.Collection;

    public VectorCollectionDefinition Definition => table.Definition;

    public Task UpsertAsync(IEnumerable<VectorRecord> records, CancellationToken cancellationToken = default) =>
        Task.Run(async () =>
        {
            ArgumentNullException.ThrowIfNull(records);
            var stored = new Dictionary<RecordId, VectorRecord>();
            foreach (VectorRecord record in records)
            {
                cancellationToken.ThrowIfCancellationRequested();
                VectorRecord checkedRecord = VectorRules.ToStored(record, Definition);
                stored[checkedRecord.Id] = checkedRecord;
            }

            await database.WriteAsync(async connection =>
            {
                await table.UpsertAsync(connection, stored.Values, database.Options.UseCopy, cancellationToken).ConfigureAwait(false);
                if (stored.Count == 0)
                    await CountAsync(connection, VectorFilter.Or(), cancellationToken).ConfigureAwait(false); // whether the collection is still there
                return stored.Count;
            }, Name, isRepeatable: true, cancellationToken).ConfigureAwait(false);
        }, cancellationToken);

    public Task<IReadOnlyList<VectorRecord>> GetAsync(IEnumerable<RecordId> ids, CancellationToken cancellationToken = default) =>
        Task.Run<IReadOnlyList<VectorRecord>>(async () =>
        {
            ArgumentNullException.ThrowIfNull(ids);
            RecordId[] wanted = [.. ids.Where(VectorRules.IsId)];
            return await database.ReadOneAsync(async connection =>
            {
                var statement = new PostgreSqlStatement();
                string sql = $"SELECT {table.Columns("r")} FROM {table.Name} r WHERE r.id = ANY({statement.Add([.. wanted.Distinct().Select(OrderedBytes.Of)])})";
                var found = new Dictionary<RecordId, VectorRecord>();
                await foreach (VectorRecord record in ReadAsync(connection, statement, sql, cancellationToken).ConfigureAwait(false))
                    found[record.Id] = record;
                return (IReadOnlyList<VectorRecord>)[.. wanted.Where(found.ContainsKey).Select(id => found[id])];
            }, Name, cancellationToken).ConfigureAwait(false);
        }, cancellationToken);

    public Task<long> DeleteAsync(IEnumerable<RecordId> ids, CancellationToken cancellationToken = default) =>
        Task.Run(() =>
        {
            ArgumentNullException.ThrowIfNull(ids);
            byte[][] removed = [.. ids.Where(VectorRules.IsId).Distinct().Select(OrderedBytes.Of)];
            return DeleteAsync(statement => $"r.id = ANY({statement.Add(removed)})", cancellationToken);
        }, cancellationToken);

    public Task<long> DeleteAsync(VectorFilter filter, CancellationToken cancellationToken = default) =>
        Task.Run(() =>
        {
            ArgumentNullException.ThrowIfNull(filter);
            return DeleteAsync(statement => PostgreSqlFilter.ToSql(filter, Definition.Tokenizer, statement), cancellationToken);
        }, cancellationToken);

    public Task<long> CountAsync(VectorFilter? filter = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => database.ReadOneAsync(connection => CountAsync(connection, filter, cancellationToken), Name, cancellationToken), cancellationToken);

    public async IAsyncEnumerable<VectorRecord> ScanAsync(VectorFilter? filter = null, RecordId? after = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        List<VectorRecord> page = [];
        // What fits into one page is one statement, and no connection is held while the caller works.
        NpgsqlConnection? held = await database.RunAsync(async connection =>
        {
            page = await PageAsync(connection, filter, after, cancellationToken).ConfigureAwait(false);
            return default(NpgsqlConnection);
        }, Name, isRepeatable: true, cancellationToken).ConfigureAwait(false);
        if (page.Count <= ScanPage)
        {
            foreach (VectorRecord record in page)
                yield return record;
            yield break;
        }

        held = await TranslatedAsync(() => database.ConnectAsync(cancellationToken)).ConfigureAwait(false);
        await using (held.ConfigureAwait(false))
        {
            NpgsqlTransaction state = await TranslatedAsync(() => held.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken).AsTask()).ConfigureAwait(false);
            await using (state.ConfigureAwait(false))
            {
                for (RecordId? last = after; ; last = page[ScanPage - 1].Id)
                {
                    page = await TranslatedAsync(() => PageAsync(held, filter, last, cancellationToken)).ConfigureAwait(false);
                    foreach (VectorRecord record in page.Take(ScanPage))
                        yield return record;
                    if (page.Count <= ScanPage)
                        yield break;
                }
            }
        }
    }

    public Task<VectorSearchResult> SearchAsync(Embedding<float> query, VectorSearchOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.Run(() =>
        {
            options ??= VectorSearchOptions.Default;
            var search = new PostgreSqlSearch(table, VectorRules.ToScorer(query, options, Definition), options);
            return options.Mode == VectorSearchMode.Exact
                ? database.ReadOneAsync(connection => search.ExactAsync(connection, cancellationToken), Name, cancellationToken)
                : database.ReadAsync(
                    async connection => await search.ApproximateAsync(connection, database.Options, cancellationToken).ConfigureAwait(false)
                        ?? await search.ExactAsync(connection, cancellationToken).ConfigureAwait(false), Name, cancellationToken);
        }, cancellationToken);

    public Task<VectorSearchResult> SearchTextAsync(string query, VectorSearchOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.Run(() =>
        {
            ArgumentNullException.ThrowIfNull(query);
            options ??= VectorSearchOptions.Default;
            VectorRules.CheckOptions(options);
            return database.ReadAsync(connection => PostgreSqlWords.SearchAsync(connection, table, query, options, cancellationToken), Name, cancellationToken);
        }, cancellationToken);

    private async Task<List<VectorRecord>> PageAsync(NpgsqlConnection connection, VectorFilter? filter, RecordId? after, CancellationToken cancellationToken)
    {
        var statement = new PostgreSqlStatement();
        string?[] conditions = [PostgreSqlFilter.ToSql(filter, Definition.Tokenizer, statement), after is { Kind: not RecordIdKind.None } last ? $"r.id > {statement.Add(OrderedBytes.Of(last))}" : null];
        string where = string.Join(" AND ", conditions.Where(condition => condition is not null));
        string sql = $"SELECT {table.Columns("r")} FROM {table.Name} r {(where.Length == 0 ? "" : $"WHERE {where}")} ORDER BY r.id LIMIT {statement.Add((long)ScanPage + 1)}";
        var page = new List<VectorRecord>();
        await foreach (VectorRecord record in ReadAsync(connection, statement, sql, cancellationToken).ConfigureAwait(false))
            page.Add(record);
        return page;
    }

    private async IAsyncEnumerable<VectorRecord> ReadAsync(NpgsqlConnection connection, PostgreSqlStatement statement, string sql, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        NpgsqlCommand command = statement.On(connection, sql);
        await using (command.ConfigureAwait(false))
        {
            NpgsqlDataReader row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (row.ConfigureAwait(false))
            {
                while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
                    yield return table.Read(row);
            }
        }
    }

    private async Task<long> CountAsync(NpgsqlConnection connection, VectorFilter? filter, CancellationToken cancellationToken)
    {
        var statement = new PostgreSqlStatement();
        string? condition = PostgreSqlFilter.ToSql(filter, Definition.Tokenizer, statement);
        NpgsqlCommand command = statement.On(connection, $"SELECT count(*) FROM {table.Name} r {(condition is null ? "" : $"WHERE {condition}")}");
        await using (command.ConfigureAwait(false))
            return (long)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }

    // Of a delete that may have been done nobody knows any more how many records went.
    private Task<long> DeleteAsync(Func<PostgreSqlStatement, string?> where, CancellationToken cancellationToken) =>
        database.WriteAsync(async connection =>
        {
            var statement = new PostgreSqlStatement();
            string? condition = where(statement);
            NpgsqlCommand command = statement.On(connection, $"DELETE FROM {table.Name} r {(condition is null ? "" : $"WHERE {condition}")}");
            await using (command.ConfigureAwait(false))
                return (long)await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }, Name, isRepeatable: false, cancellationToken);

    private async Task<T> TranslatedAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
        {
            throw PostgreSqlErrors.Translate(exception, database.Server, Name);
        }
    }
}
