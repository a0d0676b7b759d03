using System.Text;

namespace Polymodal.VectorStore.Sqlite;

/// <summary>A value for a parameter of a statement.</summary>
/// <remarks>Text travels as UTF-8 with its length, because SQLite's own string functions end at a NUL character.</remarks>
internal readonly record struct SqlValue(SqlKind Kind, long Integer = 0, double Real = 0, byte[]? Bytes = null)
{
    public static implicit operator SqlValue(long value) => new(SqlKind.Integer, Integer: value);

    public static implicit operator SqlValue(double value) => new(SqlKind.Real, Real: value);

    public static implicit operator SqlValue(string? value) => value is null ? default : Text(Encoding.UTF8.GetBytes(value));

    public static implicit operator SqlValue(byte[]? value) => value is null ? default : new(SqlKind.Blob, Bytes: value);

    /// <summary>A text in UTF-8.</summary>
    public static SqlValue Text(byte[] utf8) => new(SqlKind.Text, Bytes: utf8);

    /// <summary>An id: a number, a text or a blob of 16 bytes, which SQLite orders as <see cref="RecordId"/> does.</summary>
    public static SqlValue Of(RecordId id) => id.Kind switch
    {
        RecordIdKind.Integer => id.AsInteger(),
        RecordIdKind.Text => id.AsText(),
        _ => id.AsGuid().ToByteArray(bigEndian: true),
    };
}

/// <summary>SQLite's kinds of values.</summary>
internal enum SqlKind
{
    Null,
    Integer,
    Real,
    Text,
    Blob,
}
