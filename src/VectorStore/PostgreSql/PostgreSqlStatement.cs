using Npgsql;
using NpgsqlTypes;

namespace Polymodal.VectorStore.PostgreSql;

/// <summary>Collects the values of a statement: each goes to the server as a parameter, never as part of the text.</summary>
internal sealed class PostgreSqlStatement
{
    private readonly List<NpgsqlParameter> _values = [];

    /// <summary>How many values there are.</summary>
    public int Count => _values.Count;

    public string Add(byte[] value) => Add(value, NpgsqlDbType.Bytea);

    public string Add(byte[][] values) => Add(values, NpgsqlDbType.Array | NpgsqlDbType.Bytea);

    public string Add(long value) => Add(value, NpgsqlDbType.Bigint);

    public string Add(long[] values) => Add(values, NpgsqlDbType.Array | NpgsqlDbType.Bigint);

    public string Add(double value) => Add(value, NpgsqlDbType.Double);

    public string Add(string value) => Add(value, NpgsqlDbType.Text);

    public string Add(string[] values) => Add(values, NpgsqlDbType.Array | NpgsqlDbType.Text);

    /// <summary>A value of a type that is named; null for none.</summary>
    public string Add(object? value, NpgsqlDbType type)
    {
        _values.Add(new() { Value = value ?? DBNull.Value, NpgsqlDbType = type });
        return $"${_values.Count}";
    }

    /// <summary>A vector: sent as <c>real[]</c>, cast by the server.</summary>
    public string Add(float[] vector) => Add(vector, NpgsqlDbType.Array | NpgsqlDbType.Real) + "::vector";

    /// <summary>The command, with the values collected so far.</summary>
    public NpgsqlCommand On(NpgsqlConnection connection, string sql)
    {
        NpgsqlCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Only names of tables and columns, all made here, and places of parameters come into the text.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (NpgsqlParameter value in _values)
            command.Parameters.Add(value);
        return command;
    }
}
