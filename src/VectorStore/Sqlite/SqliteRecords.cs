using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Polymodal.VectorStore.Sqlite;

/// <summary>Writes records into rows and reads them back, checksums included.</summary>
/// <remarks>Text goes in and out as UTF-8 bytes, because SQLite's string functions end at a NUL character.</remarks>
internal static class SqliteRecords
{
    /// <summary>The columns <see cref="Read"/> expects, in its order.</summary>
    public const string Columns = "id, vector, vector_checksum, text, payload, content_checksum";

    // Texts stand for themselves; numbers and GUIDs, and the rare texts that begin like these, behind a control character.
    private const char Escape = '\u0001', IntegerMark = 'i', GuidMark = 'g', TextMark = 't';

    private const string InsertSql =
        "INSERT OR REPLACE INTO record (collection, id, vector, vector_checksum, text, payload, content_checksum) " +
        "VALUES (@collection, CAST(@id AS TEXT), @vector, @vectorChecksum, CAST(@text AS TEXT), CAST(@payload AS TEXT), @contentChecksum)";

    /// <summary>Adds records, replacing those with the same id.</summary>
    public static void Insert(SqliteConnection connection, long collection, IEnumerable<VectorRecord> records, CancellationToken cancellationToken)
    {
        using SqliteCommand insert = connection.Command(InsertSql, ("@collection", collection));
        SqliteParameter id = Add("@id"), vector = Add("@vector"), vectorChecksum = Add("@vectorChecksum"),
            text = Add("@text"), payload = Add("@payload"), contentChecksum = Add("@contentChecksum");
        foreach (VectorRecord record in records)
        {
            cancellationToken.ThrowIfCancellationRequested();
            byte[] idBytes = IdBytes(record.Id);
            byte[] vectorBytes = ToBytes(record.Embedding.Vector.Span);
            byte[]? textBytes = record.Text is null ? null : Encoding.UTF8.GetBytes(record.Text);
            byte[] payloadBytes = PayloadJson.ToUtf8(record.Payload);
            id.Value = idBytes;
            vector.Value = vectorBytes;
            vectorChecksum.Value = (long)Checksum(idBytes, vectorBytes);
            text.Value = textBytes is null ? DBNull.Value : textBytes;
            payload.Value = payloadBytes;
            contentChecksum.Value = (long)Checksum(idBytes, textBytes, payloadBytes);
            insert.ExecuteNonQuery();
        }

        SqliteParameter Add(string name) => insert.Parameters.Add(new SqliteParameter { ParameterName = name });
    }

    /// <summary>Reads the record of a row made of <see cref="Columns"/>.</summary>
    /// <exception cref="VectorStoreException">The row is damaged.</exception>
    public static VectorRecord Read(SqliteDataReader row, VectorCollectionDefinition definition, string path)
    {
        var vector = new float[definition.Vector.Dimensions];
        RecordId id = ReadVector(row, 0, vector, path);
        ReadOnlySpan<byte> text = Bytes(row, 3), payload = Bytes(row, 4);
        if (Checksum(Bytes(row, 0), text, payload) != Number(row, 5))
            throw SqliteErrors.Damaged(path, "the text or payload of a record does not match its checksum");
        return new()
        {
            Id = id,
            Vectors = VectorRules.Stamped([new(VectorCollectionDefinition.DefaultVector, vector)], definition),
            Text = row.IsDBNull(3) ? null : Encoding.UTF8.GetString(text),
            Payload = PayloadJson.Parse(payload),
        };
    }

    /// <summary>Reads id and vector from three columns beginning at <paramref name="first"/>: id, vector, vector_checksum.</summary>
    /// <returns>The id.</returns>
    /// <exception cref="VectorStoreException">The row is damaged.</exception>
    public static RecordId ReadVector(SqliteDataReader row, int first, Span<float> vector, string path)
    {
        ReadOnlySpan<byte> id = Bytes(row, first), bytes = Bytes(row, first + 1);
        if (bytes.Length != vector.Length * sizeof(float) || Checksum(id, bytes) != Number(row, first + 2))
            throw SqliteErrors.Damaged(path, "a vector does not match its checksum");
        bytes.CopyTo(MemoryMarshal.AsBytes(vector));
        ReverseOnBigEndian(vector);
        return IdOf(id);
    }

    /// <summary>An id as the column holds it.</summary>
    public static byte[] IdBytes(RecordId id) => Encoding.UTF8.GetBytes(id.Kind switch
    {
        RecordIdKind.Integer => $"{Escape}{IntegerMark}{id}",
        RecordIdKind.Guid => $"{Escape}{GuidMark}{id}",
        _ => id.AsText().StartsWith(Escape) ? $"{Escape}{TextMark}{id}" : id.AsText(),
    });

    /// <summary>The id that the column holds.</summary>
    public static RecordId IdOf(ReadOnlySpan<byte> bytes)
    {
        string text = Encoding.UTF8.GetString(bytes);
        if (text is not [Escape, char mark, ..])
            return text;
        return mark switch
        {
            IntegerMark => long.Parse(text.AsSpan(2), CultureInfo.InvariantCulture),
            GuidMark => Guid.Parse(text.AsSpan(2)),
            _ => text[2..],
        };
    }

    /// <summary>An id column.</summary>
    public static RecordId Id(SqliteDataReader row, int column) => IdOf(Bytes(row, column));

    /// <summary>A text column, wholly.</summary>
    public static string Text(SqliteDataReader row, int column) => Encoding.UTF8.GetString(Bytes(row, column));

    /// <summary>A number column; damage that turned it into something else gives some number, which no checksum matches.</summary>
    public static long Number(SqliteDataReader row, int column) => raw.sqlite3_column_int64(row.Handle, column);

    /// <summary>CRC-32C of up to three pieces, one after the other.</summary>
    public static uint Checksum(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second = default, ReadOnlySpan<byte> third = default) =>
        Crc32C(Crc32C(Crc32C(~0u, first), second), third);

    // The bytes stay SQLite's and are valid until the reader moves on.
    private static ReadOnlySpan<byte> Bytes(SqliteDataReader row, int column) => raw.sqlite3_column_blob(row.Handle, column);

    private static byte[] ToBytes(ReadOnlySpan<float> vector)
    {
        byte[] bytes = MemoryMarshal.AsBytes(vector).ToArray();
        ReverseOnBigEndian(MemoryMarshal.Cast<byte, float>(bytes.AsSpan()));
        return bytes;
    }

    private static void ReverseOnBigEndian(Span<float> vector)
    {
        if (!BitConverter.IsLittleEndian)
        {
            Span<int> words = MemoryMarshal.Cast<float, int>(vector);
            BinaryPrimitives.ReverseEndianness(words, words);
        }
    }

    private static uint Crc32C(uint crc, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (byte value in bytes)
            crc = BitOperations.Crc32C(crc, value);
        return crc;
    }
}
