using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace Polymodal.Benchmarks;

/// <summary>A table of sqlite-vec (npm package sqlite-vec, library vec0), set up as its documentation says, with large pages and mapped memory.</summary>
internal sealed class SqliteVecTable : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _search;

    /// <summary>Creates the table in a new file.</summary>
    public SqliteVecTable(string library, string file, float[] rows, int dimensions)
    {
        _connection = new(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ConnectionString);
        _connection.Open();
        _connection.LoadExtension(library);
        Execute("PRAGMA page_size = 32768; PRAGMA mmap_size = 4294967296; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
        Execute("CREATE VIRTUAL TABLE item USING vec0(embedding float[384])");
        using (SqliteTransaction transaction = _connection.BeginTransaction())
        using (SqliteCommand insert = _connection.CreateCommand())
        {
            insert.Transaction = transaction;
            insert.CommandText = "INSERT INTO item (rowid, embedding) VALUES ($row, $vector)";
            SqliteParameter row = insert.Parameters.Add("$row", SqliteType.Integer), vector = insert.Parameters.Add("$vector", SqliteType.Blob);
            for (int i = 0; i < rows.Length / dimensions; i++)
            {
                row.Value = i;
                vector.Value = MemoryMarshal.AsBytes(rows.AsSpan(i * dimensions, dimensions)).ToArray();
                insert.ExecuteNonQuery();
            }

            transaction.Commit();
        }

        _search = _connection.CreateCommand();
        _search.CommandText = "SELECT rowid, distance FROM item WHERE embedding MATCH $query AND k = $k ORDER BY distance";
        _search.Parameters.Add("$query", SqliteType.Blob);
        _search.Parameters.Add("$k", SqliteType.Integer);
    }

    /// <summary>How many rows a search gives.</summary>
    public int Search(float[] query, int k)
    {
        _search.Parameters["$query"].Value = MemoryMarshal.AsBytes(query.AsSpan()).ToArray();
        _search.Parameters["$k"].Value = k;
        using SqliteDataReader row = _search.ExecuteReader();
        int count = 0;
        while (row.Read())
            count++;
        return count;
    }

    public void Dispose()
    {
        _search.Dispose();
        _connection.Dispose();
    }

    private void Execute(string sql)
    {
        using SqliteCommand command = _connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
