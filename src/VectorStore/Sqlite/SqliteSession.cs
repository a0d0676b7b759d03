using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Polymodal.VectorStore.Sqlite;

/// <summary>A connection with its prepared statements.</summary>
/// <remarks>Not safe for concurrent use.</remarks>
internal sealed class SqliteSession : IDisposable
{
    private readonly Dictionary<string, SqliteStatement> _statements = new(StringComparer.Ordinal);

    /// <summary>Opens a connection.</summary>
    public SqliteSession(string connectionString)
    {
        Connection = new(connectionString);
        Connection.Open();
    }

    /// <summary>The connection.</summary>
    public SqliteConnection Connection { get; }

    /// <summary>How many rows the last statement changed.</summary>
    public int Changes => raw.sqlite3_changes(Connection.Handle!);

    /// <summary>The key of the last row that was inserted.</summary>
    public long LastKey => raw.sqlite3_last_insert_rowid(Connection.Handle!);

    /// <summary>How long a statement waits for other connections before it fails as busy.</summary>
    public void WaitWhenBusy(TimeSpan longest) => _ = raw.sqlite3_busy_timeout(Connection.Handle!, (int)longest.TotalMilliseconds);

    /// <summary>Begins to use a statement; prepared at its first use, unless a use of it is under way.</summary>
    /// <param name="sql">A constant of this assembly, or one with a collection's number in it; everything else goes in as a value.</param>
    /// <param name="values">Its parameters in order.</param>
    public SqliteStatement Use(string sql, params ReadOnlySpan<SqlValue> values)
    {
        if (!_statements.TryGetValue(sql, out SqliteStatement? statement))
            _statements.Add(sql, statement = new(Connection.Handle!, sql));
        return statement.IsInUse ? throw new InvalidOperationException($"the statement is in use: {sql}") : statement.With(values);
    }

    /// <summary>Runs a statement and returns how many rows it changed.</summary>
    public int Execute(string sql, params ReadOnlySpan<SqlValue> values)
    {
        using SqliteStatement statement = Use(sql, values);
        statement.Run();
        return Changes;
    }

    /// <summary>Runs statements without values, one after the other.</summary>
    public void Script(string sql)
    {
        int result = raw.sqlite3_exec(Connection.Handle!, sql);
        if (result != raw.SQLITE_OK)
            SqliteException.ThrowExceptionForRC(result, Connection.Handle);
    }

    /// <summary>The one whole number a statement gives; −1 when it gives no row.</summary>
    public long Scalar(string sql, params ReadOnlySpan<SqlValue> values)
    {
        using SqliteStatement statement = Use(sql, values);
        return statement.Step() ? statement.Number(0) : -1;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SqliteStatement statement in _statements.Values)
            statement.Close();
        _statements.Clear();
        Connection.Dispose();
    }
}
