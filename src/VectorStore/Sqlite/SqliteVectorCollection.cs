using System.Runtime.CompilerServices;
using System.Text;
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

    public Task<IReadOnlyList<VectorRecord>> GetAsync(IEnumerable<string> ids, CancellationToken cancellationToken = default) =>
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
                    if (!Encoding.UTF8.GetBytes(record.Id).AsSpan().SequenceEqual(id))
                        throw SqliteErrors.Damaged(database.Path, "the index of ids leads to another record");
                    found.Add(record);
                }

                return found;
            });
        }, cancellationToken);

    public Task<int> DeleteAsync(IEnumerable<string> ids, CancellationToken cancellationToken = default) =>
        Task.Run(() =>
        {
            ArgumentNullException.ThrowIfNull(ids);
            byte[][] removed = Utf8(ids);
            return database.Write(connection =>
            {
                CountChange(connection);
                int count = 0;
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

    public Task<IReadOnlyList<VectorMatch>> SearchAsync(Embedding<float> query, int k, CancellationToken cancellationToken = default) =>
        Task.Run<IReadOnlyList<VectorMatch>>(() =>
        {
            VectorScorer scorer = VectorRules.ToScorer(query, k, Definition);
            while (true)
            {
                using SqliteSnapshot snapshot = database.BeginRead();
                if (snapshot.Read(connection => MatrixOf(connection, cancellationToken)) is not { } matrix)
                    continue;
                (long Key, float Score)[] best = matrix.Search(scorer, k, cancellationToken);
                List<VectorRecord> records = Fetch(snapshot, best.Select(match => match.Key), cancellationToken);
                return [.. records.Zip(best, (record, match) => new VectorMatch(record, match.Score))];
            }
        }, cancellationToken);

    public async IAsyncEnumerable<VectorRecord> ScanAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using SqliteSnapshot snapshot = await Task.Run(database.BeginRead, cancellationToken).ConfigureAwait(false);
        long[] keys = await Task.Run(() => snapshot.Read(KeysInOrder), cancellationToken).ConfigureAwait(false);
        foreach (long[] page in keys.Chunk(ScanPage))
        {
            foreach (VectorRecord record in await Task.Run(() => Fetch(snapshot, page, cancellationToken), cancellationToken).ConfigureAwait(false))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return record;
            }
        }
    }

    public Task<long> CountAsync(CancellationToken cancellationToken = default) =>
        Task.Run(() => database.Read(connection =>
        {
            Changes(connection);
            return CountOf(connection);
        }), cancellationToken);

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
                blocks.Add(block = new VectorBlock(Definition.Dimensions, (int)Math.Min(VectorBlock.Capacity, highestKey - lastKey)));
            }

            long rowKey = SqliteRecords.Number(row, 0);
            if (rowKey <= lastKey || rowKey > highestKey)
                throw SqliteErrors.Damaged(database.Path, "the keys of records are out of order");
            lastKey = rowKey;
            string id = SqliteRecords.ReadVector(row, 1, block.Next, database.Path);
            block.Add(lastKey, id, VectorScorer.Scale(block.Next, Definition.Metric));
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

    /// <summary>All keys by id. SQLite orders text by its UTF-8 bytes, .NET's ordinal order by UTF-16 units; they differ beyond the BMP.</summary>
    private long[] KeysInOrder(SqliteConnection connection)
    {
        Changes(connection);
        using SqliteCommand select = connection.Command("SELECT key, id FROM record WHERE collection = @collection ORDER BY id", ("@collection", _key));
        using SqliteDataReader row = select.ExecuteReader();
        var keys = new List<(long Key, string Id)>();
        while (row.Read())
            keys.Add((SqliteRecords.Number(row, 0), SqliteRecords.Text(row, 1)));
        keys.Sort((first, second) => string.CompareOrdinal(first.Id, second.Id));
        return [.. keys.Select(item => item.Key)];
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
    private static byte[][] Utf8(IEnumerable<string> ids) => [.. ids.Where(VectorRules.IsId).Select(Encoding.UTF8.GetBytes)];

    private VectorRecord? ReadOne(SqliteCommand select)
    {
        using SqliteDataReader row = select.ExecuteReader();
        return row.Read() ? SqliteRecords.Read(row, Definition, database.Path) : null;
    }
}
