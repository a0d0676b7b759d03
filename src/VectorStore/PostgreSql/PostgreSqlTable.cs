using System.Globalization;
using System.Numerics.Tensors;
using Npgsql;
using NpgsqlTypes;
using Polymodal.VectorStore.Ordered;

namespace Polymodal.VectorStore.PostgreSql;

/// <summary>The table of one collection's records: its columns, how a record becomes a row, and back.</summary>
/// <remarks>Each vector has two columns: <c>v0</c>, a <c>vector</c>, and <c>n0</c>, its length in double precision, by which searches bound the error of the server's scores.</remarks>
internal sealed class PostgreSqlTable
{
    private const int RowsOfInsert = 100, RowsWorthCopying = 200, LargestIndexed = 2000;

    private readonly string[] _names;

    public PostgreSqlTable(string schema, long key, string collection, VectorCollectionDefinition definition)
    {
        (Schema, Key, Collection, Definition) = (schema, key, collection, definition);
        _names = [.. definition.Vectors.Keys];
        Name = string.Create(CultureInfo.InvariantCulture, $"{schema}.record_{key}");
    }

    public string Schema { get; }

    public long Key { get; }

    /// <summary>The collection's name.</summary>
    public string Collection { get; }

    public VectorCollectionDefinition Definition { get; }

    /// <summary>Schema and table, as they stand in a statement.</summary>
    public string Name { get; }

    /// <summary>How many columns <see cref="Read"/> reads.</summary>
    public int ColumnCount => 3 + _names.Length;

    /// <summary>The number of a vector's columns.</summary>
    public int SlotOf(string vector) => Array.IndexOf(_names, vector);

    /// <summary>The columns <see cref="Read"/> expects.</summary>
    public string Columns(string table) => string.Join(", ", (string[])[$"{table}.id", $"{table}.text", $"{table}.payload", .. Slots.Select(slot => $"{table}.v{slot}::real[]")]);

    /// <summary>The statements that make the table.</summary>
    public string Create() => $"""
        CREATE TABLE {Name} (
            key     bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            id      bytea   NOT NULL UNIQUE,
            text    text,
            payload text    NOT NULL,
            fields  bytea[] NOT NULL,
            marks   bigint[] NOT NULL,
            words   text[],
            counts  integer[],
            length  integer,
            {string.Join(",\n    ", Slots.Select(slot => $"v{slot} vector({DefinitionOf(slot).Dimensions.ToString(CultureInfo.InvariantCulture)}), n{slot} double precision"))}
        );
        CREATE INDEX ON {Name} USING gin (marks);
        CREATE INDEX ON {Name} USING gin (words);
        CREATE INDEX ON {Name} (length) WHERE length IS NOT NULL;
        """;

    /// <summary>The statements that make the indexes of approximate searches where they are missing.</summary>
    public string CreateIndexes(PostgreSqlVectorStoreOptions options) => string.Concat(Slots.Where(slot => DefinitionOf(slot).Dimensions <= LargestIndexed).Select(slot =>
    {
        (_, string family) = OperatorOf(slot);
        return options.Index switch
        {
            PostgreSqlIndex.Hnsw => string.Create(CultureInfo.InvariantCulture, $"CREATE INDEX IF NOT EXISTS {IndexName(slot)} ON {Name} USING hnsw (v{slot} {family}) WITH (m = {options.HnswNeighbours}, ef_construction = {options.HnswBuildCandidates});\n"),
            PostgreSqlIndex.IvfFlat => string.Create(CultureInfo.InvariantCulture, $"CREATE INDEX IF NOT EXISTS {IndexName(slot)} ON {Name} USING ivfflat (v{slot} {family}) WITH (lists = {options.IvfLists});\n"),
            _ => "",
        };
    }));

    /// <summary>The statements that remove the indexes of approximate searches.</summary>
    public string DropIndexes() => string.Concat(Slots.Select(slot => $"DROP INDEX IF EXISTS {Schema}.{IndexName(slot)};\n"));

    /// <summary>The name of a vector's index, without schema.</summary>
    public string IndexName(int slot) => string.Create(CultureInfo.InvariantCulture, $"record_{Key}_v{slot}");

    /// <summary>pgvector's operator for a vector's metric, and the family of its index.</summary>
    public (string Operator, string Family) OperatorOf(int slot) => DefinitionOf(slot).Metric switch
    {
        SimilarityMetric.Cosine => ("<=>", "vector_cosine_ops"),
        SimilarityMetric.Euclidean => ("<->", "vector_l2_ops"),
        _ => ("<#>", "vector_ip_ops"),
    };

    public VectorDefinition DefinitionOf(int slot) => Definition.Vectors[_names[slot]];

    /// <summary>The record of a row made of <see cref="Columns"/>.</summary>
    public VectorRecord Read(NpgsqlDataReader row)
    {
        var vectors = new List<KeyValuePair<string, ReadOnlyMemory<float>>>(_names.Length);
        for (int slot = 0; slot < _names.Length; slot++)
        {
            if (!row.IsDBNull(3 + slot))
                vectors.Add(new(_names[slot], row.GetFieldValue<float[]>(3 + slot)));
        }

        return new()
        {
            Id = OrderedBytes.ToId(row.GetFieldValue<byte[]>(0)),
            Text = row.IsDBNull(1) ? null : PostgreSqlText.Read(row.GetString(1)),
            Payload = PayloadJson.Parse(System.Text.Encoding.UTF8.GetBytes(row.GetString(2))),
            Vectors = VectorRules.Stamped(vectors, Definition),
        };
    }

    /// <summary>Stores records with different ids, in the order of the ids so that two writers never wait for each other in a circle.</summary>
    public async Task UpsertAsync(NpgsqlConnection connection, IReadOnlyCollection<VectorRecord> records, bool useCopy, CancellationToken cancellationToken)
    {
        IEnumerable<VectorRecord> ordered = records.OrderBy(record => record.Id);
        if (useCopy && records.Count >= RowsWorthCopying)
        {
            await CopyAsync(connection, ordered, cancellationToken).ConfigureAwait(false);
            return;
        }

        foreach (VectorRecord[] rows in ordered.Chunk(RowsOfInsert))
        {
            var statement = new PostgreSqlStatement();
            IEnumerable<string> values = rows.Select(record => $"({string.Join(", ", Values(record).Select(value => value.AddTo(statement)))})");
            NpgsqlCommand command = statement.On(connection, $"INSERT INTO {Name} ({Written}) VALUES {string.Join(", ", values)} {OnConflict}");
            await using (command.ConfigureAwait(false))
                await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private IEnumerable<int> Slots => Enumerable.Range(0, _names.Length);

    private string Written => string.Join(", ", (string[])["id", "text", "payload", "fields", "marks", "words", "counts", "length", .. Slots.SelectMany(slot => (string[])[$"v{slot}", $"n{slot}"])]);

    private string OnConflict => "ON CONFLICT (id) DO UPDATE SET " + string.Join(", ", Written.Split(", ").Skip(1).Select(column => $"{column} = excluded.{column}"));

    private async Task CopyAsync(NpgsqlConnection connection, IEnumerable<VectorRecord> records, CancellationToken cancellationToken)
    {
        await RunAsync($"CREATE TEMP TABLE IF NOT EXISTS polymodal_copied (id bytea, text text, payload text, fields bytea[], marks bigint[], words text[], counts integer[], length integer, {string.Join(", ", Slots.Select(slot => $"v{slot} real[], n{slot} double precision"))}) ON COMMIT DROP").ConfigureAwait(false);
        NpgsqlBinaryImporter importer = await connection.BeginBinaryImportAsync($"COPY polymodal_copied ({Written}) FROM STDIN (FORMAT BINARY)", cancellationToken).ConfigureAwait(false);
        await using (importer.ConfigureAwait(false))
        {
            foreach (VectorRecord record in records)
            {
                await importer.StartRowAsync(cancellationToken).ConfigureAwait(false);
                foreach (Value value in Values(record))
                    await value.WriteToAsync(importer, cancellationToken).ConfigureAwait(false);
            }

            await importer.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }

        string read = string.Join(", ", Written.Split(", ").Select(column => column[0] == 'v' ? column + "::vector" : column));
        await RunAsync($"INSERT INTO {Name} ({Written}) SELECT {read} FROM polymodal_copied ORDER BY id {OnConflict}").ConfigureAwait(false);
        await RunAsync("DROP TABLE polymodal_copied").ConfigureAwait(false);

        async Task RunAsync(string sql)
        {
            NpgsqlCommand command = new PostgreSqlStatement().On(connection, sql);
            await using (command.ConfigureAwait(false))
                await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The values of a row, in the order of <see cref="Written"/>.</summary>
    private IEnumerable<Value> Values(VectorRecord record)
    {
        byte[][] fields = PostgreSqlFilter.FieldsOf(record.Payload);
        (string[]? words, int[]? counts, int? length) = PostgreSqlWords.ColumnsOf(record.Text, Definition.Tokenizer);
        yield return new(OrderedBytes.Of(record.Id), NpgsqlDbType.Bytea);
        yield return new(PostgreSqlText.Written(record.Text), NpgsqlDbType.Text);
        yield return new(System.Text.Encoding.UTF8.GetString(PayloadJson.ToUtf8(record.Payload)), NpgsqlDbType.Text);
        yield return new(fields, NpgsqlDbType.Array | NpgsqlDbType.Bytea);
        yield return new(PostgreSqlFilter.MarksOf(record.Payload, fields), NpgsqlDbType.Array | NpgsqlDbType.Bigint);
        yield return new(words, NpgsqlDbType.Array | NpgsqlDbType.Text);
        yield return new(counts, NpgsqlDbType.Array | NpgsqlDbType.Integer);
        yield return new(length, NpgsqlDbType.Integer);
        foreach (string name in _names)
        {
            float[]? vector = record.Vectors.TryGetValue(name, out Microsoft.Extensions.AI.Embedding<float>? embedding) ? embedding.Vector.ToArray() : null;
            yield return new(vector, NpgsqlDbType.Array | NpgsqlDbType.Real, IsVector: true);
            yield return new(vector is null ? null : LengthOf(vector), NpgsqlDbType.Double);
        }
    }

    /// <summary>A vector's length, in double precision, so that it neither overflows nor vanishes.</summary>
    public static double LengthOf(ReadOnlySpan<float> vector)
    {
        var wide = new double[vector.Length];
        TensorPrimitives.ConvertChecked(vector, wide);
        return TensorPrimitives.Norm<double>(wide);
    }

    private readonly record struct Value(object? Content, NpgsqlDbType Type, bool IsVector = false)
    {
        public string AddTo(PostgreSqlStatement statement) => statement.Add(Content, Type) + (IsVector ? "::vector" : "");

        public Task WriteToAsync(NpgsqlBinaryImporter importer, CancellationToken cancellationToken) =>
            Content is null ? importer.WriteNullAsync(cancellationToken) : importer.WriteAsync(Content, Type, cancellationToken);
    }
}
