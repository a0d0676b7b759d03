using Microsoft.Data.Sqlite;

namespace Polymodal.VectorStore.Sqlite;

/// <summary>One state of the file, for as long as it is held.</summary>
/// <remarks>Not safe for concurrent use. The file cannot shrink its write-ahead log while a snapshot is held.</remarks>
internal sealed class SqliteSnapshot(SqliteDatabase database, SqliteSession session) : IDisposable
{
    private bool _isSound = true, _disposed;

    /// <summary>Reads from the state.</summary>
    public T Read<T>(Func<SqliteSession, T> work)
    {
        try
        {
            return database.Guarded(() => work(session));
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
                session.Execute("COMMIT");
        }
        catch (SqliteException)
        {
            _isSound = false; // what was read was read; only the connection is of no more use
        }
        finally
        {
            database.Return(session, _isSound);
        }
    }
}
