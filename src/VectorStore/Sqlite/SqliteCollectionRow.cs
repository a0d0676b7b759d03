using System.Text;
using Microsoft.Data.Sqlite;

namespace Polymodal.VectorStore.Sqlite;

/// <summary>A row of the table of collections.</summary>
internal sealed record SqliteCollectionRow(long Key, string Name, VectorCollectionDefinition Definition)
{
    /// <summary>Reads all rows. They are few, and all are checked: a collection that damage has renamed must not seem to be missing.</summary>
    /// <exception cref="VectorStoreException">A row is damaged or lost.</exception>
    public static List<SqliteCollectionRow> ReadAll(SqliteConnection connection, string path)
    {
        var rows = new List<SqliteCollectionRow>();
        using SqliteCommand select = connection.Command("SELECT key, name, space_id, dimensions, metric, fingerprint, checksum FROM collection NOT INDEXED");
        using SqliteDataReader row = select.ExecuteReader();
        while (row.Read())
        {
            string metricName = SqliteRecords.Text(row, 4);
            string? fingerprint = row.IsDBNull(5) ? null : SqliteRecords.Text(row, 5);
            if (ChecksumOf(SqliteRecords.Text(row, 1), SqliteRecords.Text(row, 2), SqliteRecords.Number(row, 3), metricName, fingerprint) != SqliteRecords.Number(row, 6)
                || !Enum.TryParse(metricName, out SimilarityMetric metric))
                throw SqliteErrors.Damaged(path, "the description of a collection does not match its checksum");
            rows.Add(new(SqliteRecords.Number(row, 0), SqliteRecords.Text(row, 1), new VectorCollectionDefinition(new VectorDefinition
            {
                SpaceId = SqliteRecords.Text(row, 2),
                Dimensions = (int)SqliteRecords.Number(row, 3),
                Metric = metric,
                Fingerprint = fingerprint,
            })));
        }

        if (connection.Scalar("SELECT count(name) FROM collection INDEXED BY collection_name WHERE name >= ''") != rows.Count)
            throw SqliteErrors.Damaged(path, "the table of collections and its index disagree");
        return rows;
    }

    /// <summary>Adds a collection unless there is one of that name.</summary>
    public static void Insert(SqliteConnection connection, string name, VectorDefinition definition) => connection.Execute(
        "INSERT INTO collection (name, space_id, dimensions, metric, fingerprint, checksum) VALUES (@name, @space, @dimensions, @metric, @fingerprint, @checksum) ON CONFLICT DO NOTHING",
        ("@name", name), ("@space", definition.SpaceId), ("@dimensions", definition.Dimensions), ("@metric", definition.Metric.ToString()), ("@fingerprint", definition.Fingerprint),
        ("@checksum", (long)ChecksumOf(name, definition.SpaceId, definition.Dimensions, definition.Metric.ToString(), definition.Fingerprint)));

    /// <summary>Gives a collection another name, removing one that has it.</summary>
    /// <returns>Whether there was the collection.</returns>
    public static bool Rename(SqliteConnection connection, SqliteCollectionRow row, string newName)
    {
        VectorDefinition definition = row.Definition.Vector;
        connection.Execute("DELETE FROM collection WHERE name = @name", ("@name", newName));
        return connection.Execute("UPDATE collection SET name = @name, checksum = @checksum WHERE key = @key", ("@name", newName), ("@key", row.Key),
            ("@checksum", (long)ChecksumOf(newName, definition.SpaceId, definition.Dimensions, definition.Metric.ToString(), definition.Fingerprint))) > 0;
    }

    private static uint ChecksumOf(string name, string spaceId, long dimensions, string metric, string? fingerprint) =>
        SqliteRecords.Checksum(Encoding.UTF8.GetBytes($"{name}\n{spaceId}\n{dimensions}\n{metric}\n{fingerprint}"));
}
