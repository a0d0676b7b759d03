using Polymodal.VectorStore.Exact;

namespace Polymodal.VectorStore.Sqlite;

/// <summary>The packed codes of a collection's vectors in the table <c>code</c>, so that opening reads one byte a component and computes nothing.</summary>
internal static class SqliteCodes
{
    /// <summary>Rows of a block of codes.</summary>
    public const int BlockRows = 512;

    private const int SmallRows = 64;

    /// <summary>Adds the codes of vectors.</summary>
    /// <param name="session">A connection within a write transaction.</param>
    /// <param name="collection">The collection.</param>
    /// <param name="slot">Which of its vectors.</param>
    /// <param name="packed">A block of codes, of records whose keys ascend and are above all that have codes.</param>
    /// <param name="path">The file, for messages.</param>
    public static void Append(SqliteSession session, SqliteCollectionRow collection, int slot, byte[] packed, string path)
    {
        int dimensions = collection.Layout.DefinitionOf(slot).Dimensions, count = new PackedCodes(packed, dimensions).Count;
        long replaced = 0;
        if (count <= SmallRows)
        {
            // Many small writes would make many small blocks: a small last one takes the new rows in.
            using SqliteStatement last = session.Use("SELECT data, checksum, rows, key FROM code WHERE collection = ? AND slot = ? ORDER BY last_record DESC LIMIT 1", collection.Key, slot);
            if (last.Step() && last.Number(2) + count <= SmallRows)
            {
                packed = PackedCodes.Join(Checked(last, dimensions, path), new(packed, dimensions), dimensions);
                replaced = last.Number(3);
            }
        }

        if (replaced > 0)
            session.Execute("DELETE FROM code WHERE key = ?", replaced);
        var codes = new PackedCodes(packed, dimensions);
        using SqliteStatement insert = session.Use("INSERT INTO code (collection, slot, last_record, rows, data, checksum) VALUES (?1, ?2, ?3, ?4, ?6, ?5)",
            collection.Key, slot, codes.Keys[^1], codes.Count, (long)SqliteRecords.Checksum(packed));
        insert.BindBlob(6, packed);
        insert.Run();
    }

    /// <summary>Writes all codes anew, without those of rows that are gone, and drops their marks.</summary>
    public static void Compact(SqliteSession session, SqliteCollectionRow collection, string path)
    {
        for (int slot = 0; slot < collection.Layout.Count; slot++)
        {
            VectorDefinition definition = collection.Layout.DefinitionOf(slot);
            CodeMatrix matrix = Load(session, collection, slot, CodeMatrix.Empty(definition.Dimensions), after: 0, path).Without(Gone(session, collection, after: 0).Keys);
            session.Execute("DELETE FROM code WHERE collection = ? AND slot = ?", collection.Key, slot);
            foreach (CodeRows rows in matrix.Blocks)
                AppendAlive(session, collection, slot, rows, definition, path);
        }

        session.Execute("DELETE FROM gone WHERE collection = ?", collection.Key);
        session.Execute("UPDATE collection SET epoch = epoch + 1, gone = 0 WHERE key = ?", collection.Key);
    }

    /// <summary>A matrix and the stored rows behind it.</summary>
    /// <param name="session">A connection within a transaction.</param>
    /// <param name="collection">The collection.</param>
    /// <param name="slot">Which of its vectors.</param>
    /// <param name="matrix">What is known already.</param>
    /// <param name="after">The highest key of a record known already; 0 for none.</param>
    /// <param name="path">The file, for messages.</param>
    public static CodeMatrix Load(SqliteSession session, SqliteCollectionRow collection, int slot, CodeMatrix matrix, long after, string path)
    {
        using SqliteStatement row = session.Use("SELECT data, checksum, rows FROM code WHERE collection = ? AND slot = ? AND last_record > ? ORDER BY last_record", collection.Key, slot, after);
        while (row.Step())
        {
            PackedCodes codes = Checked(row, matrix.Dimensions, path);
            if (codes.Count == 0 || codes.Keys[^1] <= after)
                throw SqliteErrors.Damaged(path, "the codes of vectors are out of order");
            int known = codes.Keys.BinarySearch(after + 1);
            matrix = matrix.Append(codes, known < 0 ? ~known : known);
            after = codes.Keys[^1];
        }

        return matrix;
    }

    /// <summary>The records that went since a mark, keys ascending, and the last mark.</summary>
    public static (long[] Keys, long Last) Gone(SqliteSession session, SqliteCollectionRow collection, long after)
    {
        var keys = new List<long>();
        using SqliteStatement row = session.Use("SELECT number, record FROM gone WHERE number > ? AND collection = ?", after, collection.Key);
        while (row.Step())
        {
            after = Math.Max(after, row.Number(0));
            keys.Add(row.Number(1));
        }

        keys.Sort();
        return ([.. keys], after);
    }

    private static void AppendAlive(SqliteSession session, SqliteCollectionRow collection, int slot, CodeRows rows, VectorDefinition definition, string path)
    {
        for (int first = 0; first < rows.Count; first += BlockRows)
        {
            byte[] packed = PackedCodes.Alive(rows, first, Math.Min(BlockRows, rows.Count - first), definition.Dimensions);
            if (packed.Length > 0)
                Append(session, collection, slot, packed, path);
        }
    }

    private static PackedCodes Checked(SqliteStatement row, int dimensions, string path)
    {
        ReadOnlySpan<byte> data = row.Bytes(0);
        return SqliteRecords.Checksum(data) == row.Number(1) && data.Length == row.Number(2) * PackedCodes.RowBytes(dimensions)
            ? new(data, dimensions)
            : throw SqliteErrors.Damaged(path, "the codes of vectors do not match their checksum");
    }
}
