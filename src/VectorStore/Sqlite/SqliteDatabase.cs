using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Polymodal.VectorStore.Sqlite;

/// <summary>One database file: its connections, its transactions, and its errors in words.</summary>
/// <remarks>
/// Safe for concurrent use. Readers never wait (WAL): each sees the file as it was when it began. Writers of this process queue; writers of
/// other processes are waited for. A connection that met an error is closed rather than used again.
/// </remarks>
internal sealed class SqliteDatabase : IDisposable
{
    // While a writer waits its turn, SQLite waits this long by itself; between waits cancellation and BusyTimeout are looked at.
    private static readonly TimeSpan BusySlice = TimeSpan.FromMilliseconds(50);

    // A record of 384 dimensions and a passage of text take about 3 kB: five share a page instead of wasting a third of each.
    private const int PageSize = 16384;

    // Room for the inner pages of a million records, so that reading one record by its key is one page of the file.
    private const int CacheKibibytes = 16 * 1024;

    // Room for what a large batch changes: pages that do not fit are written before the commit, and once more when they change again.
    private const int WriteCacheKibibytes = 128 * 1024;

    private readonly SqliteVectorStoreOptions _options;
    private readonly string _connectionString;
    private readonly ConcurrentBag<SqliteSession> _idle = [];
    private readonly SemaphoreSlim _writer = new(1);
    private volatile bool _disposed;

    static SqliteDatabase() => Batteries_V2.Init();

    private SqliteDatabase(string path, SqliteVectorStoreOptions options)
    {
        Path = path;
        _options = options;
        _connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = options.ReadOnly ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            DefaultTimeout = Math.Max(1, (int)options.BusyTimeout.TotalSeconds),
        }.ConnectionString;
    }

    /// <summary>The file's full path.</summary>
    public string Path { get; }

    /// <summary>Opens a file, creating or migrating it when that is needed. Quick: it reads the header and the list of tables.</summary>
    /// <param name="path">The file; a missing folder is created.</param>
    /// <param name="options">Validated options.</param>
    /// <param name="cancellationToken">Ends the wait for other processes.</param>
    public static SqliteDatabase Open(string path, SqliteVectorStoreOptions options, CancellationToken cancellationToken)
    {
        var database = new SqliteDatabase(System.IO.Path.GetFullPath(path), options);
        database.CheckPlace();
        try
        {
            database.EnsureSchema(cancellationToken);
            return database;
        }
        catch (SqliteException exception)
        {
            throw SqliteErrors.Translate(exception, database.Path, options);
        }
    }

    /// <summary>Reads one state of the file.</summary>
    public T Read<T>(Func<SqliteSession, T> work)
    {
        using SqliteSnapshot snapshot = BeginRead();
        return snapshot.Read(work);
    }

    /// <summary>Begins to read one state of the file, whatever is written meanwhile.</summary>
    public SqliteSnapshot BeginRead()
    {
        SqliteSession session = Guarded(Rent);
        var snapshot = new SqliteSnapshot(this, session);
        try
        {
            snapshot.Read(open => open.Execute("BEGIN"));
            return snapshot;
        }
        catch
        {
            snapshot.Dispose();
            throw;
        }
    }

    /// <summary>Changes the file: all of the work is stored when this returns, none of it when it throws.</summary>
    /// <param name="work">What to do; it throws to undo.</param>
    /// <param name="cancellationToken">Ends the wait for other writers.</param>
    public T Write<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken)
    {
        _writer.Wait(cancellationToken);
        try
        {
            return Guarded(() =>
            {
                SqliteSession session = Rent();
                bool committed = false;
                try
                {
                    session.Script($"PRAGMA cache_size = -{WriteCacheKibibytes}");
                    BeginImmediate(session, cancellationToken);
                    T result = work(session);
                    session.Execute("COMMIT");
                    session.Script($"PRAGMA cache_size = -{CacheKibibytes}");
                    committed = true;
                    return result;
                }
                finally
                {
                    Return(session, isSound: committed);
                }
            });
        }
        finally
        {
            _writer.Release();
        }
    }

    /// <summary>Gives a connection back; closing one that is not sound undoes its transaction.</summary>
    public void Return(SqliteSession session, bool isSound)
    {
        if (isSound && !_disposed)
            _idle.Add(session);
        else
            session.Dispose();
        if (_disposed)
            CloseIdle();
    }

    /// <summary>Runs work and words SQLite's errors.</summary>
    public T Guarded<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException exception)
        {
            throw SqliteErrors.Translate(exception, Path, _options);
        }
    }

    /// <summary>Closes the file. Work under way is finished first and closes its own connection.</summary>
    public void Dispose()
    {
        _disposed = true;
        CloseIdle();
    }

    public void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_disposed, typeof(SqliteVectorStore));

    private void CloseIdle()
    {
        while (_idle.TryTake(out SqliteSession? session))
            session.Dispose();
    }

    private void CheckPlace()
    {
        string folder = System.IO.Path.GetDirectoryName(Path) ?? throw new VectorStoreException($"'{Path}' is a folder. Give the path of a file.");
        if (Directory.Exists(Path))
            throw new VectorStoreException($"'{Path}' is a folder. Give the path of a file.");
        if (_options.ReadOnly && !File.Exists(Path))
            throw new VectorStoreException($"'{Path}' does not exist, and ReadOnly = true creates nothing. Check the path, or open without ReadOnly.");
        if (_options.ReadOnly)
            return;
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new VectorStoreException($"'{folder}', the folder of the database, cannot be created: {exception.Message} Choose another folder, or give this user the right to write there.", exception);
        }
    }

    private void EnsureSchema(CancellationToken cancellationToken)
    {
        using SqliteSession session = Connect();
        int version = SqliteSchema.VersionOf(session, Path);
        if (_options.ReadOnly)
        {
            if (version != SqliteSchema.Version)
                throw new VectorStoreException($"'{Path}' has format {version}, this program reads {SqliteSchema.Version}. Open it once without ReadOnly to bring it up to date.");
            return;
        }

        if (version == 0)
            session.Script($"PRAGMA page_size = {PageSize}");
        ExecuteWhenFree(session, "PRAGMA journal_mode = WAL", cancellationToken); // the change takes the file for itself for a moment
        using (SqliteStatement mode = session.Use("PRAGMA journal_mode"))
        {
            if (!mode.Step() || mode.Text(0) != "wal")
                throw new VectorStoreException($"'{Path}' is on a file system that cannot keep a write-ahead log, e.g. a network drive. Choose a folder on a local disk.");
        }

        if (version == SqliteSchema.Version)
            return;
        BeginImmediate(session, cancellationToken);
        SqliteSchema.Migrate(session, SqliteSchema.VersionOf(session, Path), Path, cancellationToken); // read again: another process may have been first
        session.Execute("COMMIT");
    }

    private SqliteSession Rent()
    {
        ThrowIfDisposed();
        if (_idle.TryTake(out SqliteSession? idle))
            return idle;
        SqliteSession session = Connect();
        if (_options.MaxBytes is { } limit)
            session.Script($"PRAGMA max_page_count = {limit / session.Scalar("PRAGMA page_size")}");
        return session;
    }

    private SqliteSession Connect()
    {
        var session = new SqliteSession(_connectionString);
        try
        {
            // Readers wait too, though seldom: while another process creates the file, empties its log or closes it last.
            session.WaitWhenBusy(_options.BusyTimeout);
            session.Script($"PRAGMA synchronous = FULL; PRAGMA cache_size = -{CacheKibibytes};");
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private void BeginImmediate(SqliteSession session, CancellationToken cancellationToken) => ExecuteWhenFree(session, "BEGIN IMMEDIATE", cancellationToken);

    private void ExecuteWhenFree(SqliteSession session, string sql, CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        session.WaitWhenBusy(BusySlice);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int result = raw.sqlite3_exec(session.Connection.Handle, sql);
            if (result == raw.SQLITE_OK)
                break;
            if ((result & 0xFF) != raw.SQLITE_BUSY || Stopwatch.GetElapsedTime(started) >= _options.BusyTimeout)
                SqliteException.ThrowExceptionForRC(result, session.Connection.Handle);
        }

        session.WaitWhenBusy(_options.BusyTimeout);
    }
}
