namespace Polymodal.VectorStore.Sqlite;

/// <summary>Makes anew what is made from the records of a collection: codes, fields, words, counts.</summary>
internal static class SqliteIndexes
{
    /// <summary>Makes all of it anew, within the caller's transaction.</summary>
    /// <exception cref="VectorStoreException">A record is damaged.</exception>
    public static void Rebuild(SqliteSession session, SqliteCollectionRow collection, string path, CancellationToken cancellationToken)
    {
        foreach (string table in (string[])["code", "gone", "field", "slot"])
            session.Execute($"DELETE FROM {table} WHERE collection = ?", collection.Key);
        for (int slot = 0; slot < collection.Layout.Count; slot++)
            session.Execute("INSERT INTO slot (collection, number) VALUES (?, ?)", collection.Key, slot);
        session.Script($"DROP TABLE IF EXISTS {collection.Words}");
        SqliteWords.Create(session, collection);
        session.Execute("UPDATE collection SET records = 0, gone = 0, epoch = epoch + 1 WHERE key = ?", collection.Key);
        var writer = new SqliteWriter(session, collection, path);
        using (SqliteStatement row = session.Use($"SELECT {SqliteRecords.Columns}, key FROM record NOT INDEXED WHERE collection = ? ORDER BY key", collection.Key))
        {
            while (row.Step())
            {
                cancellationToken.ThrowIfCancellationRequested();
                var vectors = new float[collection.Layout.Floats];
                RecordId id = SqliteRecords.ReadVectors(row, 0, vectors, path);
                (string? text, Payload payload) = SqliteRecords.ReadContent(row, 0, 3, path);
                writer.Index(row.Number(6), new(id, vectors, text, payload));
            }
        }

        writer.Finish();
    }
}
