using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Polymodal.VectorStore.Sqlite;

/// <summary>Words SQLite's result codes for a person: what was found, where, what to do.</summary>
internal static class SqliteErrors
{
    /// <summary>The error to show for SQLite's own.</summary>
    /// <param name="exception">SQLite's error, kept as the cause.</param>
    /// <param name="path">The database file.</param>
    /// <param name="options">How the store was opened.</param>
    public static VectorStoreException Translate(SqliteException exception, string path, SqliteVectorStoreOptions options) => new(
        $"'{path}': " + exception.SqliteErrorCode switch
        {
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED =>
                $"another process kept the database locked for longer than {options.BusyTimeout.TotalSeconds:0.###} s. Nothing was changed. Close that process, or raise BusyTimeout.",
            raw.SQLITE_FULL when options.MaxBytes is { } limit =>
                $"the database has reached its limit, MaxBytes = {limit}, or the disk is full. Nothing was changed. Delete records, raise MaxBytes, or free disk space.",
            raw.SQLITE_FULL => "the disk is full. Nothing was changed. Free disk space, then try again.",
            raw.SQLITE_READONLY when options.ReadOnly => "the store was opened with ReadOnly = true. Nothing was changed. Open it without ReadOnly to write.",
            raw.SQLITE_READONLY => "the file or its folder cannot be written. Nothing was changed. Give this user the right to write both, or open with ReadOnly = true.",
            raw.SQLITE_CANTOPEN or raw.SQLITE_PERM or raw.SQLITE_AUTH =>
                "the file cannot be opened. Check that it is a file, that its folder exists, and that this user may read and write both (SQLite keeps a -wal and a -shm file beside it).",
            raw.SQLITE_NOTADB => "the file is not a SQLite database, or its beginning was overwritten. " + RestoreAdvice,
            raw.SQLITE_CORRUPT => "the database is damaged. " + RestoreAdvice,
            raw.SQLITE_IOERR => "the disk reported an error. Nothing was changed. Check the disk and the file's size, then try again.",
            _ => $"SQLite failed with code {exception.SqliteErrorCode}. If the file was written by another program, choose another file; else restore it from a backup.",
        }, exception);

    /// <summary>Damage that SQLite itself cannot see.</summary>
    /// <param name="path">The database file.</param>
    /// <param name="found">What is wrong.</param>
    public static VectorStoreException Damaged(string path, string found) => new($"'{path}': the database is damaged: {found}. {RestoreAdvice}");

    private const string RestoreAdvice = "Restore it from a backup, or choose another file and index the documents again.";
}
