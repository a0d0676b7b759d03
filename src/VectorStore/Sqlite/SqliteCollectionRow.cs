using System.Text;

namespace Polymodal.VectorStore.Sqlite;

/// <summary>A row of the table of collections.</summary>
internal sealed record SqliteCollectionRow(long Key, string Name, VectorCollectionDefinition Definition)
{
    /// <summary>The table of the collection's words.</summary>
    public string Words { get; } = $"words_{Key}";

    /// <summary>Where each vector stands in a record's blob.</summary>
    public VectorLayout Layout { get; } = new(Definition);

    /// <summary>Reads all rows. They are few, and all are checked: a collection that damage has renamed must not seem to be missing.</summary>
    /// <exception cref="VectorStoreException">A row is damaged or lost.</exception>
    public static List<SqliteCollectionRow> ReadAll(SqliteSession session, string path)
    {
        var rows = new List<SqliteCollectionRow>();
        using (SqliteStatement row = session.Use("SELECT key, name, definition, checksum FROM collection NOT INDEXED"))
        {
            while (row.Step())
            {
                if (SqliteRecords.Checksum(row.Bytes(1), "\n"u8, row.Bytes(2)) != row.Number(3))
                    throw SqliteErrors.Damaged(path, "the description of a collection does not match its checksum");
                rows.Add(new(row.Number(0), row.Text(1), DefinitionJson.Parse(row.Bytes(2))));
            }
        }

        if (session.Scalar("SELECT count(name) FROM collection INDEXED BY collection_name WHERE name >= ''") != rows.Count)
            throw SqliteErrors.Damaged(path, "the table of collections and its index disagree");
        return rows;
    }

    /// <summary>Adds a collection unless there is one of that name.</summary>
    public static void Create(SqliteSession session, string name, VectorCollectionDefinition definition)
    {
        if (session.Scalar("SELECT key FROM collection WHERE name = ?", name) >= 0)
            return;
        long key = Math.Max(0, session.Scalar("SELECT seq FROM sqlite_sequence WHERE name = 'collection'")) + 1;
        new SqliteCollectionRow(key, name, definition).Insert(session);
    }

    /// <summary>Adds this row and its tables.</summary>
    public void Insert(SqliteSession session)
    {
        byte[] definition = DefinitionJson.ToUtf8(Definition);
        session.Execute("INSERT INTO collection (key, name, definition, checksum) VALUES (?, ?, ?, ?)", Key, Name, SqlValue.Text(definition), ChecksumOf(Name, definition));
        for (int slot = 0; slot < Layout.Count; slot++)
            session.Execute("INSERT INTO slot (collection, number) VALUES (?, ?)", Key, slot);
        SqliteWords.Create(session, this);
    }

    /// <summary>Removes the collection with all it holds.</summary>
    public void Delete(SqliteSession session)
    {
        foreach (string table in (string[])["record", "code", "gone", "field", "slot"])
            session.Execute($"DELETE FROM {table} WHERE collection = ?", Key);
        session.Script($"DROP TABLE IF EXISTS {Words}");
        session.Execute("DELETE FROM collection WHERE key = ?", Key);
    }

    /// <summary>Gives the collection another name, removing one that has it.</summary>
    public void Rename(SqliteSession session, string newName, string path)
    {
        ReadAll(session, path).Find(row => row.Name == newName)?.Delete(session);
        session.Execute("UPDATE collection SET name = ?, checksum = ? WHERE key = ?", newName, ChecksumOf(newName, DefinitionJson.ToUtf8(Definition)), Key);
    }

    private static long ChecksumOf(string name, byte[] definition) => SqliteRecords.Checksum(Encoding.UTF8.GetBytes(name), "\n"u8, definition);
}

/// <summary>Where each vector of a record stands in its blob: in the order of the definition, all of them; NaN for one that the record lacks.</summary>
internal sealed class VectorLayout
{
    private readonly (string Name, VectorDefinition Definition, int Start)[] _slots;

    public VectorLayout(VectorCollectionDefinition definition)
    {
        _slots = new (string, VectorDefinition, int)[definition.Vectors.Count];
        int count = 0;
        foreach ((string name, VectorDefinition vector) in definition.Vectors)
        {
            _slots[count++] = (name, vector, Floats);
            Floats += vector.Dimensions;
        }
    }

    /// <summary>How many vectors a record can have.</summary>
    public int Count => _slots.Length;

    /// <summary>Floats of a blob.</summary>
    public int Floats { get; }

    /// <summary>The number of the vector of a name that the collection defines.</summary>
    public int SlotOf(string name) => Array.FindIndex(_slots, slot => slot.Name == name);

    /// <summary>A vector's name.</summary>
    public string NameOf(int slot) => _slots[slot].Name;

    /// <summary>A vector's definition.</summary>
    public VectorDefinition DefinitionOf(int slot) => _slots[slot].Definition;

    /// <summary>A vector's floats within a blob; empty when the record lacks it.</summary>
    public ReadOnlySpan<float> Vector(ReadOnlySpan<float> blob, int slot)
    {
        ReadOnlySpan<float> vector = Room(blob, slot);
        return float.IsNaN(vector[0]) ? [] : vector;
    }

    /// <inheritdoc cref="Vector(ReadOnlySpan{float}, int)"/>
    public ReadOnlyMemory<float> Vector(ReadOnlyMemory<float> blob, int slot) =>
        Vector(blob.Span, slot).IsEmpty ? default : blob.Slice(_slots[slot].Start, _slots[slot].Definition.Dimensions);

    /// <summary>Writes a record's vectors.</summary>
    public void Fill(Span<float> blob, VectorRecord record)
    {
        for (int slot = 0; slot < _slots.Length; slot++)
        {
            Span<float> room = blob.Slice(_slots[slot].Start, _slots[slot].Definition.Dimensions);
            if (record.Vectors.TryGetValue(_slots[slot].Name, out Microsoft.Extensions.AI.Embedding<float>? vector))
                vector.Vector.Span.CopyTo(room);
            else
                room.Fill(float.NaN);
        }
    }

    private ReadOnlySpan<float> Room(ReadOnlySpan<float> blob, int slot) => blob.Slice(_slots[slot].Start, _slots[slot].Definition.Dimensions);
}
