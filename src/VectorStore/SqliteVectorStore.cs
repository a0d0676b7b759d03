using System.Collections.Concurrent;
using Polymodal.VectorStore.Sqlite;

namespace Polymodal.VectorStore;

/// <summary>
/// Keeps vectors in one SQLite file that survives a crash at any moment: what a call has stored stays stored (write-ahead log, every commit
/// flushed to disk). Several processes may read and write it. Search is exact; one byte for each component of a collection's vectors is held in memory from its first search on, the vectors themselves stay in the file.
/// </summary>
/// <remarks>
/// Safe for concurrent use. The file's format is not a secret (SQLite tables, vectors as little-endian float32), and not encrypted.
/// Beside the file SQLite keeps <c>-wal</c> and <c>-shm</c> files while it is open; they belong to it.
/// </remarks>
public sealed class SqliteVectorStore : IVectorStore
{
    private readonly SqliteDatabase _database;

    // One object for each collection, so that its vectors are in memory once.
    private readonly ConcurrentDictionary<long, SqliteVectorCollection> _open = new();

    private SqliteVectorStore(SqliteDatabase database) => _database = database;

    /// <summary>The file's full path.</summary>
    public string Path => _database.Path;

    /// <summary>Opens a file, creating it and its folder when they do not exist. Quick whatever the file's size.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How to use it; null means the defaults.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ArgumentException"><paramref name="path"/> is blank.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="VectorStoreException">The file cannot be opened or created, is damaged, is locked for too long, or belongs to another program or a newer version of this one. It is left as it was.</exception>
    public static Task<SqliteVectorStore> OpenAsync(string path, SqliteVectorStoreOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        SqliteVectorStoreOptions validated = (options ?? new()).Validated();
        return Task.Run(() => new SqliteVectorStore(SqliteDatabase.Open(path, validated, cancellationToken)), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IVectorCollection> GetOrCreateCollectionAsync(string name, VectorCollectionDefinition definition, CancellationToken cancellationToken = default) =>
        Task.Run<IVectorCollection>(() =>
        {
            _database.ThrowIfDisposed();
            VectorRules.CheckName(name);
            VectorRules.CheckDefinition(definition);
            SqliteVectorCollection? collection = _database.Read(session => Find(session, name));
            if (collection is null)
            {
                _database.Write(session =>
                {
                    SqliteCollectionRow.Create(session, name, definition);
                    return true;
                }, cancellationToken);
                collection = _database.Read(session => Find(session, name)) ?? throw VectorRules.Removed(name);
            }

            VectorRules.CheckSame(name, collection.Definition, definition);
            return collection;
        }, cancellationToken);

    /// <inheritdoc/>
    public Task<IVectorCollection?> GetCollectionAsync(string name, CancellationToken cancellationToken = default) =>
        Task.Run<IVectorCollection?>(() =>
        {
            ArgumentNullException.ThrowIfNull(name);
            return _database.Read(session => Find(session, name));
        }, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListCollectionsAsync(CancellationToken cancellationToken = default) =>
        Task.Run<IReadOnlyList<string>>(() =>
            [.. _database.Read(session => SqliteCollectionRow.ReadAll(session, Path)).Select(row => row.Name).Order(StringComparer.Ordinal)], cancellationToken);

    /// <inheritdoc/>
    public Task<bool> DeleteCollectionAsync(string name, CancellationToken cancellationToken = default) =>
        Task.Run(() =>
        {
            ArgumentNullException.ThrowIfNull(name);
            SqliteCollectionRow? found = _database.Write(session =>
            {
                SqliteCollectionRow? row = SqliteCollectionRow.ReadAll(session, Path).Find(row => row.Name == name);
                row?.Delete(session);
                return row;
            }, cancellationToken);
            if (found is not null)
                _open.TryRemove(found.Key, out _);
            return found is not null;
        }, cancellationToken);

    /// <inheritdoc/>
    public Task RenameCollectionAsync(string name, string newName, CancellationToken cancellationToken = default) =>
        Task.Run(() =>
        {
            ArgumentNullException.ThrowIfNull(name);
            VectorRules.CheckName(newName);
            if (name == newName)
                return;
            long key = _database.Write(session =>
            {
                SqliteCollectionRow row = SqliteCollectionRow.ReadAll(session, Path).Find(row => row.Name == name) ?? throw VectorRules.Unknown(name);
                row.Rename(session, newName, Path);
                return row.Key;
            }, cancellationToken);
            _open.TryRemove(key, out _);
        }, cancellationToken);

    /// <summary>Copies the file as it is at this moment, while it is in use: readers and writers go on, and what they write meanwhile is not in the copy.</summary>
    /// <param name="path">The copy: one file, a store like this one. It must not exist; it appears when it is whole.</param>
    /// <param name="cancellationToken">Ends the call; no copy is left then.</param>
    /// <exception cref="VectorStoreException">The copy exists, or cannot be written; or the store cannot be read.</exception>
    public Task BackupAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        string copy = System.IO.Path.GetFullPath(path);
        return Task.Run(() =>
        {
            if (File.Exists(copy) || Directory.Exists(copy))
                throw new VectorStoreException($"'{copy}' exists. A backup overwrites nothing; choose another name.");
            try
            {
                return _database.Read(session =>
                {
                    SqliteCollectionRow.ReadAll(session, Path); // a transaction sees the file from its first read on
                    SqliteBackup.Write(session, copy, cancellationToken);
                    return true;
                });
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new VectorStoreException($"'{copy}' cannot be written: {exception.Message} Choose another place.", exception);
            }
        }, cancellationToken);
    }

    /// <summary>Reads everything in the file and compares it with its checksums, and what is made from the records (codes, index of words, index of values, counts) with the records.</summary>
    /// <param name="repair">Also mend what was found, in one step: what is made from the records is made anew; records that cannot be read go
    /// from their collection into the table <c>damaged</c> of the file, as they are. Writers wait meanwhile. Damage of SQLite's own structures is reported, not mended.</param>
    /// <param name="cancellationToken">Ends the call; nothing is changed then.</param>
    /// <exception cref="VectorStoreException">The file is damaged so far that it cannot be gone through; or the repair cannot be written.</exception>
    public Task<VectorStoreCheck> CheckAsync(bool repair = false, CancellationToken cancellationToken = default) => Task.Run(() =>
    {
        VectorStoreCheck Check(SqliteSession session) => new SqliteCheck(session, Path, repair, cancellationToken).Run();
        return repair ? _database.Write(Check, cancellationToken) : _database.Read(Check);
    }, cancellationToken);

    /// <summary>Closes the file. Calls under way finish; later ones throw <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose() => _database.Dispose();

    /// <inheritdoc cref="Dispose"/>
    public async ValueTask DisposeAsync() => await Task.Run(Dispose).ConfigureAwait(false);

    private SqliteVectorCollection? Find(SqliteSession session, string name) =>
        SqliteCollectionRow.ReadAll(session, Path).Find(row => row.Name == name) is { } found
            ? _open.GetOrAdd(found.Key, _ => new SqliteVectorCollection(_database, found))
            : null;
}
