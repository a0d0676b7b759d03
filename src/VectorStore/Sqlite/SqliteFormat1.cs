namespace Polymodal.VectorStore.Sqlite;

/// <summary>Moves what a file of format 1 holds into the tables of format 2.</summary>
/// <remarks>Format 1 had one vector for each record, ids that are texts and payloads of texts; its rows are rows of format 2 as they are.</remarks>
internal static class SqliteFormat1
{
    /// <summary>Moves all collections, within the caller's transaction.</summary>
    public static void Move(SqliteSession session, string path, CancellationToken cancellationToken)
    {
        var rows = new List<SqliteCollectionRow>();
        using (SqliteStatement row = session.Use("SELECT key, name, space_id, dimensions, metric, fingerprint, checksum FROM collection_1"))
        {
            while (row.Step())
            {
                string name = row.Text(1), space = row.Text(2), metricName = row.Text(4);
                string? fingerprint = row.KindOf(5) == SqlKind.Null ? null : row.Text(5);
                long dimensions = row.Number(3);
                if (SqliteRecords.Checksum(System.Text.Encoding.UTF8.GetBytes($"{name}\n{space}\n{dimensions}\n{metricName}\n{fingerprint}")) != row.Number(6)
                    || !Enum.TryParse(metricName, out SimilarityMetric metric))
                    throw SqliteErrors.Damaged(path, "the description of a collection does not match its checksum");
                rows.Add(new(row.Number(0), name, new(new VectorDefinition { SpaceId = space, Dimensions = (int)dimensions, Metric = metric, Fingerprint = fingerprint })));
            }
        }

        session.Script(
            """
            INSERT INTO record SELECT key, collection, id, vector, vector_checksum, text, payload, content_checksum FROM record_1;
            DROP TABLE record_1;
            DROP TABLE collection_1;
            """);
        foreach (SqliteCollectionRow row in rows)
        {
            row.Insert(session);
            SqliteIndexes.Rebuild(session, row, path, cancellationToken);
        }
    }
}
