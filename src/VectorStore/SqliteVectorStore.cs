using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Polymodal.VectorStore.Sqlite;

namespace Polymodal.VectorStore;

/// <summary>
/// Keeps vectors in one SQLite file that survives a crash at any moment: what a call has stored stays stored (write-ahead log, every commit
/// flushed to disk). Several processes may read and write it. Search is exact; the vectors of a collection are held in memory from its first search on.
/// </summary>
/// <remarks>
/// Safe for concurrent use. The file's format is not a secret (two tables, vectors as little-endian float32), and not encrypted.
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
            if (definition.Vectors.Count > 1 || definition.Tokenizer != LexicalTokenizer.Words)
                throw new NotSupportedException("a SQLite collection holds one vector without a name, and words. Use a MemoryVectorStore for others.");
            SqliteVectorCollection? collection = _database.Read(connection => Find(connection, name));
            if (collection is null)
            {
                _database.Write(connection =>
                {
                    SqliteCollectionRow.Insert(connection, name, definition.Vector);
                    return true;
                }, cancellationToken);
                collection = _database.Read(connection => Find(connection, name)) ?? throw VectorRules.Removed(name);
            }

            VectorRules.CheckSame(name, collection.Definition, definition);
            return collection;
        }, cancellationToken);

    /// <inheritdoc/>
    public Task<IVectorCollection?> GetCollectionAsync(string name, CancellationToken cancellationToken = default) =>
        Task.Run<IVectorCollection?>(() =>
        {
            ArgumentNullException.ThrowIfNull(name);
            return _database.Read(connection => Find(connection, name));
        }, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListCollectionsAsync(CancellationToken cancellationToken = default) =>
        Task.Run<IReadOnlyList<string>>(() =>
            [.. _database.Read(connection => SqliteCollectionRow.ReadAll(connection, Path)).Select(row => row.Name).Order(StringComparer.Ordinal)], cancellationToken);

    /// <inheritdoc/>
    public Task<bool> DeleteCollectionAsync(string name, CancellationToken cancellationToken = default) =>
        Task.Run(() =>
        {
            ArgumentNullException.ThrowIfNull(name);
            long key = _database.Write(connection => connection.Scalar("DELETE FROM collection WHERE name = @name RETURNING key", ("@name", name)), cancellationToken);
            _open.TryRemove(key, out _);
            return key >= 0;
        }, cancellationToken);

    /// <inheritdoc/>
    public Task RenameCollectionAsync(string name, string newName, CancellationToken cancellationToken = default) =>
        Task.Run(() =>
        {
            ArgumentNullException.ThrowIfNull(name);
            VectorRules.CheckName(newName);
            if (name == newName)
                return;
            long key = _database.Write(connection =>
            {
                SqliteCollectionRow row = SqliteCollectionRow.ReadAll(connection, Path).Find(row => row.Name == name) ?? throw VectorRules.Unknown(name);
                SqliteCollectionRow.Rename(connection, row, newName);
                return row.Key;
            }, cancellationToken);
            _open.TryRemove(key, out _);
        }, cancellationToken);

    /// <summary>Closes the file. Calls under way finish; later ones throw <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose() => _database.Dispose();

    /// <inheritdoc cref="Dispose"/>
    public async ValueTask DisposeAsync() => await Task.Run(Dispose).ConfigureAwait(false);

    private SqliteVectorCollection? Find(SqliteConnection connection, string name) =>
        SqliteCollectionRow.ReadAll(connection, Path).Find(row => row.Name == name) is { } found
            ? _open.GetOrAdd(found.Key, _ => new SqliteVectorCollection(_database, found))
            : null;
}
