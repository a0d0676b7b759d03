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
    // SQLite waits this long by itself; between waits cancellation and BusyTimeout are looked at.
    private const int BusySliceMilliseconds = 50;

    // A record of 384 dimensions and a passage of text take about 3 kB: five share a page instead of wasting a third of each.
    private const int PageSize = 16384;

    private readonly SqliteVectorStoreOptions _options;
    private readonly string _connectionString;
    private readonly ConcurrentBag<SqliteConnection> _idle = [];
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
    public T Read<T>(Func<SqliteConnection, T> work)
    {
        using SqliteSnapshot snapshot = BeginRead();
        return snapshot.Read(work);
    }

    /// <summary>Begins to read one state of the file, whatever is written meanwhile.</summary>
    public SqliteSnapshot BeginRead()
    {
        SqliteConnection connection = Guarded(Rent);
        var snapshot = new SqliteSnapshot(this, connection);
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
    public T Write<T>(Func<SqliteConnection, T> work, CancellationToken cancellationToken)
    {
        _writer.Wait(cancellationToken);
        try
        {
            return Guarded(() =>
            {
                SqliteConnection connection = Rent();
                bool committed = false;
                try
                {
                    BeginImmediate(connection, cancellationToken);
                    T result = work(connection);
                    connection.Execute("COMMIT");
                    committed = true;
                    return result;
                }
                finally
                {
                    Return(connection, isSound: committed);
                }
            });
        }
        finally
        {
            _writer.Release();
        }
    }

    /// <summary>Gives a connection back; closing one that is not sound undoes its transaction.</summary>
    public void Return(SqliteConnection connection, bool isSound)
    {
        if (isSound && !_disposed)
            _idle.Add(connection);
        else
            connection.Dispose();
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
        while (_idle.TryTake(out SqliteConnection? connection))
            connection.Dispose();
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
        using SqliteConnection connection = Connect();
        int version = SqliteSchema.VersionOf(connection, Path);
        if (_options.ReadOnly)
        {
            if (version != SqliteSchema.Version)
                throw new VectorStoreException($"'{Path}' has format {version}, this program reads {SqliteSchema.Version}. Open it once without ReadOnly to bring it up to date.");
            return;
        }

        if (version == 0)
            connection.Execute($"PRAGMA page_size = {PageSize}");
        using (SqliteCommand mode = connection.Command("PRAGMA journal_mode = WAL"))
        {
            if (mode.ExecuteScalar() is not "wal")
                throw new VectorStoreException($"'{Path}' is on a file system that cannot keep a write-ahead log, e.g. a network drive. Choose a folder on a local disk.");
        }

        if (version == SqliteSchema.Version)
            return;
        BeginImmediate(connection, cancellationToken);
        SqliteSchema.Migrate(connection, SqliteSchema.VersionOf(connection, Path)); // read again: another process may have been first
        connection.Execute("COMMIT");
    }

    private SqliteConnection Rent()
    {
        ThrowIfDisposed();
        if (_idle.TryTake(out SqliteConnection? idle))
            return idle;
        SqliteConnection connection = Connect();
        if (_options.MaxBytes is { } limit)
            connection.Execute($"PRAGMA max_page_count = {limit / connection.Scalar("PRAGMA page_size")}");
        return connection;
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection(_connectionString);
        try
        {
            connection.Open();
            connection.Execute($"PRAGMA busy_timeout = {BusySliceMilliseconds}; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void BeginImmediate(SqliteConnection connection, CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int result = raw.sqlite3_exec(connection.Handle, "BEGIN IMMEDIATE");
            if (result == raw.SQLITE_OK)
                return;
            if ((result & 0xFF) != raw.SQLITE_BUSY || Stopwatch.GetElapsedTime(started) >= _options.BusyTimeout)
                SqliteException.ThrowExceptionForRC(result, connection.Handle);
        }
    }
}

/// <summary>One state of the file, for as long as it is held.</summary>
/// <remarks>Not safe for concurrent use. The file cannot shrink its write-ahead log while a snapshot is held.</remarks>
internal sealed class SqliteSnapshot(SqliteDatabase database, SqliteConnection connection) : IDisposable
{
    private bool _isSound = true, _disposed;

    /// <summary>Reads from the state.</summary>
    public T Read<T>(Func<SqliteConnection, T> work)
    {
        try
        {
            return database.Guarded(() => work(connection));
        }
        catch
        {
            _isSound = false;
            throw;
        }
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        try
        {
            if (_isSound)
                connection.Execute("COMMIT");
        }
        catch (SqliteException)
        {
            _isSound = false; // what was read was read; only the connection is of no more use
        }
        finally
        {
            database.Return(connection, _isSound);
        }
    }
}
