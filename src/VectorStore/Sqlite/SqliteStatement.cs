using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Polymodal.VectorStore.Sqlite;

/// <summary>A prepared statement. Disposing it ends its use and keeps it for the next one.</summary>
/// <remarks>Not safe for concurrent use. Spans of columns are SQLite's memory, valid until the next step or the end of the use.</remarks>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _connection;
    private readonly sqlite3_stmt _statement;

    /// <summary>Prepares a statement.</summary>
    /// <exception cref="SqliteException">SQLite refuses it.</exception>
    public SqliteStatement(sqlite3 connection, string sql)
    {
        _connection = connection;
        Check(raw.sqlite3_prepare_v3(connection, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
    }

    /// <summary>Whether somebody uses it.</summary>
    public bool IsInUse { get; private set; }

    /// <summary>Begins a use.</summary>
    public SqliteStatement With(ReadOnlySpan<SqlValue> values)
    {
        IsInUse = true;
        for (int i = 0; i < values.Length; i++)
            Bind(i + 1, values[i]);
        return this;
    }

    /// <summary>Binds a value to parameter <paramref name="number"/>, from 1; the statement is reset.</summary>
    public void Bind(int number, SqlValue value)
    {
        switch (value.Kind)
        {
            case SqlKind.Integer:
                Bind(number, value.Integer);
                break;
            case SqlKind.Real:
                Check(raw.sqlite3_bind_double(_statement, number, value.Real));
                break;
            case SqlKind.Text:
                Check(raw.sqlite3_bind_text(_statement, number, (ReadOnlySpan<byte>)value.Bytes!));
                break;
            case SqlKind.Blob:
                BindBlob(number, value.Bytes!);
                break;
            default:
                Check(raw.sqlite3_bind_null(_statement, number));
                break;
        }
    }

    /// <summary>Binds a whole number.</summary>
    public void Bind(int number, long value) => Check(raw.sqlite3_bind_int64(_statement, number, value));

    /// <summary>Binds bytes; they are copied.</summary>
    public void BindBlob(int number, ReadOnlySpan<byte> value) => Check(raw.sqlite3_bind_blob(_statement, number, value));

    /// <summary>Goes to the next row.</summary>
    /// <returns>Whether there is one.</returns>
    public bool Step()
    {
        int result = raw.sqlite3_step(_statement);
        if (result is not (raw.SQLITE_ROW or raw.SQLITE_DONE))
            Check(result);
        return result == raw.SQLITE_ROW;
    }

    /// <summary>Runs to the end, ready for other values.</summary>
    public void Run()
    {
        while (Step())
        {
        }

        Reset();
    }

    /// <summary>Back to before the first row; values stay bound.</summary>
    public void Reset() => raw.sqlite3_reset(_statement); // its result repeats the last step's error, which was thrown then

    /// <summary>What a column holds.</summary>
    public SqlKind KindOf(int column) => raw.sqlite3_column_type(_statement, column) switch
    {
        raw.SQLITE_INTEGER => SqlKind.Integer,
        raw.SQLITE_FLOAT => SqlKind.Real,
        raw.SQLITE_TEXT => SqlKind.Text,
        raw.SQLITE_BLOB => SqlKind.Blob,
        _ => SqlKind.Null,
    };

    /// <summary>A number; damage that turned it into something else gives some number, which no checksum matches.</summary>
    public long Number(int column) => raw.sqlite3_column_int64(_statement, column);

    /// <summary>A fraction.</summary>
    public double Real(int column) => raw.sqlite3_column_double(_statement, column);

    /// <summary>The bytes of a text or blob, without copying.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(_statement, column);

    /// <summary>A text, wholly.</summary>
    public string Text(int column) => System.Text.Encoding.UTF8.GetString(Bytes(column));

    /// <inheritdoc/>
    public void Dispose()
    {
        Reset();
        raw.sqlite3_clear_bindings(_statement);
        IsInUse = false;
    }

    /// <summary>Gives the statement up.</summary>
    public void Close() => _statement.Dispose();

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
            SqliteException.ThrowExceptionForRC(result, _connection);
    }
}
