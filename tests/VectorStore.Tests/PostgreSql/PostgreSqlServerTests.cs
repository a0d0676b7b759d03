#if !WITHOUT_POSTGRESQL
using Npgsql;
using static Polymodal.VectorStore.Tests.TestData;

namespace Polymodal.VectorStore.Tests.PostgreSql;

/// <summary>What the contract does not say, against a real server.</summary>
[Collection("PostgreSQL")]
public sealed class PostgreSqlServerTests : IAsyncLifetime, IDisposable
{
    private readonly string _schema = PostgreSqlServer.NewSchema();
    private CuttingProxy _proxy = null!;
    private string _connectionString = "";

    public async Task InitializeAsync()
    {
        var builder = new NpgsqlConnectionStringBuilder(await PostgreSqlServer.ConnectionStringAsync());
        _proxy = new(builder.Host!, builder.Port);
        (builder.Host, builder.Port) = ("127.0.0.1", _proxy.Port);
        _connectionString = builder.ConnectionString;
    }

    public Task DisposeAsync() => PostgreSqlServer.RunAsync($"DROP SCHEMA IF EXISTS {_schema} CASCADE");

    public void Dispose() => _proxy.Dispose();

    private Task<PostgreSqlVectorStore> OpenAsync(int retries = 3) =>
        PostgreSqlVectorStore.OpenAsync(_connectionString, new() { Schema = _schema, Retries = retries, UseCopy = PostgreSqlServer.Named is not null, Index = PostgreSqlIndex.None });

    [Fact]
    public async Task Calls_go_on_after_the_server_cut_all_connections()
    {
        await using PostgreSqlVectorStore store = await OpenAsync();
        IVectorCollection docs = await store.GetOrCreateCollectionAsync("docs", Definition);
        await docs.UpsertAsync(Records(1, 10));

        _proxy.Cut();
        Assert.Equal(10, await docs.CountAsync());
        _proxy.Cut();
        await docs.UpsertAsync(Records(2, 20));
        _proxy.Cut();
        Assert.Equal(20, (await docs.SearchAsync(Query(Vector(new(1))), 100)).Count);
    }

    [Fact]
    public async Task A_batch_whose_connection_breaks_in_the_middle_is_an_error_and_leaves_nothing()
    {
        await using PostgreSqlVectorStore store = await OpenAsync(retries: 0);
        IVectorCollection docs = await store.GetOrCreateCollectionAsync("docs", Definition);
        await docs.UpsertAsync(Records(1, 10));

        _proxy.CutAfter(40_000);
        VectorStoreException error = await Assert.ThrowsAsync<VectorStoreException>(() => docs.UpsertAsync(Records(2, 1000)));

        Assert.Contains("writing the same records again is safe", error.Message, StringComparison.Ordinal);
        await using PostgreSqlVectorStore other = await PostgreSqlServer.OpenAsync(_schema);
        IVectorCollection same = (await other.GetCollectionAsync("docs"))!;
        Assert.Equal(10, await same.CountAsync());
        AssertSame(Records(1, 10)[3], (await same.GetAsync("r00003"))!);
    }

    [Fact]
    public async Task A_batch_whose_connection_breaks_in_the_middle_is_stored_by_the_next_try()
    {
        await using PostgreSqlVectorStore store = await OpenAsync();
        IVectorCollection docs = await store.GetOrCreateCollectionAsync("docs", Definition);
        int before = _proxy.Connections;

        _proxy.CutAfter(40_000);
        await docs.UpsertAsync(Records(2, 1000));

        Assert.True(_proxy.Connections > before);
        Assert.Equal(1000, await docs.CountAsync());
    }

    [Fact]
    public async Task A_collection_whose_table_has_other_dimensions_is_an_error_that_changes_nothing()
    {
        await using PostgreSqlVectorStore store = await OpenAsync();
        IVectorCollection docs = await store.GetOrCreateCollectionAsync("docs", Definition);
        await docs.UpsertAsync(Records(1, 3));
        await PostgreSqlServer.RunAsync($"ALTER TABLE {_schema}.record_1 ADD CONSTRAINT tampered CHECK (vector_dims(v0) <> 24) NOT VALID");

        Assert.Contains("Nothing was changed", (await Assert.ThrowsAsync<VectorStoreException>(() => docs.UpsertAsync(Records(2, 5)))).Message, StringComparison.Ordinal);
        Assert.Equal(3, await docs.CountAsync());
    }

    [Theory, InlineData(PostgreSqlIndex.Hnsw), InlineData(PostgreSqlIndex.IvfFlat)]
    public async Task An_index_finds_most_of_the_nearest_and_says_that_it_was_used(PostgreSqlIndex index)
    {
        await using PostgreSqlVectorStore store = await PostgreSqlServer.OpenAsync(_schema, options => (options.Index, options.IvfLists) = (index, 10));
        IVectorCollection docs = await store.GetOrCreateCollectionAsync("docs", Definition);
        VectorRecord[] records = [.. Records(1, 1500).Select((record, i) => record with { Payload = new() { ["i"] = i } })];
        await docs.UpsertAsync(records);
        await store.ReindexAsync("docs");
        VectorFilter filter = VectorFilter.Range("i", 500, default);
        int right = 0;
        for (int seed = 0; seed < 10; seed++)
        {
            var query = Query(Vector(new(seed)));
            VectorSearchResult exact = await docs.SearchAsync(query, new VectorSearchOptions { Filter = filter });
            VectorSearchResult found = await docs.SearchAsync(query, new VectorSearchOptions { Filter = filter, Mode = VectorSearchMode.Approximate });
            Assert.StartsWith(index == PostgreSqlIndex.Hnsw ? "HNSW" : "IVFFlat", found.Approximation, StringComparison.Ordinal);
            Assert.All(found, match => Assert.True(filter.Matches(match.Record)));
            right += found.Select(match => match.Record.Id).Intersect(exact.Select(match => match.Record.Id)).Count();
        }

        Assert.InRange(right, 80, 100);
        await Assert.ThrowsAsync<ArgumentException>(() => store.ReindexAsync("absent"));
    }

    [Fact]
    public async Task An_index_is_made_after_an_import_and_only_once()
    {
        await using (PostgreSqlVectorStore bare = await OpenAsync())
            await (await bare.GetOrCreateCollectionAsync("docs", Definition)).UpsertAsync(Records(1, 50));
        await using PostgreSqlVectorStore store = await PostgreSqlServer.OpenAsync(_schema, options => options.Index = PostgreSqlIndex.Hnsw);
        IVectorCollection docs = (await store.GetCollectionAsync("docs"))!;
        var approximate = new VectorSearchOptions { Mode = VectorSearchMode.Approximate };
        Assert.Null((await docs.SearchAsync(Query(Vector(new(2))), approximate)).Approximation);

        await store.EnsureIndexAsync("docs");
        string before = await PostgreSqlServer.ScalarAsync($"SELECT string_agg(indexrelid::text, ',') FROM pg_index WHERE indrelid = '{_schema}.record_1'::regclass");
        await store.EnsureIndexAsync("docs");

        Assert.StartsWith("HNSW", (await docs.SearchAsync(Query(Vector(new(2))), approximate)).Approximation, StringComparison.Ordinal);
        Assert.Equal(before, await PostgreSqlServer.ScalarAsync($"SELECT string_agg(indexrelid::text, ',') FROM pg_index WHERE indrelid = '{_schema}.record_1'::regclass"));
        await Assert.ThrowsAsync<ArgumentException>(() => store.EnsureIndexAsync("absent"));
    }

    [Fact]
    public async Task Long_texts_words_and_ids_are_stored_and_found()
    {
        await using PostgreSqlVectorStore store = await OpenAsync();
        IVectorCollection docs = await store.GetOrCreateCollectionAsync("docs", Definition);
        var random = new Random(1);
        string word = string.Concat(Enumerable.Range(0, 5000).Select(_ => (char)random.Next('a', 'z' + 1))), id = string.Concat(Enumerable.Range(0, 1000).Select(_ => (char)random.Next(0x4E00, 0x9FFF)));
        string text = string.Concat(Enumerable.Repeat("the quick brown fox ", 60_000)) + word;
        await docs.UpsertAsync([Record(id, Vector(new(1))) with { Text = text, Payload = new() { ["long"] = new string('日', 20_000) + word } }, Record("b", Vector(new(2)))]);

        Assert.Equal(id, (await docs.SearchTextAsync(word))[0].Record.Id);
        Assert.Equal(text, (await docs.GetAsync(id))!.Text);
        Assert.Equal(1, await docs.CountAsync(VectorFilter.StartsWith("long", new string('日', 9_000))));
        Assert.Equal([id], (await docs.ScanAsync(VectorFilter.HasWords("fox " + word)).ToListAsync()).Select(record => record.Id));
    }
}
#endif
