using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Polymodal.VectorStore.Exact;

namespace Polymodal.VectorStore.Sqlite;

/// <summary>A collection in a <see cref="SqliteDatabase"/>.</summary>
/// <remarks>
/// Search compares the query with codes held in memory, 8 bits a component. They are read from the file at the first search; each later
/// search reads, in one state of the file, the collection's count of writes, and when that has grown only what came or went since. So
/// a search sees every write that was finished before it began, of this process or another. What the codes cannot decide the float
/// vectors in that same state do.
/// </remarks>
internal sealed class SqliteVectorCollection : IVectorCollection
{
    private const int ScanPage = 256;

    private readonly SqliteDatabase _database;
    private readonly SqliteCollectionRow _stored;
    private readonly SqliteCodeCache[] _codes;

    public SqliteVectorCollection(SqliteDatabase database, SqliteCollectionRow stored)
    {
        (_database, _stored) = (database, stored);
        _codes = [.. Enumerable.Range(0, stored.Layout.Count).Select(slot => new SqliteCodeCache(stored, slot, database.Path))];
    }

    public string Name => _stored.Name;

    public VectorCollectionDefinition Definition => _stored.Definition;

    public Task UpsertAsync(IEnumerable<VectorRecord> records, CancellationToken cancellationToken = default) =>
        Task.Run(() =>
        {
            ArgumentNullException.ThrowIfNull(records);
            using var stored = new SqliteRows(_stored);
            foreach (VectorRecord record in records)
            {
                cancellationToken.ThrowIfCancellationRequested();
                stored.Add(record);
            }

            Write(writer =>
            {
                foreach (SqliteRow record in stored.All)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    writer.Upsert(record);
                }

                return stored.All.Count;
            }, cancellationToken);
        }, cancellationToken);

    public Task<IReadOnlyList<VectorRecord>> GetAsync(IEnumerable<RecordId> ids, CancellationToken cancellationToken = default) =>
        Task.Run<IReadOnlyList<VectorRecord>>(() =>
        {
            ArgumentNullException.ThrowIfNull(ids);
            RecordId[] wanted = [.. ids.Where(VectorRules.IsId)];
            return Read(session =>
            {
                var found = new List<VectorRecord>();
                foreach (RecordId id in wanted)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    using SqliteStatement row = session.Use($"SELECT {SqliteRecords.Columns} FROM record WHERE collection = ? AND id = ?", _stored.Key, SqlValue.Of(id));
                    if (!row.Step())
                        continue;
                    VectorRecord record = SqliteRecords.Read(row, _stored, _database.Path);
                    found.Add(record.Id == id ? record : throw SqliteErrors.Damaged(_database.Path, "the index of ids leads to another record"));
                }

                return found;
            });
        }, cancellationToken);

    public Task<long> DeleteAsync(IEnumerable<RecordId> ids, CancellationToken cancellationToken = default) =>
        Task.Run(() =>
        {
            ArgumentNullException.ThrowIfNull(ids);
            RecordId[] removed = [.. ids.Where(VectorRules.IsId)];
            return Write(writer =>
            {
                long count = 0;
                foreach (RecordId id in removed)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    count += writer.Delete(id) ? 1 : 0;
                }

                return count;
            }, cancellationToken);
        }, cancellationToken);

    public Task<long> DeleteAsync(VectorFilter filter, CancellationToken cancellationToken = default) =>
        Task.Run(() =>
        {
            ArgumentNullException.ThrowIfNull(filter);
            return _database.Write(session =>
            {
                var writer = new SqliteWriter(session, _stored, _database.Path);
                long[] keys = SqliteFields.Select(session, _stored, VectorFilter.Or(filter), cancellationToken)!;
                foreach (long key in keys)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    writer.Remove(key);
                }

                writer.Finish();
                return (long)keys.Length;
            }, cancellationToken);
        }, cancellationToken);

    public Task<long> CountAsync(VectorFilter? filter = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => Read(session => SqliteFields.Select(session, _stored, filter, cancellationToken)?.Length ?? Count(session)), cancellationToken);

    public async IAsyncEnumerable<VectorRecord> ScanAsync(VectorFilter? filter = null, RecordId? after = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using SqliteSnapshot snapshot = await Task.Run(_database.BeginRead, cancellationToken).ConfigureAwait(false);
        List<long> keys = await Task.Run(() => snapshot.Read(session => KeysInOrder(session, filter, after, cancellationToken)), cancellationToken).ConfigureAwait(false);
        foreach (long[] page in keys.Chunk(ScanPage))
        {
            foreach (VectorRecord record in await Task.Run(() => snapshot.Read(session => Fetch(session, page, cancellationToken)), cancellationToken).ConfigureAwait(false))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return record;
            }
        }
    }

    public Task<VectorSearchResult> SearchAsync(Embedding<float> query, VectorSearchOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.Run(() =>
        {
            options ??= VectorSearchOptions.Default;
            VectorScorer scorer = VectorRules.ToScorer(query, options, Definition);
            int slot = _stored.Layout.SlotOf(options.VectorName);
            while (true)
            {
                using SqliteSnapshot snapshot = _database.BeginRead();
                if (snapshot.Read(_codes[slot].In) is not { } matrix)
                    continue;
                var search = new SqliteSearch(_stored, slot, scorer, options, _database.Path, cancellationToken);
                (long Key, float Score)[] best = snapshot.Read(session => search.Run(session, matrix));
                return Result(snapshot, best, options, search.Approximation, cancellationToken);
            }
        }, cancellationToken);

    public Task<VectorSearchResult> SearchTextAsync(string query, VectorSearchOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.Run(() =>
        {
            ArgumentNullException.ThrowIfNull(query);
            options ??= VectorSearchOptions.Default;
            VectorRules.CheckOptions(options);
            using SqliteSnapshot snapshot = _database.BeginRead();
            (long Key, float Score)[] best = snapshot.Read(session =>
            {
                Count(session);
                IEnumerable<(long Record, float Score)> found = SqliteWords.Search(session, _stored, query, cancellationToken);
                if (SqliteFields.Select(session, _stored, options.Filter, cancellationToken) is { } keys)
                    found = found.Where(match => keys.AsSpan().BinarySearch(match.Record) >= 0);
                return SqliteSearch.Best(session, found, options, _database.Path);
            });
            return Result(snapshot, best, options, approximation: null, cancellationToken);
        }, cancellationToken);

    private T Read<T>(Func<SqliteSession, T> work) => _database.Read(session =>
    {
        Count(session);
        return work(session);
    });

    private T Write<T>(Func<SqliteWriter, T> work, CancellationToken cancellationToken) => _database.Write(session =>
    {
        var writer = new SqliteWriter(session, _stored, _database.Path);
        T result = work(writer);
        writer.Finish();
        cancellationToken.ThrowIfCancellationRequested();
        return result;
    }, cancellationToken);

    private long Count(SqliteSession session)
    {
        long records = session.Scalar("SELECT records FROM collection WHERE key = ?", _stored.Key);
        return records >= 0 ? records : throw VectorRules.Removed(Name);
    }

    private List<long> KeysInOrder(SqliteSession session, VectorFilter? filter, RecordId? after, CancellationToken cancellationToken)
    {
        long records = Count(session);
        HashSet<long>? wanted = SqliteFields.Select(session, _stored, filter, cancellationToken)?.ToHashSet();
        var keys = new List<long>();
        using SqliteStatement row = after is { } last && last.Kind != RecordIdKind.None
            ? session.Use("SELECT key FROM record WHERE collection = ? AND id > ? ORDER BY id", _stored.Key, SqlValue.Of(last))
            : session.Use("SELECT key FROM record WHERE collection = ? ORDER BY id", _stored.Key);
        long seen = 0;
        for (; row.Step(); seen++)
        {
            if (wanted is null || wanted.Contains(row.Number(0)))
                keys.Add(row.Number(0));
        }

        return after is null && seen != records
            ? throw SqliteErrors.Damaged(_database.Path, $"collection '{Name}' counts {records} records and holds {seen}")
            : keys;
    }

    private VectorSearchResult Result(SqliteSnapshot snapshot, (long Key, float Score)[] best, VectorSearchOptions options, string? approximation, CancellationToken cancellationToken)
    {
        (long Key, float Score)[] page = best[Math.Min(options.Offset, best.Length)..];
        List<VectorRecord> records = snapshot.Read(session => Fetch(session, page.Select(match => match.Key), cancellationToken));
        return new([.. records.Zip(page, (record, match) => new VectorMatch(record, match.Score))], approximation);
    }

    private List<VectorRecord> Fetch(SqliteSession session, IEnumerable<long> keys, CancellationToken cancellationToken)
    {
        var records = new List<VectorRecord>();
        foreach (long key in keys)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using SqliteStatement row = session.Use($"SELECT {SqliteRecords.Columns} FROM record WHERE key = ?", key);
            records.Add(row.Step() ? SqliteRecords.Read(row, _stored, _database.Path) : throw SqliteErrors.Damaged(_database.Path, "a record that is counted cannot be found"));
        }

        return records;
    }
}
