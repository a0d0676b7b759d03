using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Polymodal.VectorStore.PostgreSql;
using Polymodal.VectorStore.Sqlite;

namespace Polymodal.VectorStore;

/// <summary>Keeps vectors in PostgreSQL with the extension pgvector: for many processes and machines. Each call is one transaction; an exact search gives what <see cref="MemoryVectorStore"/> gives, an approximate one uses the index of the options.</summary>
/// <remarks>
/// Safe for concurrent use. PostgreSQL 13 or newer, encoding UTF8; pgvector 0.5 or newer (0.8 for approximate searches with a filter). A long <see cref="IVectorCollection.ScanAsync"/> holds a connection and
/// its state of the database until it ends.
/// </remarks>
public sealed class PostgreSqlVectorStore : IVectorStore
{
    private readonly PostgreSqlDatabase _database;

    private PostgreSqlVectorStore(PostgreSqlDatabase database) => _database = database;

    private string Schema => _database.Options.Schema;

    /// <summary>Connects, and makes extension, schema and tables where they are missing.</summary>
    /// <param name="connectionString">As Npgsql takes it: <c>Host=db;Username=me;Password=…;Database=vectors</c>. It never appears in a message.</param>
    /// <param name="options">How to use the server; null means the defaults.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ArgumentException">The connection string or an option is not valid.</exception>
    /// <exception cref="VectorStoreException">The server cannot be reached, refuses user or password, lacks pgvector or the rights; the message says which.</exception>
    public static Task<PostgreSqlVectorStore> OpenAsync(string connectionString, PostgreSqlVectorStoreOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        PostgreSqlVectorStoreOptions validated = (options ?? new()).Validated();
        NpgsqlSlimDataSourceBuilder builder;
        try
        {
            builder = new NpgsqlSlimDataSourceBuilder(connectionString);
        }
        catch (ArgumentException)
        {
            // Not kept as the cause: Npgsql's message quotes what is at fault, which may be the password.
            throw new ArgumentException("the connection string is not one of PostgreSQL's. Write it like 'Host=db;Username=me;Password=…;Database=vectors'.", nameof(connectionString));
        }

        builder.EnableArrays();
        builder.EnableTransportSecurity();
        builder.ConnectionStringBuilder.CommandTimeout = (int)Math.Ceiling(validated.CommandTimeout.TotalSeconds);
        return OpenAsync(builder.Build(), ownsSource: true, validated, cancellationToken);
    }

    /// <summary>Uses connections of a data source that the caller made, e.g. with logging or a rotating password, and disposes.</summary>
    /// <param name="dataSource">Where connections come from; it must know arrays.</param>
    /// <param name="options">How to use the server; null means the defaults. <see cref="PostgreSqlVectorStoreOptions.CommandTimeout"/> is the data source's own.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <inheritdoc cref="OpenAsync(string, PostgreSqlVectorStoreOptions?, CancellationToken)" path="/exception"/>
    public static Task<PostgreSqlVectorStore> OpenAsync(NpgsqlDataSource dataSource, PostgreSqlVectorStoreOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        return OpenAsync(dataSource, ownsSource: false, (options ?? new()).Validated(), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IVectorCollection> GetOrCreateCollectionAsync(string name, VectorCollectionDefinition definition, CancellationToken cancellationToken = default) =>
        Task.Run<IVectorCollection>(async () =>
        {
            _database.ThrowIfDisposed();
            VectorRules.CheckName(name);
            VectorRules.CheckDefinition(definition);
            PostgreSqlTable table = await _database.ReadOneAsync(connection => FindAsync(connection, name, cancellationToken), null, cancellationToken).ConfigureAwait(false)
                ?? await _database.WriteAsync(connection => CreateAsync(connection, name, definition, cancellationToken), null, isRepeatable: true, cancellationToken).ConfigureAwait(false);
            VectorRules.CheckSame(name, table.Definition, definition);
            return new PostgreSqlVectorCollection(_database, table);
        }, cancellationToken);

    /// <inheritdoc/>
    public Task<IVectorCollection?> GetCollectionAsync(string name, CancellationToken cancellationToken = default) =>
        Task.Run<IVectorCollection?>(async () =>
        {
            ArgumentNullException.ThrowIfNull(name);
            return await _database.ReadOneAsync(connection => FindAsync(connection, name, cancellationToken), null, cancellationToken).ConfigureAwait(false) is { } table
                ? new PostgreSqlVectorCollection(_database, table)
                : null;
        }, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListCollectionsAsync(CancellationToken cancellationToken = default) =>
        Task.Run<IReadOnlyList<string>>(() => _database.ReadOneAsync<IReadOnlyList<string>>(async connection =>
        {
            var names = new List<string>();
            NpgsqlCommand command = new PostgreSqlStatement().On(connection, $"SELECT name FROM {Schema}.collection");
            await using (command.ConfigureAwait(false))
            {
                NpgsqlDataReader row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
                await using (row.ConfigureAwait(false))
                {
                    while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
                        names.Add(row.GetString(0));
                }
            }

            return [.. names.Order(StringComparer.Ordinal)];
        }, null, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> DeleteCollectionAsync(string name, CancellationToken cancellationToken = default) =>
        Task.Run(() =>
        {
            ArgumentNullException.ThrowIfNull(name);
            return _database.WriteAsync(connection => DropAsync(connection, name, cancellationToken), null, isRepeatable: false, cancellationToken);
        }, cancellationToken);

    /// <inheritdoc/>
    public Task RenameCollectionAsync(string name, string newName, CancellationToken cancellationToken = default) =>
        Task.Run(async () =>
        {
            ArgumentNullException.ThrowIfNull(name);
            VectorRules.CheckName(newName);
            if (name == newName)
                return;
            await _database.WriteAsync(async connection =>
            {
                if (await FindAsync(connection, name, cancellationToken).ConfigureAwait(false) is not { } table)
                    throw VectorRules.Unknown(name);
                await DropAsync(connection, newName, cancellationToken).ConfigureAwait(false);
                var statement = new PostgreSqlStatement();
                await RunAsync(connection, statement, $"UPDATE {Schema}.collection SET name = {statement.Add(newName)} WHERE key = {statement.Add(table.Key)}", cancellationToken).ConfigureAwait(false);
                return true;
            }, null, isRepeatable: false, cancellationToken).ConfigureAwait(false);
        }, cancellationToken);

    /// <summary>Makes the index of a collection's vectors anew, by the options of this store: after <see cref="PostgreSqlVectorStoreOptions.Index"/> or its numbers were changed, or once an IVFFlat collection has its records. Writers wait meanwhile; readers do not.</summary>
    /// <param name="name">The collection's name.</param>
    /// <param name="cancellationToken">Ends the call; the index is as it was then.</param>
    /// <exception cref="ArgumentException">There is no such collection.</exception>
    /// <exception cref="VectorStoreException">The index cannot be built; the message says why.</exception>
    public Task ReindexAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        return IndexAsync(name, table => table.DropIndexes() + table.CreateIndexes(_database.Options), cancellationToken);
    }

    /// <summary>Makes the index of a collection's vectors, by the options of this store, where there is none: after a large import into a collection that was made with <see cref="PostgreSqlIndex.None"/>. Writers wait meanwhile; readers do not.</summary>
    /// <param name="name">The collection's name.</param>
    /// <param name="cancellationToken">Ends the call; there is no index then.</param>
    /// <exception cref="ArgumentException">There is no such collection.</exception>
    /// <exception cref="VectorStoreException">The index cannot be built, within <see cref="PostgreSqlVectorStoreOptions.CommandTimeout"/>; the message says why.</exception>
    public Task EnsureIndexAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        return IndexAsync(name, table => table.CreateIndexes(_database.Options), cancellationToken);
    }

    /// <summary>Closes the connections, unless the data source is the caller's. Later calls throw <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose() => _database.Dispose();

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private static async Task<PostgreSqlVectorStore> OpenAsync(NpgsqlDataSource source, bool ownsSource, PostgreSqlVectorStoreOptions options, CancellationToken cancellationToken)
    {
        var database = new PostgreSqlDatabase(source, ownsSource, options);
        try
        {
            await database.WriteAsync(async connection =>
            {
                await PrepareAsync(connection, database.Server, options, cancellationToken).ConfigureAwait(false);
                return true;
            }, null, isRepeatable: true, cancellationToken).ConfigureAwait(false);
            return new(database);
        }
        catch
        {
            await database.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async Task PrepareAsync(NpgsqlConnection connection, string server, PostgreSqlVectorStoreOptions options, CancellationToken cancellationToken)
    {
        var statement = new PostgreSqlStatement();
        NpgsqlCommand command = statement.On(connection, $"""
            SELECT current_setting('server_encoding'), EXISTS (SELECT FROM pg_extension WHERE extname = 'vector'), to_regclass({statement.Add($"{options.Schema}.collection")}) IS NOT NULL
            """);
        string encoding;
        bool hasExtension, hasTables;
        await using (command.ConfigureAwait(false))
        {
            NpgsqlDataReader row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (row.ConfigureAwait(false))
            {
                await row.ReadAsync(cancellationToken).ConfigureAwait(false);
                (encoding, hasExtension, hasTables) = (row.GetString(0), row.GetBoolean(1), row.GetBoolean(2));
            }
        }

        if (encoding != "UTF8")
            throw new VectorStoreException($"PostgreSQL at {server}: the database's encoding is {encoding}. Create one with ENCODING 'UTF8' and name it in the connection string.");
        if (!hasExtension && !options.CreateExtension)
            throw new VectorStoreException($"PostgreSQL at {server}: the extension pgvector is missing in this database. Run CREATE EXTENSION vector, or set CreateExtension.");
        if (hasExtension && hasTables)
            return;
        // Two programs that start at once would both find nothing: one waits.
        await RunAsync(connection, new(), "SELECT pg_advisory_xact_lock(5786930143327312)", cancellationToken).ConfigureAwait(false);
        await RunAsync(connection, new(), $"""
            {(hasExtension ? "" : "CREATE EXTENSION IF NOT EXISTS vector;")}
            CREATE SCHEMA IF NOT EXISTS {options.Schema};
            CREATE TABLE IF NOT EXISTS {options.Schema}.collection (
                key        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                name       text   NOT NULL UNIQUE,
                definition text   NOT NULL -- JSON
            );
            """, cancellationToken).ConfigureAwait(false);
    }

    private async Task<PostgreSqlTable> CreateAsync(NpgsqlConnection connection, string name, VectorCollectionDefinition definition, CancellationToken cancellationToken)
    {
        var statement = new PostgreSqlStatement();
        string sql = $"INSERT INTO {Schema}.collection (name, definition) VALUES ({statement.Add(name)}, {statement.Add(System.Text.Encoding.UTF8.GetString(DefinitionJson.ToUtf8(definition)), NpgsqlDbType.Text)}) ON CONFLICT (name) DO NOTHING RETURNING key";
        object? key;
        NpgsqlCommand command = statement.On(connection, sql);
        await using (command.ConfigureAwait(false))
            key = await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
        if (key is not long number) // another was quicker
            return await FindAsync(connection, name, cancellationToken).ConfigureAwait(false) ?? throw VectorRules.Removed(name);
        var table = new PostgreSqlTable(Schema, number, name, definition);
        await RunAsync(connection, new(), table.Create() + table.CreateIndexes(_database.Options), cancellationToken).ConfigureAwait(false);
        return table;
    }

    private async Task<PostgreSqlTable?> FindAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        if (name.Contains('\0', StringComparison.Ordinal))
            return null;
        var statement = new PostgreSqlStatement();
        NpgsqlCommand command = statement.On(connection, $"SELECT key, definition FROM {Schema}.collection WHERE name = {statement.Add(name)}");
        await using (command.ConfigureAwait(false))
        {
            NpgsqlDataReader row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (row.ConfigureAwait(false))
            {
                return await row.ReadAsync(cancellationToken).ConfigureAwait(false)
                    ? new(Schema, row.GetInt64(0), name, DefinitionJson.Parse(System.Text.Encoding.UTF8.GetBytes(row.GetString(1))))
                    : null;
            }
        }
    }

    private async Task<bool> DropAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        if (await FindAsync(connection, name, cancellationToken).ConfigureAwait(false) is not { } table)
            return false;
        var statement = new PostgreSqlStatement();
        await RunAsync(connection, statement, $"DELETE FROM {Schema}.collection WHERE key = {statement.Add(table.Key)}", cancellationToken).ConfigureAwait(false);
        await RunAsync(connection, new(), $"DROP TABLE IF EXISTS {table.Name}", cancellationToken).ConfigureAwait(false);
        return true;
    }

    private Task<bool> IndexAsync(string name, Func<PostgreSqlTable, string> sql, CancellationToken cancellationToken) =>
        _database.WriteAsync(async connection =>
        {
            if (await FindAsync(connection, name, cancellationToken).ConfigureAwait(false) is not { } table)
                throw VectorRules.Unknown(name);
            await RunAsync(connection, new(), sql(table), cancellationToken).ConfigureAwait(false);
            return true;
        }, name, isRepeatable: true, cancellationToken);

    private static async Task RunAsync(NpgsqlConnection connection, PostgreSqlStatement statement, string sql, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(sql))
            return;
        NpgsqlCommand command = statement.On(connection, sql);
        await using (command.ConfigureAwait(false))
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
