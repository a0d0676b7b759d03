using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Polymodal.VectorStore.Sqlite;

/// <summary>Copies a database that is in use.</summary>
internal static class SqliteBackup
{
    private const int PagesPerStep = 1024;

    /// <summary>Copies one state of the file, page by page; readers and writers go on meanwhile.</summary>
    /// <param name="session">A connection within a read transaction: its state is what is copied.</param>
    /// <param name="path">The copy; it does not exist before and does exist only when it is whole.</param>
    /// <param name="cancellationToken">Ends the work; nothing is left then.</param>
    public static void Write(SqliteSession session, string path, CancellationToken cancellationToken)
    {
        string unfinished = path + ".unfinished";
        File.Delete(unfinished);
        try
        {
            using (var copy = new SqliteSession(new SqliteConnectionStringBuilder { DataSource = unfinished, Pooling = false }.ConnectionString))
            {
                Copy(session, copy, cancellationToken);
                copy.Script("PRAGMA journal_mode = DELETE"); // all of it in one file
            }

            File.Move(unfinished, path, overwrite: false);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }

    private static void Copy(SqliteSession from, SqliteSession to, CancellationToken cancellationToken)
    {
        using sqlite3_backup backup = raw.sqlite3_backup_init(to.Connection.Handle!, "main", from.Connection.Handle!, "main");
        if (backup.IsInvalid)
            SqliteException.ThrowExceptionForRC(raw.sqlite3_errcode(to.Connection.Handle!), to.Connection.Handle);
        for (int result = raw.SQLITE_OK; result != raw.SQLITE_DONE;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            result = raw.sqlite3_backup_step(backup, PagesPerStep);
            if (result is not (raw.SQLITE_OK or raw.SQLITE_DONE))
                SqliteException.ThrowExceptionForRC(result, to.Connection.Handle);
        }
    }
}
