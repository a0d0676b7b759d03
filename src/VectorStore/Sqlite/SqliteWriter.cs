namespace Polymodal.VectorStore.Sqlite;

/// <summary>One change of a collection: writes records with all that is made from them, and counts.</summary>
/// <remarks>Lives within one write transaction; <see cref="Finish"/> ends it. Not safe for concurrent use.</remarks>
internal sealed class SqliteWriter
{
    // Marks of rows that are gone are dropped, and the codes written anew, when they are many and more than half.
    private const int ManyGone = 4096;

    private readonly SqliteSession _session;
    private readonly SqliteCollectionRow _collection;
    private readonly string _path;
    private readonly CodeBlocks[] _codes;
    private readonly long[] _vectors;
    private long _records, _gone;

    /// <summary>Begins a change.</summary>
    /// <exception cref="VectorStoreException">The collection was removed.</exception>
    public SqliteWriter(SqliteSession session, SqliteCollectionRow collection, string path)
    {
        (_session, _collection, _path) = (session, collection, path);
        _vectors = new long[collection.Layout.Count];
        _codes = [.. Enumerable.Range(0, collection.Layout.Count).Select(slot => new CodeBlocks(collection.Layout.DefinitionOf(slot), packed => SqliteCodes.Append(session, collection, slot, packed, path)))];
        if (session.Execute("UPDATE collection SET changes = changes + 1 WHERE key = ?", collection.Key) == 0)
            throw VectorRules.Removed(collection.Name);
    }

    /// <summary>Adds a record, replacing one with the same id.</summary>
    public void Upsert(SqliteRow record)
    {
        SqlValue id = SqlValue.Of(record.Id);
        byte[] idBytes = SqliteRecords.IdBytes(record.Id), payload = PayloadJson.ToUtf8(record.Payload);
        byte[]? text = record.Text is null ? null : System.Text.Encoding.UTF8.GetBytes(record.Text);
        ReadOnlySpan<byte> blob = SqliteRecords.ToLittleEndian(record.Vectors.Span);
        if (!Insert(id, idBytes, blob, text, payload))
        {
            Remove(_session.Scalar("SELECT key FROM record WHERE collection = ? AND id = ?", _collection.Key, id));
            if (!Insert(id, idBytes, blob, text, payload))
                throw SqliteErrors.Damaged(_path, "the index of ids leads to another record");
        }

        Index(_session.LastKey, record);
    }

    /// <summary>Removes the record of an id.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Delete(RecordId id)
    {
        long key = _session.Scalar("SELECT key FROM record WHERE collection = ? AND id = ?", _collection.Key, SqlValue.Of(id));
        if (key >= 0)
            Remove(key);
        return key >= 0;
    }

    /// <summary>Removes a record.</summary>
    public void Remove(long key)
    {
        bool hasText;
        Payload payload;
        using (SqliteStatement row = _session.Use($"SELECT {SqliteRecords.Columns} FROM record WHERE key = ?", key))
        {
            if (!row.Step())
                throw SqliteErrors.Damaged(_path, "a record that is counted cannot be found");
            VectorRecord record = SqliteRecords.Read(row, _collection, _path);
            (hasText, payload) = (record.Text is not null, record.Payload);
            for (int slot = 0; slot < _vectors.Length; slot++)
                _vectors[slot] -= record.Vectors.ContainsKey(_collection.Layout.NameOf(slot)) ? 1 : 0;
        }

        SqliteFields.Remove(_session, _collection.Key, key, payload);
        if (hasText)
            SqliteWords.Remove(_session, _collection, key);
        _session.Execute("INSERT INTO gone (collection, record) VALUES (?, ?)", _collection.Key, key);
        _session.Execute("DELETE FROM record WHERE key = ?", key);
        _records--;
        _gone++;
    }

    /// <summary>Makes what is made from a record that stands in the table.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="record">The record; nobody may change its vectors before <see cref="Finish"/>.</param>
    public void Index(long key, SqliteRow record)
    {
        for (int slot = 0; slot < _vectors.Length; slot++)
        {
            ReadOnlyMemory<float> vector = _collection.Layout.Vector(record.Vectors, slot);
            if (vector.IsEmpty)
                continue;
            _codes[slot].Add(key, vector);
            _vectors[slot]++;
        }

        SqliteFields.Add(_session, _collection.Key, key, record.Payload);
        if (record.Text is not null)
            SqliteWords.Add(_session, _collection, key, record.Text);
        _records++;
    }

    /// <summary>Writes codes and counts.</summary>
    public void Finish()
    {
        foreach (CodeBlocks codes in _codes)
            codes.Finish();
        for (int slot = 0; slot < _vectors.Length; slot++)
            _session.Execute("UPDATE slot SET vectors = vectors + ? WHERE collection = ? AND number = ?", _vectors[slot], _collection.Key, slot);
        _session.Execute("UPDATE collection SET records = records + ?, gone = gone + ? WHERE key = ?", _records, _gone, _collection.Key);
        if (_gone > 0 && _session.Scalar("SELECT gone > ? AND gone > records FROM collection WHERE key = ?", ManyGone, _collection.Key) == 1)
            SqliteCodes.Compact(_session, _collection, _path);
    }

    private bool Insert(SqlValue id, ReadOnlySpan<byte> idBytes, ReadOnlySpan<byte> vectors, byte[]? text, byte[] payload)
    {
        using SqliteStatement insert = _session.Use(
            "INSERT INTO record (collection, id, vector, vector_checksum, text, payload, content_checksum) VALUES (?1, ?2, ?7, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
            _collection.Key, id, (long)SqliteRecords.Checksum(idBytes, vectors), text is null ? default : SqlValue.Text(text), SqlValue.Text(payload),
            (long)SqliteRecords.Checksum(idBytes, text, payload));
        insert.BindBlob(7, vectors);
        insert.Run();
        return _session.Changes > 0;
    }
}
