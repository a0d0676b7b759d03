using Polymodal.VectorStore.Exact;

namespace Polymodal.VectorStore.Sqlite;

/// <summary>Reads everything in a file and compares what is made from the records with the records.</summary>
/// <remarks>Lives within one transaction, for a repair one that writes. Not safe for concurrent use.</remarks>
internal sealed class SqliteCheck(SqliteSession session, string path, bool repair, CancellationToken cancellationToken)
{
    private readonly List<VectorStoreProblem> _problems = [];
    private long _records;

    /// <summary>Checks the file, and repairs what can be.</summary>
    public VectorStoreCheck Run()
    {
        if (repair)
            session.Script("REINDEX");
        using (SqliteStatement row = session.Use("PRAGMA integrity_check"))
        {
            while (row.Step())
            {
                if (row.Text(0) is not "ok" and string found)
                    _problems.Add(new(null, null, $"SQLite: {found}. Restore the file from a backup, or export what can be read.", false));
            }
        }

        foreach (SqliteCollectionRow collection in SqliteCollectionRow.ReadAll(session, path))
        {
            int before = _problems.Count;
            Expected expected = CheckRecords(collection);
            CheckDerived(collection, expected);
            if (repair && _problems.Count > before)
                SqliteIndexes.Rebuild(session, collection, path, cancellationToken);
        }

        return new(_records, _problems);
    }

    private Expected CheckRecords(SqliteCollectionRow collection)
    {
        var expected = new Expected(collection.Layout.Count);
        var unreadable = new List<(long Key, string Found)>();
        using (SqliteStatement row = session.Use($"SELECT {SqliteRecords.Columns}, key FROM record NOT INDEXED WHERE collection = ? ORDER BY key", collection.Key))
        {
            while (row.Step())
            {
                cancellationToken.ThrowIfCancellationRequested();
                try
                {
                    expected.Add(row.Number(6), SqliteRecords.Read(row, collection, path), collection.Layout);
                }
                catch (VectorStoreException exception)
                {
                    unreadable.Add((row.Number(6), exception.Message));
                    _problems.Add(new(collection.Name, SqliteRecords.ReadId(row, 0), exception.Message, repair));
                }
            }
        }

        _records += expected.Records;
        if (!repair)
            return expected;
        foreach ((long key, string found) in unreadable)
        {
            session.Execute("INSERT OR REPLACE INTO damaged SELECT key, collection, id, vector, text, payload, ? FROM record WHERE key = ?", found, key);
            session.Execute("DELETE FROM record WHERE key = ?", key);
        }

        return expected;
    }

    private void CheckDerived(SqliteCollectionRow collection, Expected expected)
    {
        for (int slot = 0; slot < collection.Layout.Count; slot++)
        {
            if (!HasCodes(collection, slot, expected.Keys[slot]))
                Add("the codes that searches scan do not agree with the vectors");
        }

        if (session.Scalar("SELECT records FROM collection WHERE key = ?", collection.Key) != expected.Records)
            Add("the count of records is wrong");
        if (session.Scalar("SELECT count(*) FROM field WHERE collection = ?", collection.Key) != expected.Fields)
            Add("the index of payload values does not agree with the payloads");
        if (session.Scalar("SELECT count(*) FROM sqlite_schema WHERE name = ?", collection.Words) != 1 || session.Scalar($"SELECT count(*) FROM {collection.Words}_docsize") != expected.Texts)
            Add("the index of words does not agree with the texts");

        void Add(string found) => _problems.Add(new(collection.Name, null, found, repair));
    }

    private bool HasCodes(SqliteCollectionRow collection, int slot, List<long> keys)
    {
        try
        {
            CodeMatrix matrix = SqliteCodes.Load(session, collection, slot, CodeMatrix.Empty(collection.Layout.DefinitionOf(slot).Dimensions), after: 0, path)
                .Without(SqliteCodes.Gone(session, collection, after: 0).Keys);
            return matrix.Count == keys.Count
                && session.Scalar("SELECT vectors FROM slot WHERE collection = ? AND number = ?", collection.Key, slot) == keys.Count
                && matrix.Select([.. keys]).Sum(bits => bits?.Sum(System.Numerics.BitOperations.PopCount) ?? 0) == keys.Count;
        }
        catch (VectorStoreException)
        {
            return false; // the codes are damaged, and that is what was asked
        }
    }

    /// <summary>What sound records lead to expect of what is made from them.</summary>
    private sealed class Expected(int slots)
    {
        public List<long>[] Keys { get; } = [.. Enumerable.Range(0, slots).Select(_ => new List<long>())];

        public long Records { get; private set; }

        public long Fields { get; private set; }

        public long Texts { get; private set; }

        public void Add(long key, VectorRecord record, VectorLayout layout)
        {
            Records++;
            Texts += record.Text is null ? 0 : 1;
            foreach (PayloadValue value in record.Payload.Values)
                Fields += value.Kind == PayloadKind.TextList ? Math.Max(1, value.AsList().Distinct(StringComparer.Ordinal).Count()) : 1;
            for (int slot = 0; slot < Keys.Length; slot++)
            {
                if (record.Vectors.ContainsKey(layout.NameOf(slot)))
                    Keys[slot].Add(key);
            }
        }
    }
}
