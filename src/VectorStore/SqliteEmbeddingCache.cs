using Microsoft.Data.Sqlite;
using Polymodal.VectorStore.Sqlite;
using SQLitePCL;

namespace Polymodal.VectorStore;

/// <summary>Keeps cached vectors in one SQLite file, up to a number of bytes; what was written first goes first.</summary>
/// <remarks>
/// Safe for concurrent use, by several processes too. A crash of the machine may lose the last entries: they are computed again. A damaged file is an
/// error when it is opened or used; it holds nothing that cannot be computed, so delete it.
/// </remarks>
public sealed class SqliteEmbeddingCache : IEmbeddingCache, IDisposable
{
    private const int KeysPerTransaction = 512;
    private readonly string _path;
    private readonly long _maxBytes;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly SqliteSession _session;
    private bool _disposed;

    static SqliteEmbeddingCache() => Batteries_V2.Init();

    /// <summary>Opens a file, or creates it with its folder.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">The most bytes of keys and values; at least 1. The file itself is somewhat larger. Default 1 GiB.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxBytes"/> is below 1.</exception>
    /// <exception cref="VectorStoreException">The file is no cache, is damaged, or cannot be written.</exception>
    public SqliteEmbeddingCache(string path, long maxBytes = 1L << 30)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBytes, 1);
        _path = Path.GetFullPath(path);
        _maxBytes = maxBytes;
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        _session = Guarded(() => new SqliteSession(new SqliteConnectionStringBuilder { DataSource = _path, Pooling = false }.ConnectionString));
        try
        {
            Guarded(Prepare);
        }
        catch
        {
            _session.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ReadOnlyMemory<byte>?>> GetAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var found = new ReadOnlyMemory<byte>?[keys.Count];
        await InTurnAsync(
            () =>
            {
                for (int i = 0; i < found.Length; i++)
                {
                    using SqliteStatement row = _session.Use("SELECT value FROM embedding_cache WHERE key = ?", keys[i]);
                    if (row.Step())
                        found[i] = row.Bytes(0).ToArray();
                }
            },
            cancellationToken).ConfigureAwait(false);
        return found;
    }

    /// <inheritdoc/>
    public async ValueTask SetAsync(IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> entries, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entries);
        foreach (KeyValuePair<string, ReadOnlyMemory<byte>>[] part in entries.Chunk(KeysPerTransaction))
            await InTurnAsync(() => Write(part), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Closes the file. May be called again.</summary>
    public void Dispose()
    {
        _turn.Wait();
        try
        {
            if (!_disposed)
                _session.Dispose();
            _disposed = true;
        }
        finally
        {
            _turn.Release();
        }
    }

    private void Prepare() => _session.Script(
        """
        PRAGMA busy_timeout = 10000;
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = NORMAL;
        CREATE TABLE IF NOT EXISTS embedding_cache (id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, value BLOB NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS embedding_cache_size (bytes INTEGER NOT NULL) STRICT;
        INSERT INTO embedding_cache_size SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM embedding_cache_size);
        CREATE TRIGGER IF NOT EXISTS embedding_cache_grows AFTER INSERT ON embedding_cache BEGIN
            UPDATE embedding_cache_size SET bytes = bytes + length(NEW.key) + length(NEW.value);
        END;
        CREATE TRIGGER IF NOT EXISTS embedding_cache_shrinks AFTER DELETE ON embedding_cache BEGIN
            UPDATE embedding_cache_size SET bytes = bytes - length(OLD.key) - length(OLD.value);
        END;
        """);

    private void Write(KeyValuePair<string, ReadOnlyMemory<byte>>[] entries)
    {
        _session.Script("BEGIN IMMEDIATE");
        try
        {
            foreach ((string key, ReadOnlyMemory<byte> value) in entries)
            {
                _session.Execute("DELETE FROM embedding_cache WHERE key = ?", key);
                _session.Execute("INSERT INTO embedding_cache (key, value) VALUES (?, ?)", key, value.ToArray());
            }

            while (_session.Scalar("SELECT bytes FROM embedding_cache_size") > _maxBytes)
                _session.Execute("DELETE FROM embedding_cache WHERE id IN (SELECT id FROM embedding_cache ORDER BY id LIMIT 64)");
            _session.Script("COMMIT");
        }
        catch
        {
            if (raw.sqlite3_get_autocommit(_session.Connection.Handle!) == 0)
                _session.Script("ROLLBACK");
            throw;
        }
    }

    private async Task InTurnAsync(Action work, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            await Task.Run(() => Guarded(work), CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    private void Guarded(Action work) => Guarded(() =>
    {
        work();
        return true;
    });

    private T Guarded<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException exception)
        {
            throw new VectorStoreException($"{_path}: SQLite says '{exception.Message}' (code {exception.SqliteExtendedErrorCode}). It is a cache: when it is damaged or of another kind, delete it or give another file.", exception);
        }
    }
}
