using System.Net;
using System.Text.Json;
using static Polymodal.VectorStore.Tests.TestData;

namespace Polymodal.VectorStore.Tests.Qdrant;

/// <summary>What the contract does not say: faults, and what is sent. All against the fake.</summary>
public sealed class QdrantServerTests : IDisposable
{
    private readonly FakeQdrant _fake = new();
    private readonly HttpClient _client;

    public QdrantServerTests() => _client = new(_fake);

    public void Dispose() => _client.Dispose();

    private QdrantVectorStore Store(Action<QdrantVectorStoreOptions>? configure = null)
    {
        var options = new QdrantVectorStoreOptions { Endpoint = new("http://fake:6333/"), Retries = 0, ApiKey = "s3cret" };
        configure?.Invoke(options);
        return new(_client, options);
    }

    [Theory]
    [InlineData(401, "API key")]
    [InlineData(403, "API key")]
    [InlineData(413, "smaller batches")]
    [InlineData(429, "Lower the load")]
    [InlineData(503, "answered 503")]
    [InlineData(400, "Wrong input")]
    public async Task An_answer_that_is_an_error_says_what_to_do(int status, string advice)
    {
        _fake.Before = _ => FakeQdrant.Message((HttpStatusCode)status, """{"status":{"error":"Wrong input: Vector dimension error: expected dim: 4, got 3"},"time":0.0}""");
        VectorStoreException error = await Assert.ThrowsAsync<VectorStoreException>(() => Store().ListCollectionsAsync());
        Assert.Contains(advice, error.Message, StringComparison.Ordinal);
        Assert.Contains("fake:6333", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error.ToString(), StringComparison.Ordinal);
    }

    [Theory, InlineData("<html>"), InlineData("[]"), InlineData("{}"), InlineData("")]
    public async Task What_does_not_answer_like_Qdrant_is_named(string answer)
    {
        _fake.Before = _ => FakeQdrant.Message(HttpStatusCode.OK, answer);
        Assert.Contains("does not answer like Qdrant", (await Assert.ThrowsAsync<VectorStoreException>(() => Store().ListCollectionsAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_gone_or_silent_is_given_up_in_bounded_time()
    {
        _fake.Before = _ => throw new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused");
        Assert.Contains("cannot be reached", (await Assert.ThrowsAsync<VectorStoreException>(() => Store().ListCollectionsAsync())).Message, StringComparison.Ordinal);

        using var silent = new HttpClient(new SilentHandler());
        using var store = new QdrantVectorStore(silent, new() { Endpoint = new("http://fake:6333"), Timeout = TimeSpan.FromMilliseconds(50), Retries = 3 });
        Assert.Contains("did not answer within 0.05 s", (await Assert.ThrowsAsync<VectorStoreException>(() => store.ListCollectionsAsync()).WaitAsync(TimeSpan.FromMinutes(1))).Message, StringComparison.Ordinal);
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.ListCollectionsAsync(cancel.Token));
    }

    [Fact]
    public async Task A_restarting_server_is_tried_again()
    {
        using QdrantVectorStore store = Store(options => options.Retries = 2);
        IVectorCollection docs = await store.GetOrCreateCollectionAsync("docs", Definition);
        int calls = 0;
        _fake.Before = _ => ++calls switch
        {
            1 => FakeQdrant.Message(HttpStatusCode.ServiceUnavailable, ""),
            2 => throw new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused"),
            _ => null,
        };

        await docs.UpsertAsync(Records(1, 5));

        Assert.Equal((3, 5), (calls, await docs.CountAsync()));
    }

    [Fact]
    public async Task A_write_that_is_taken_but_not_applied_is_an_error()
    {
        IVectorCollection docs = await Store().GetOrCreateCollectionAsync("docs", Definition);
        _fake.Before = _ => FakeQdrant.Message(HttpStatusCode.OK, """{"result":{"operation_id":1,"status":"wait_timeout"},"status":"ok","time":0.0}""");
        Assert.Contains("has not applied it", (await Assert.ThrowsAsync<VectorStoreException>(() => docs.UpsertAsync(Records(1, 5)))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_batch_beyond_one_request_says_how_much_of_it_was_stored()
    {
        IVectorCollection docs = await Store().GetOrCreateCollectionAsync("docs", Definition);
        VectorRecord[] large = [.. Records(1, 5).Select(record => record with { Text = new string('.', 9_000_000) })];
        int writes = 0;
        _fake.Before = request => request.Method == HttpMethod.Put && ++writes == 2 ? FakeQdrant.Message(HttpStatusCode.InternalServerError, "{}") : null;

        VectorStoreException error = await Assert.ThrowsAsync<VectorStoreException>(() => docs.UpsertAsync(large));

        Assert.StartsWith("2 of 5 records were stored", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, await docs.CountAsync());
        await docs.UpsertAsync(large);
        Assert.Equal(5, await docs.CountAsync());
    }

    [Fact]
    public async Task Key_shards_and_copies_are_sent()
    {
        string? key = null;
        JsonElement created = default;
        _fake.Before = request =>
        {
            key = request.Headers.GetValues("api-key").Single();
            if (request.Method == HttpMethod.Put && request.RequestUri!.AbsolutePath.Split('/').Length == 3 && request.RequestUri.AbsolutePath.Contains('-', StringComparison.Ordinal))
                created = JsonDocument.Parse(request.Content!.ReadAsStream()).RootElement;
            return null;
        };
        await Store(options => (options.ShardNumber, options.ReplicationFactor, options.WriteConsistencyFactor, options.VectorsOnDisk) = (3, 2, 1, true)).GetOrCreateCollectionAsync("docs", Definition);

        Assert.Equal("s3cret", key);
        Assert.Equal((3, 2, 1), (created.GetProperty("shard_number").GetInt32(), created.GetProperty("replication_factor").GetInt32(), created.GetProperty("write_consistency_factor").GetInt32()));
        Assert.True(created.GetProperty("vectors").GetProperty("(default)").GetProperty("on_disk").GetBoolean());
    }

    [Fact]
    public async Task An_approximate_search_by_ranks_is_fused_by_the_server_in_one_request()
    {
        IVectorCollection collection = await Store().GetOrCreateCollectionAsync("docs", DefinitionOf(2));
        await collection.UpsertAsync([Record("near", 1, 0), Record("both", 0.9f, 0.1f) with { Text = "wolf" }, Record("words", 0, 1) with { Text = "a wolf" }, Record("far", -1, 0) with { Text = null }]);
        _fake.Requests.Clear();
        VectorSearchResult found = await collection.SearchHybridAsync(Query(1, 0), "Wolf", HybridFusion.Ranks(), new() { K = 3, Mode = VectorSearchMode.Approximate, Filter = VectorFilter.Not(VectorFilter.Equal("of", "far")) });

        Assert.EndsWith("/points/query", Assert.Single(_fake.Requests), StringComparison.Ordinal);
        Assert.Equal(2, _fake.LastBody.GetProperty("prefetch").GetArrayLength());
        Assert.False(found.IsExact);
        Assert.Equal("both", found[0].Record.Id);
        Assert.Equal((1 / 62f + 1 / 61f) / 2, found[0].Score, 1e-6f);
        Assert.Equal(["both", "near", "words"], found.Select(match => match.Record.Id.AsText()).Order(StringComparer.Ordinal));

        VectorSearchResult exact = await collection.SearchHybridAsync(Query(1, 0), "Wolf", HybridFusion.Ranks());
        Assert.True(exact.IsExact);
    }

    [Fact]
    public async Task A_long_scan_is_ordered_and_complete()
    {
        IVectorCollection collection = await Store().GetOrCreateCollectionAsync("docs", DefinitionOf(2));
        VectorRecord[] records = Records(1, 2500, 2);
        await collection.UpsertAsync(records);
        List<VectorRecord> read = await collection.ScanAsync(after: "r00099").ToListAsync();
        Assert.Equal(records.Skip(100).Select(record => record.Id), read.Select(record => record.Id));
        Assert.All(records.Skip(100).Zip(read), pair => AssertSame(pair.First, pair.Second));
    }

    [Fact]
    public async Task Long_vectors_for_the_dot_product_are_compared_exactly()
    {
        IVectorCollection collection = await Store().GetOrCreateCollectionAsync("docs", DefinitionOf(2, SimilarityMetric.DotProduct));
        await collection.UpsertAsync([Record("small", 1, 0), Record("long", 1e20f, 1e20f), Record("longer", 3e38f, 0)]);
        Assert.Equal([("longer", 3e38f), ("long", 1e20f), ("small", 1f)], (await collection.SearchAsync(Query(1, 0))).Select(match => (match.Record.Id.AsText(), match.Score)));
        Assert.Equal(["long"], (await collection.SearchAsync(Query(1e30f, 1e30f), new VectorSearchOptions { K = 1, Filter = VectorFilter.Not(VectorFilter.Equal("of", "longer")) })).Select(match => match.Record.Id));
    }

    [Fact]
    public void The_published_interface_refuses_what_is_not_in_it()
    {
        JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
        void Check(string method, string path, string? body) => QdrantInterface.Published.Check(new(method), new("http://x" + path), body is null ? null : Json(body));
        Check("POST", "/collections/a/points/count", """{"exact": true}""");
        foreach ((string method, string path, string? body) in (IEnumerable<(string, string, string?)>)
        [
            ("POST", "/collections/a/points/count", """{"exakt": true}"""), ("POST", "/collections/a/points/count", """{"exact": "yes"}"""), ("POST", "/collections/a/points/counts", "{}"),
            ("PUT", "/collections/a/points?wait=true", """{"points": [{"id": "no uuid", "payload": {}}]}"""), ("PUT", "/collections/a/points?now=true", """{"points": []}"""), ("GET", "/collections", "{}"), ("POST", "/collections/a/points/count", null),
        ])
            Assert.Throws<InvalidOperationException>(() => Check(method, path, body));
    }

    [Fact]
    public void Options_out_of_range_are_named()
    {
        foreach ((string name, Action<QdrantVectorStoreOptions> change) in (IEnumerable<(string, Action<QdrantVectorStoreOptions>)>)
        [
            ("ShardNumber", options => options.ShardNumber = 0), ("SearchCandidates", options => options.SearchCandidates = 100_001), ("Retries", options => options.Retries = 11), ("Timeout", options => options.Timeout = TimeSpan.Zero),
        ])
            Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(() => Store(change)).ParamName);
        Assert.Equal("Endpoint", Assert.Throws<ArgumentException>(() => Store(options => options.Endpoint = new("ftp://x"))).ParamName);
        Assert.Throws<ArgumentException>(() => Store(options => options.Prefix = "a b"));
    }

    private sealed class SilentHandler : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return null!;
        }
    }
}
