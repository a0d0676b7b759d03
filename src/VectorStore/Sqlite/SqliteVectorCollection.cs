using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.AI;
using Polymodal.VectorStore.Exact;

namespace Polymodal.VectorStore.Sqlite;

/// <summary>A collection in a <see cref="SqliteDatabase"/>.</summary>
/// <remarks>
/// Search compares the query with vectors held in memory. They are read from the file at the first search; each later search reads, in one
/// state of the file, the collection's count of writes, and when that has grown only the records that came or went since. So a search sees
/// every write that was finished before it began, of this process or another, and there is no second path that could disagree with the file.
/// </remarks>
internal sealed class SqliteVectorCollection(SqliteDatabase database, SqliteCollectionRow stored) : IVectorCollection
{
    private const int ScanPage = 256;

    private readonly long _key = stored.Key;
    private readonly Lock _refreshing = new();
    private VectorMatrix _matrix = VectorMatrix.Empty;
    private long _matrixChanges, _lastKey;

    public string Name => stored.Name;

    public VectorCollectionDefinition Definition => stored.Definition;

    public Task UpsertAsync(IEnumerable<VectorRecord> records, CancellationToken cancellationToken = default) =>
        Task.Run(() =>
        {
            ArgumentNullException.ThrowIfNull(records);
            var checkedRecords = new List<VectorRecord>();
            foreach (VectorRecord record in records)
            {
                cancellationToken.ThrowIfCancellationRequested();
                checkedRecords.Add(VectorRules.ToStored(record, Definition));
            }

            database.Write(connection =>
            {
                CountChange(connection);
                SqliteRecords.Insert(connection, _key, checkedRecords, cancellationToken);
                cancellationToken.ThrowIfCancellationRequested();
                return checkedRecords.Count;
            }, cancellationToken);
        }, cancellationToken);

    public Task<IReadOnlyList<VectorRecord>> GetAsync(IEnumerable<RecordId> ids, CancellationToken cancellationToken = default) =>
        Task.Run<IReadOnlyList<VectorRecord>>(() =>
        {
            ArgumentNullException.ThrowIfNull(ids);
            byte[][] wanted = Utf8(ids);
            return database.Read(connection =>
            {
                Changes(connection);
                var found = new List<VectorRecord>();
                using SqliteCommand select = connection.Command($"SELECT {SqliteRecords.Columns} FROM record WHERE collection = @collection AND id = CAST(@id AS TEXT)", ("@collection", _key));
                SqliteParameter parameter = select.Parameters.Add(new SqliteParameter { ParameterName = "@id" });
                foreach (byte[] id in wanted)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    parameter.Value = id;
                    if (ReadOne(select) is not { } record)
                        continue;
                    if (!SqliteRecords.IdBytes(record.Id).AsSpan().SequenceEqual(id))
                        throw SqliteErrors.Damaged(database.Path, "the index of ids leads to another record");
                    found.Add(record);
                }

                return found;
            });
        }, cancellationToken);

    public Task<long> DeleteAsync(IEnumerable<RecordId> ids, CancellationToken cancellationToken = default) =>
        Task.Run(() =>
        {
            ArgumentNullException.ThrowIfNull(ids);
            byte[][] removed = Utf8(ids);
            return database.Write(connection =>
            {
                CountChange(connection);
                long count = 0;
                using SqliteCommand delete = connection.Command("DELETE FROM record WHERE collection = @collection AND id = CAST(@id AS TEXT)", ("@collection", _key));
                SqliteParameter parameter = delete.Parameters.Add(new SqliteParameter { ParameterName = "@id" });
                foreach (byte[] id in removed)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    parameter.Value = id;
                    count += delete.ExecuteNonQuery();
                }

                return count;
            }, cancellationToken);
        }, cancellationToken);

    public Task<long> DeleteAsync(VectorFilter filter, CancellationToken cancellationToken = default) =>
        Task.Run(() =>
        {
            ArgumentNullException.ThrowIfNull(filter);
            return database.Write(connection =>
            {
                CountChange(connection);
                long count = 0;
                foreach (long key in KeysInOrder(connection, null).Where(key => filter.Matches(ReadKey(connection, key), Definition.Tokenizer)))
                    count += connection.Execute("DELETE FROM record WHERE key = @key", ("@key", key));
                return count;
            }, cancellationToken);
        }, cancellationToken);

    public Task<VectorSearchResult> SearchAsync(Embedding<float> query, VectorSearchOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.Run(() =>
        {
            options ??= VectorSearchOptions.Default;
            VectorScorer scorer = VectorRules.ToScorer(query, options, Definition);
            if (options.Filter is not null || options.MinScore is not null || options.Offset > 0)
            {
                List<VectorRecord> records = ReadAll(options.Filter, cancellationToken);
                return RecordSearch.Rank(
                    records.Select(record => (record, scorer.Score(record.Embedding.Vector.Span, VectorScorer.Scale(record.Embedding.Vector.Span, Definition.Vector.Metric)))),
                    options, record => record.Id, record => record);
            }

            while (true)
            {
                using SqliteSnapshot snapshot = database.BeginRead();
                if (snapshot.Read(connection => MatrixOf(connection, cancellationToken)) is not { } matrix)
                    continue;
                (long Key, float Score)[] best = matrix.Search(scorer, options.K, cancellationToken);
                List<VectorRecord> records = Fetch(snapshot, best.Select(match => match.Key), cancellationToken);
                return new VectorSearchResult([.. records.Zip(best, (record, match) => new VectorMatch(record, match.Score))]);
            }
        }, cancellationToken);

    public Task<VectorSearchResult> SearchTextAsync(string query, VectorSearchOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.Run(() =>
        {
            ArgumentNullException.ThrowIfNull(query);
            options ??= VectorSearchOptions.Default;
            VectorRules.CheckOptions(options);
            var texts = ReadAll(null, cancellationToken).Where(record => record.Text is not null)
                .Select(record => (Record: record, Words: new TokenCounts(record.Text!, Definition.Tokenizer))).ToList();
            var words = new Bm25(query, Definition.Tokenizer, texts.Select(text => text.Words));
            return RecordSearch.Rank(
                texts.Where(text => options.Filter?.Matches(text.Record, Definition.Tokenizer) != false)
                    .Select(text => (text.Record, (float)words.Score(text.Words))).Where(text => text.Item2 > 0),
                options, record => record.Id, record => record);
        }, cancellationToken);

    public async IAsyncEnumerable<VectorRecord> ScanAsync(VectorFilter? filter = null, RecordId? after = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using SqliteSnapshot snapshot = await Task.Run(database.BeginRead, cancellationToken).ConfigureAwait(false);
        long[] keys = await Task.Run(() => snapshot.Read(connection => KeysInOrder(connection, after)), cancellationToken).ConfigureAwait(false);
        foreach (long[] page in keys.Chunk(ScanPage))
        {
            foreach (VectorRecord record in await Task.Run(() => Fetch(snapshot, page, cancellationToken), cancellationToken).ConfigureAwait(false))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (filter is null || filter.Matches(record, Definition.Tokenizer))
                    yield return record;
            }
        }
    }

    public Task<long> CountAsync(VectorFilter? filter = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => filter is not null ? ReadAll(filter, cancellationToken).Count : database.Read(connection =>
        {
            Changes(connection);
            return CountOf(connection);
        }), cancellationToken);

    private List<VectorRecord> ReadAll(VectorFilter? filter, CancellationToken cancellationToken)
    {
        using SqliteSnapshot snapshot = database.BeginRead();
        List<VectorRecord> records = Fetch(snapshot, snapshot.Read(connection => KeysInOrder(connection, null)), cancellationToken);
        return filter is null ? records : records.FindAll(record => filter.Matches(record, Definition.Tokenizer));
    }

    private VectorRecord ReadKey(SqliteConnection connection, long key)
    {
        using SqliteCommand select = connection.Command($"SELECT {SqliteRecords.Columns} FROM record WHERE key = @key", ("@key", key));
        return ReadOne(select) ?? throw SqliteErrors.Damaged(database.Path, "a record that is counted cannot be found");
    }

    private long Changes(SqliteConnection connection)
    {
        long changes = connection.Scalar("SELECT changes FROM collection WHERE key = @key", ("@key", _key));
        return changes >= 0 ? changes : throw VectorRules.Removed(Name);
    }

    private void CountChange(SqliteConnection connection)
    {
        if (connection.Execute("UPDATE collection SET changes = changes + 1 WHERE key = @key", ("@key", _key)) == 0)
            throw VectorRules.Removed(Name);
    }

    private long CountOf(SqliteConnection connection) =>
        connection.Scalar("SELECT count(*) FROM record WHERE collection = @collection", ("@collection", _key));

    /// <summary>The vectors of the state that the connection reads; null when another search has already gone on to a later one.</summary>
    private VectorMatrix? MatrixOf(SqliteConnection connection, CancellationToken cancellationToken)
    {
        long changes = Changes(connection);
        lock (_refreshing)
        {
            if (changes < _matrixChanges)
                return null;
            if (changes == _matrixChanges)
                return _matrix;
            long lastKey = _lastKey;
            List<VectorBlock> added = RowsAfter(ref lastKey, connection, cancellationToken);
            int addedCount = added.Sum(block => block.Count);
            long count = CountOf(connection);
            VectorMatrix matrix = _matrix;
            if (matrix.Count + addedCount != count)
                matrix = matrix.Keep(KeysUpTo(_lastKey, connection));
            matrix = matrix.Append(added);
            if (matrix.Count != count)
                throw SqliteErrors.Damaged(database.Path, $"collection '{Name}' counts {count} records and holds {matrix.Count}");
            (_matrix, _matrixChanges, _lastKey) = (matrix, changes, lastKey);
            return matrix;
        }
    }

    private List<VectorBlock> RowsAfter(ref long lastKey, SqliteConnection connection, CancellationToken cancellationToken)
    {
        // The plus sign keeps SQLite on the order of keys, which is the order of pages.
        const string Sql = "SELECT key, id, vector, vector_checksum FROM record WHERE key > @last AND +collection = @collection ORDER BY key";
        long highestKey = connection.Scalar("SELECT coalesce(max(key), 0) FROM record");
        var blocks = new List<VectorBlock>();
        using SqliteCommand select = connection.Command(Sql, ("@last", lastKey), ("@collection", _key));
        using SqliteDataReader row = select.ExecuteReader();
        for (VectorBlock? block = null; row.Read();)
        {
            if (block is null || block.Count == VectorBlock.Capacity)
            {
                cancellationToken.ThrowIfCancellationRequested();
                blocks.Add(block = new VectorBlock(Definition.Vector.Dimensions, (int)Math.Min(VectorBlock.Capacity, highestKey - lastKey)));
            }

            long rowKey = SqliteRecords.Number(row, 0);
            if (rowKey <= lastKey || rowKey > highestKey)
                throw SqliteErrors.Damaged(database.Path, "the keys of records are out of order");
            lastKey = rowKey;
            RecordId id = SqliteRecords.ReadVector(row, 1, block.Next, database.Path);
            block.Add(lastKey, id, VectorScorer.Scale(block.Next, Definition.Vector.Metric));
        }

        return blocks;
    }

    private HashSet<long> KeysUpTo(long lastKey, SqliteConnection connection)
    {
        using SqliteCommand select = connection.Command("SELECT key FROM record WHERE collection = @collection AND key <= @last", ("@collection", _key), ("@last", lastKey));
        using SqliteDataReader row = select.ExecuteReader();
        var keys = new HashSet<long>();
        while (row.Read())
            keys.Add(SqliteRecords.Number(row, 0));
        return keys;
    }

    /// <summary>All keys by id, behind one of them.</summary>
    private long[] KeysInOrder(SqliteConnection connection, RecordId? after)
    {
        Changes(connection);
        using SqliteCommand select = connection.Command("SELECT key, id FROM record WHERE collection = @collection", ("@collection", _key));
        using SqliteDataReader row = select.ExecuteReader();
        var keys = new List<(long Key, RecordId Id)>();
        while (row.Read())
            keys.Add((SqliteRecords.Number(row, 0), SqliteRecords.Id(row, 1)));
        return [.. keys.Where(item => !(item.Id <= after)).OrderBy(item => item.Id).Select(item => item.Key)];
    }

    private List<VectorRecord> Fetch(SqliteSnapshot snapshot, IEnumerable<long> keys, CancellationToken cancellationToken) =>
        snapshot.Read(connection =>
        {
            var records = new List<VectorRecord>();
            using SqliteCommand select = connection.Command($"SELECT {SqliteRecords.Columns} FROM record WHERE key = @key");
            SqliteParameter parameter = select.Parameters.Add(new SqliteParameter { ParameterName = "@key" });
            foreach (long recordKey in keys)
            {
                cancellationToken.ThrowIfCancellationRequested();
                parameter.Value = recordKey;
                records.Add(ReadOne(select) ?? throw SqliteErrors.Damaged(database.Path, "a record that is counted cannot be found"));
            }

            return records;
        });

    // What cannot be the id of a record is not looked for: as UTF-8 it could turn into the id of one.
    private static byte[][] Utf8(IEnumerable<RecordId> ids) => [.. ids.Where(VectorRules.IsId).Select(SqliteRecords.IdBytes)];

    private VectorRecord? ReadOne(SqliteCommand select)
    {
        using SqliteDataReader row = select.ExecuteReader();
        return row.Read() ? SqliteRecords.Read(row, Definition, database.Path) : null;
    }
}
