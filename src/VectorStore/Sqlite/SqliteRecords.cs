using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Polymodal.VectorStore.Sqlite;

/// <summary>Records as rows of the table <c>record</c>, checksums included.</summary>
internal static class SqliteRecords
{
    /// <summary>The columns <see cref="Read"/> expects, in its order.</summary>
    public const string Columns = "id, vector, vector_checksum, text, payload, content_checksum";

    /// <summary>Reads the record of a row made of <see cref="Columns"/>.</summary>
    /// <exception cref="VectorStoreException">The row is damaged.</exception>
    public static VectorRecord Read(SqliteStatement row, SqliteCollectionRow collection, string path)
    {
        VectorLayout layout = collection.Layout;
        var blob = new float[layout.Floats];
        RecordId id = ReadVectors(row, 0, blob, path);
        var vectors = new List<KeyValuePair<string, ReadOnlyMemory<float>>>(layout.Count);
        for (int slot = 0, start = 0; slot < layout.Count; slot++)
        {
            int dimensions = layout.DefinitionOf(slot).Dimensions;
            if (!layout.Vector(blob, slot).IsEmpty)
                vectors.Add(new(layout.NameOf(slot), layout.Count == 1 ? blob : blob.AsMemory(start, dimensions).ToArray()));
            start += dimensions;
        }

        (string? text, Payload payload) = ReadContent(row, 0, 3, path);
        return new() { Id = id, Vectors = VectorRules.Stamped(vectors, collection.Definition), Text = text, Payload = payload };
    }

    /// <summary>Reads text and payload from three columns beginning at <paramref name="first"/>: text, payload, content_checksum.</summary>
    /// <exception cref="VectorStoreException">They are damaged.</exception>
    public static (string? Text, Payload Payload) ReadContent(SqliteStatement row, int idColumn, int first, string path)
    {
        ReadOnlySpan<byte> text = row.Bytes(first), payload = row.Bytes(first + 1);
        if (Checksum(IdBytes(row, idColumn, stackalloc byte[IdRoom]), text, payload) != row.Number(first + 2))
            throw SqliteErrors.Damaged(path, "the text or payload of a record does not match its checksum");
        try
        {
            return (row.KindOf(first) == SqlKind.Null ? null : Encoding.UTF8.GetString(text), PayloadJson.Parse(payload));
        }
        catch (JsonException exception)
        {
            throw SqliteErrors.Damaged(path, $"the payload of a record is not what this program writes ({exception.Message})");
        }
    }

    /// <summary>Reads id and vectors from three columns beginning at <paramref name="first"/>: id, vector, vector_checksum.</summary>
    /// <exception cref="VectorStoreException">The row is damaged.</exception>
    public static RecordId ReadVectors(SqliteStatement row, int first, Span<float> vectors, string path)
    {
        ReadOnlySpan<byte> bytes = row.Bytes(first + 1);
        if (bytes.Length != vectors.Length * sizeof(float) || Checksum(IdBytes(row, first, stackalloc byte[IdRoom]), bytes) != row.Number(first + 2))
            throw SqliteErrors.Damaged(path, "a vector does not match its checksum");
        bytes.CopyTo(MemoryMarshal.AsBytes(vectors));
        ReverseOnBigEndian(vectors);
        return ReadId(row, first);
    }

    /// <summary>An id column.</summary>
    public static RecordId ReadId(SqliteStatement row, int column) => row.KindOf(column) switch
    {
        SqlKind.Integer => row.Number(column),
        SqlKind.Blob when row.Bytes(column).Length == 16 => new Guid(row.Bytes(column), bigEndian: true),
        _ => row.Text(column),
    };

    /// <summary>The bytes of an id that checksums cover: the text, or the number or GUID behind a byte that no text begins with.</summary>
    public static byte[] IdBytes(RecordId id) => id.Kind switch
    {
        RecordIdKind.Integer => Marked(BitConverter.GetBytes(BitConverter.IsLittleEndian ? id.AsInteger() : BinaryPrimitives.ReverseEndianness(id.AsInteger()))),
        RecordIdKind.Guid => Marked(id.AsGuid().ToByteArray(bigEndian: true)),
        _ => Encoding.UTF8.GetBytes(id.AsText()),
    };

    private const int IdRoom = 17;
    private const byte Mark = 0xFF;

    private static byte[] Marked(byte[] bytes) => [Mark, .. bytes];

    private static ReadOnlySpan<byte> IdBytes(SqliteStatement row, int column, Span<byte> room)
    {
        room[0] = Mark;
        switch (row.KindOf(column))
        {
            case SqlKind.Integer:
                BinaryPrimitives.WriteInt64LittleEndian(room[1..], row.Number(column));
                return room[..(1 + sizeof(long))];
            case SqlKind.Blob when row.Bytes(column).Length == IdRoom - 1:
                row.Bytes(column).CopyTo(room[1..]);
                return room;
            default:
                return row.Bytes(column);
        }
    }

    /// <summary>CRC-32C of up to three pieces, one after the other.</summary>
    public static uint Checksum(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second = default, ReadOnlySpan<byte> third = default) =>
        Crc32C(Crc32C(Crc32C(~0u, first), second), third);

    /// <summary>Floats as they are stored.</summary>
    public static ReadOnlySpan<byte> ToLittleEndian(ReadOnlySpan<float> vectors)
    {
        if (BitConverter.IsLittleEndian)
            return MemoryMarshal.AsBytes(vectors);
        float[] reversed = vectors.ToArray();
        ReverseOnBigEndian(reversed);
        return MemoryMarshal.AsBytes<float>(reversed);
    }

    /// <summary>Turns stored floats into the machine's, or back.</summary>
    public static void ReverseOnBigEndian(Span<float> vectors)
    {
        if (!BitConverter.IsLittleEndian)
        {
            Span<int> words = MemoryMarshal.Cast<float, int>(vectors);
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
