using Microsoft.Extensions.AI;
using static Polymodal.VectorStore.Tests.TestData;

namespace Polymodal.VectorStore.Tests;

/// <summary>What every backend does. A backend's test class inherits this one and says only how to open it. Search: VectorStoreContract.Search.cs.</summary>
public abstract partial class VectorStoreContract : IAsyncLifetime
{
    private IVectorStore? _store;

    private IVectorStore Store => _store!;

    /// <summary>An empty store.</summary>
    protected abstract Task<IVectorStore> OpenAsync();

    public async Task InitializeAsync() => _store = await OpenAsync();

    public async Task DisposeAsync() => await Store.DisposeAsync();

    private Task<IVectorCollection> CollectionAsync(VectorCollectionDefinition? definition = null) =>
        Store.GetOrCreateCollectionAsync("docs", definition ?? Definition);

    [Fact]
    public async Task A_record_comes_back_as_it_was_stored()
    {
        IVectorCollection collection = await CollectionAsync();
        VectorRecord[] records =
        [
            Record("plain", Vector(new(1))),
            Record("no text", Vector(new(2))) with { Text = null, Payload = Payload.Empty },
            Record("empty text", Vector(new(3))) with { Text = "" },
            Record("odd text", Vector(new(4))) with { Text = "a\0b\r\n'\"; DROP TABLE record; -- 😀 e\u0301 \uFFFF", Payload = new() { ["k\0\"😀"] = "\0\\v\n", [""] = "" } },
            Record("extreme", [float.MaxValue, float.MinValue, float.Epsilon, -0f, .. Vector(new(5), Dimensions - 4)]),
            Record(" id with 'quotes', \0, \n and 日本語 ", Vector(new(6))),
            Record(new string('x', 1000), Vector(new(7))),
        ];
        await collection.UpsertAsync(records);

        IReadOnlyList<VectorRecord> read = await collection.GetAsync(records.Select(record => record.Id));

        Assert.Equal(records.Length, read.Count);
        Assert.All(records.Zip(read), pair => AssertSame(pair.First, pair.Second));
        Assert.All(read, record => Assert.Equal("test/space", EmbeddingSpace.SpaceIdOf(record.Embedding)));
        Assert.All(await collection.ScanAsync().ToListAsync(), record => AssertSame(records.Single(original => original.Id == record.Id), record));
    }

    [Fact]
    public async Task Unpaired_surrogates_in_text_become_replacement_characters_and_keep_their_places()
    {
        IVectorCollection collection = await CollectionAsync();
        await collection.UpsertAsync([Record("a", Vector(new(1))) with { Text = "x\uD83Dy\uDE00z", Payload = new() { ["k"] = "\uDFFF" } }]);

        VectorRecord read = Assert.Single(await collection.GetAsync(["a"]));

        Assert.Equal("x\uFFFDy\uFFFDz", read.Text);
        Assert.Equal("\uFFFD", (string?)read.Payload["k"]);
    }

    [Fact]
    public async Task Get_follows_the_order_asked_for_and_leaves_unknown_ids_out()
    {
        IVectorCollection collection = await CollectionAsync();
        await collection.UpsertAsync(Records(1, 5).Append(Record("\uFFFD", Vector(new(2)))));

        IReadOnlyList<VectorRecord> read = await collection.GetAsync(["r00003", "unknown", "r00001", "", "\uD800", "r00003"]);

        Assert.Equal(["r00003", "r00001", "r00003"], read.Select(record => record.Id));
    }

    [Fact]
    public async Task Upsert_replaces_and_the_last_of_equal_ids_wins()
    {
        IVectorCollection collection = await CollectionAsync();
        float[] axis = [1, .. new float[Dimensions - 1]];
        await collection.UpsertAsync([Record("a", Vector(new(1))), Record("b", Vector(new(2)))]);
        await collection.SearchAsync(Query(axis), 1);

        await collection.UpsertAsync([Record("a", Vector(new(3))), Record("a", axis) with { Text = "last" }]);

        Assert.Equal(2, await collection.CountAsync());
        VectorMatch best = (await collection.SearchAsync(Query(axis), 1))[0];
        Assert.Equal(("a", "last", 1f), (best.Record.Id, best.Record.Text, best.Score));
    }

    [Fact]
    public async Task Delete_counts_what_it_removed_and_search_no_longer_finds_it()
    {
        IVectorCollection collection = await CollectionAsync();
        VectorRecord[] records = Records(1, 3000);
        await collection.UpsertAsync(records);
        await collection.SearchAsync(records[7].Embedding, 1);

        long removed = await collection.DeleteAsync([.. records.Where((_, i) => i % 3 != 0).Select(record => record.Id), "unknown", "\uD800"]);

        Assert.Equal(2000, removed);
        Assert.Equal(1000, await collection.CountAsync());
        RecordId[] left = [.. records.Where((_, i) => i % 3 == 0).Select(record => record.Id)];
        Assert.Equal(left, await collection.IdsAsync());
        Assert.Equal(left, (await collection.SearchAsync(records[7].Embedding, 5000)).Select(match => match.Record.Id).Order());
        Assert.Equal(0, await collection.DeleteAsync([records[7].Id]));
    }

    [Fact]
    public async Task Scan_is_in_the_order_of_code_points_beyond_the_basic_plane_too()
    {
        IVectorCollection collection = await CollectionAsync();
        RecordId[] ids = ["\uFFFD", "😀", "z", "Z", "é", "e\u0301", "日", "\uE000", "😀a", "a\0", "a", "a ", "10", "9"];
        await collection.UpsertAsync(ids.Select((id, i) => Record(id, Vector(new(i)))));

        Assert.Equal(ids.Order(), await collection.IdsAsync());
    }

    [Fact]
    public async Task Scan_reads_the_state_in_which_it_began()
    {
        IVectorCollection collection = await CollectionAsync();
        await collection.UpsertAsync(Records(1, 700));
        await using IAsyncEnumerator<VectorRecord> scan = collection.ScanAsync().GetAsyncEnumerator();
        Assert.True(await scan.MoveNextAsync());

        await collection.DeleteAsync(Records(1, 700).Select(record => record.Id));

        int count = 1;
        while (await scan.MoveNextAsync())
            count++;
        Assert.Equal(700, count);
        Assert.Equal(0, await collection.CountAsync());
    }

    public static TheoryData<string, VectorRecord> BadRecords => new()
    {
        { "too short", Record("bad", 1, 2, 3) },
        { "too long", Record("bad", new float[Dimensions + 1]) },
        { "no numbers", Record("bad") },
        { "NaN", Record("bad", [float.NaN, .. new float[Dimensions - 1]]) },
        { "infinity", Record("bad", [.. new float[Dimensions - 1], float.NegativeInfinity]) },
        { "empty id", Record("", new float[Dimensions]) },
        { "long id", Record(new string('x', 1001), new float[Dimensions]) },
        { "unpaired surrogate", Record("a\uD83D", new float[Dimensions]) },
        { "null in a list", Record("bad", new float[Dimensions]) with { Payload = new() { ["k"] = new string[] { null! } } } },
        { "NaN in payload", Record("bad", new float[Dimensions]) with { Payload = new() { ["k"] = double.NaN } } },
        { "no vector", new VectorRecord { Id = "bad" } },
        { "no id", Record(default, new float[Dimensions]) },
        { "unknown vector", Record("bad", new float[Dimensions]) with { Vectors = new Dictionary<string, Embedding<float>> { ["other"] = new(new float[Dimensions]) } } },
    };

    [Theory, MemberData(nameof(BadRecords), DisableDiscoveryEnumeration = true)]
    public async Task A_bad_record_is_refused_and_nothing_of_its_batch_is_stored(string fault, VectorRecord bad)
    {
        Assert.NotEmpty(fault);
        IVectorCollection collection = await CollectionAsync();
        await collection.UpsertAsync(Records(1, 2));

        ArgumentException error = await Assert.ThrowsAnyAsync<ArgumentException>(() => collection.UpsertAsync([Record("good", Vector(new(1))), bad, Record("r00000", Vector(new(9)))]));

        Assert.InRange(error.Message.Length, 20, 300);
        Assert.Equal(["r00000", "r00001"], await collection.IdsAsync());
        AssertSame(Records(1, 2)[0], (await collection.GetAsync(["r00000"]))[0]);
    }

    [Fact]
    public async Task A_vector_of_another_space_is_neither_stored_nor_searched()
    {
        IVectorCollection collection = await CollectionAsync();
        var foreign = new EmbeddingSpace { SpaceId = "other/space", Fingerprint = "f2", Dimensions = Dimensions, Metric = SimilarityMetric.Cosine, IsNormalized = false };
        VectorRecord record = Record("a", Vector(new(1)));
        foreign.Stamp(record.Embedding);

        EmbeddingSpaceMismatchException error = await Assert.ThrowsAsync<EmbeddingSpaceMismatchException>(() => collection.UpsertAsync([Record("b", Vector(new(2))), record]));
        await Assert.ThrowsAsync<EmbeddingSpaceMismatchException>(() => collection.SearchAsync(record.Embedding, 1));

        Assert.Equal(("test/space", "other/space"), (error.First, error.Second));
        Assert.Equal(0, await collection.CountAsync());
    }

    [Fact]
    public async Task Stored_records_do_not_follow_objects_of_the_caller()
    {
        IVectorCollection collection = await CollectionAsync();
        float[] vector = Vector(new(1)), original = [.. vector];
        string[] list = ["v"];
        var payload = new Payload { ["k"] = list };
        await collection.UpsertAsync([Record("a", vector) with { Payload = payload }]);

        vector[0] += 1;
        list[0] = "changed";
        (await collection.GetAsync(["a"]))[0].Embedding.AdditionalProperties![EmbeddingSpace.SpaceIdProperty] = "changed";

        VectorRecord read = (await collection.GetAsync(["a"]))[0];
        Assert.Equal(original, read.Embedding.Vector.ToArray());
        Assert.Equal(["v"], read.Payload["k"].AsList());
        Assert.Equal("test/space", EmbeddingSpace.SpaceIdOf(read.Embedding));
    }

    [Fact]
    public async Task A_source_may_use_one_buffer_for_all_its_vectors()
    {
        const int Count = 1200;
        IVectorCollection collection = await CollectionAsync();
        await collection.UpsertAsync(Records());

        int seen = 0;
        await foreach (VectorRecord read in collection.ScanAsync())
        {
            Assert.Equal(Vector(new((int)read.Id.AsInteger())), read.Embedding.Vector.ToArray());
            seen++;
        }

        Assert.Equal(Count, seen);
        VectorSearchResult found = await collection.SearchAsync(new(Vector(new(700))), new() { K = 1 });
        Assert.Equal(700, found[0].Record.Id);

        static IEnumerable<VectorRecord> Records()
        {
            var buffer = new float[Dimensions];
            for (int i = 0; i < Count; i++)
            {
                Vector(new(i)).CopyTo(buffer, 0);
                yield return new() { Id = i, Embedding = new(buffer) };
            }
        }
    }

    [Fact]
    public async Task An_empty_batch_changes_nothing()
    {
        IVectorCollection collection = await CollectionAsync();
        await collection.UpsertAsync([]);
        Assert.Equal(0, await collection.DeleteAsync([]));
        Assert.Empty(await collection.GetAsync([]));
        Assert.Equal(0, await collection.CountAsync());
    }

    [Fact]
    public async Task A_cancelled_upsert_stores_nothing()
    {
        IVectorCollection collection = await CollectionAsync();
        using var cancel = new CancellationTokenSource();
        IEnumerable<VectorRecord> Cancelling()
        {
            yield return Record("a", Vector(new(1)));
            cancel.Cancel();
            yield return Record("b", Vector(new(2)));
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => collection.UpsertAsync(Cancelling(), cancel.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => collection.SearchAsync(Query(Vector(new(1))), 1, cancel.Token));

        Assert.Equal(0, await collection.CountAsync());
        await collection.UpsertAsync([Record("c", Vector(new(3)))]);
        Assert.Equal(["c"], await collection.IdsAsync());
    }

    [Fact]
    public async Task A_source_that_fails_in_the_middle_stores_nothing()
    {
        IVectorCollection collection = await CollectionAsync();
        static IEnumerable<VectorRecord> Failing()
        {
            yield return Record("a", Vector(new(1)));
            throw new InvalidDataException("source broke");
        }

        await Assert.ThrowsAsync<InvalidDataException>(() => collection.UpsertAsync(Failing()));

        Assert.Equal(0, await collection.CountAsync());
    }

    [Fact]
    public async Task Collections_are_listed_found_and_removed()
    {
        Assert.Empty(await Store.ListCollectionsAsync());
        Assert.Null(await Store.GetCollectionAsync("b"));
        foreach (string name in (string[])["b", "a", "B", "a-1_x.y"])
            await (await Store.GetOrCreateCollectionAsync(name, Definition)).UpsertAsync(Records(1, 3));

        Assert.Equal(["B", "a", "a-1_x.y", "b"], await Store.ListCollectionsAsync());
        IVectorCollection held = (await Store.GetCollectionAsync("b"))!;
        Assert.Equal(Definition, held.Definition);
        Assert.True(await Store.DeleteCollectionAsync("b"));
        Assert.False(await Store.DeleteCollectionAsync("b"));

        Assert.Contains("'b'", (await Assert.ThrowsAsync<VectorStoreException>(() => held.SearchAsync(Query(Vector(new(1))), 1))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<VectorStoreException>(() => held.UpsertAsync(Records(1, 1)));
        await Assert.ThrowsAsync<VectorStoreException>(() => held.CountAsync());
        Assert.Equal(0, await (await Store.GetOrCreateCollectionAsync("b", Definition)).CountAsync());
        Assert.Equal(3, await (await Store.GetCollectionAsync("B"))!.CountAsync());
    }

    [Theory, InlineData(""), InlineData(" "), InlineData("a b"), InlineData("ä"), InlineData("a/b"), InlineData("a\0")]
    public async Task A_bad_collection_name_is_refused(string name) =>
        await Assert.ThrowsAsync<ArgumentException>(() => Store.GetOrCreateCollectionAsync(name, Definition));

    [Fact]
    public async Task A_collection_opens_only_with_its_own_space_dimensions_and_metric()
    {
        await CollectionAsync();

        await Assert.ThrowsAsync<EmbeddingSpaceMismatchException>(() => CollectionAsync(new(OneVector with { SpaceId = "other" })));
        Assert.Contains("24", (await Assert.ThrowsAsync<ArgumentException>(() => CollectionAsync(new(OneVector with { Dimensions = 25 })))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => CollectionAsync(new(OneVector with { Metric = SimilarityMetric.Euclidean })));
        await Assert.ThrowsAsync<ArgumentException>(() => CollectionAsync(new(OneVector with { Dimensions = 0 })));
        await Assert.ThrowsAsync<ArgumentException>(() => CollectionAsync(new(OneVector with { SpaceId = " " })));
        await Assert.ThrowsAsync<ArgumentException>(() => CollectionAsync(new(OneVector with { Metric = (SimilarityMetric)9 })));

        IVectorCollection reopened = await CollectionAsync(new(OneVector with { Fingerprint = "another precision" }));
        Assert.Equal(Definition, reopened.Definition);
    }

    [Fact]
    public async Task Disposing_twice_is_allowed_and_later_calls_say_so()
    {
        IVectorCollection collection = await CollectionAsync();
        Store.Dispose();
        await Store.DisposeAsync();
        Store.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => collection.CountAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => collection.UpsertAsync(Records(1, 1)));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => CollectionAsync());
    }
}
