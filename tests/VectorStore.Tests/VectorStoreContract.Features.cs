using Microsoft.Extensions.AI;
using static Polymodal.VectorStore.Tests.TestData;

namespace Polymodal.VectorStore.Tests;

public abstract partial class VectorStoreContract
{
    [Fact]
    public async Task Ids_of_all_kinds_come_back_and_are_ordered_numbers_texts_guids()
    {
        IVectorCollection collection = await CollectionAsync();
        RecordId[] ordered =
        [
            long.MinValue, -1, 0, 42, 1L << 53, (1L << 53) + 1, long.MaxValue,
            "\u0001i42", "0", "42", "a", "a\0", "\uFFFD", "😀",
            Guid.Empty, Guid.Parse("00000000-0000-0000-0000-0000000000ff"), Guid.Parse("0a000000-0000-0000-0000-000000000000"), Guid.Parse("fa000000-0000-0000-0000-000000000000"),
        ];
        float[] vector = Vector(new(1));
        await collection.UpsertAsync(ordered.Reverse().Select(id => Record(id, vector)));

        Assert.Equal(ordered, await collection.IdsAsync());
        Assert.Equal(ordered, (await collection.SearchAsync(Query(vector), ordered.Length)).Select(match => match.Record.Id));
        Assert.Equal([42, "42"], (await collection.GetAsync([42, "42", 43, Guid.NewGuid()])).Select(record => record.Id));
        Assert.Equal(1, await collection.DeleteAsync([42]));
        Assert.NotNull(await collection.GetAsync("42"));
        Assert.Null(await collection.GetAsync(42));
    }

    [Fact]
    public async Task Payloads_keep_their_types()
    {
        IVectorCollection collection = await CollectionAsync();
        var payload = new Payload
        {
            ["text"] = "5",
            ["integer"] = 5,
            ["large"] = long.MaxValue,
            ["whole number"] = 5.0,
            ["number"] = -0.1,
            ["tiny"] = double.Epsilon,
            ["huge"] = double.MaxValue,
            ["true"] = true,
            ["false"] = false,
            ["time"] = new DateTimeOffset(2026, 1, 31, 23, 59, 59, TimeSpan.FromHours(-5)).AddTicks(1),
            ["list"] = new[] { "b", "", "a", "😀\0" },
            ["empty list"] = Array.Empty<string>(),
            [""] = "",
        };
        await collection.UpsertAsync([Record("a", Vector(new(1))) with { Payload = payload }]);

        Payload read = (await collection.GetAsync("a"))!.Payload;

        Assert.Equal(payload.Keys.Order(StringComparer.Ordinal), read.Keys.Order(StringComparer.Ordinal));
        Assert.All(payload, pair => Assert.Equal((pair.Value.Kind, pair.Value), (read[pair.Key].Kind, read[pair.Key])));
        Assert.Equal(TimeSpan.Zero, ((DateTimeOffset)read["time"]).Offset);
        Assert.Equal(PayloadKind.None, read["absent"].Kind);
    }

    [Fact]
    public async Task Named_vectors_are_stored_and_searched_each_in_its_own_space()
    {
        var definition = new VectorCollectionDefinition(
        [
            new("picture", new() { SpaceId = "test/pictures", Dimensions = 2, Metric = SimilarityMetric.DotProduct }),
            new("text", new() { SpaceId = "test/texts", Dimensions = 3 }),
        ]);
        IVectorCollection collection = await CollectionAsync(definition);
        VectorRecord Named(string id, float[]? picture, float[]? text)
        {
            var vectors = new Dictionary<string, Embedding<float>>();
            if (picture is not null)
                vectors["picture"] = new(picture);
            if (text is not null)
                vectors["text"] = new(text);
            return new() { Id = id, Vectors = vectors };
        }

        VectorRecord[] records = [Named("both", [1, 2], [1, 0, 0]), Named("picture only", [5, 5], null), Named("text only", null, [1, 1, 0])];
        await collection.UpsertAsync(records);

        Assert.All(await collection.GetAsync(records.Select(record => record.Id)), read => AssertSame(records.Single(record => record.Id == read.Id), read));
        Assert.Equal("test/pictures", EmbeddingSpace.SpaceIdOf((await collection.GetAsync("both"))!.Vectors["picture"]));
        Assert.Equal([("picture only", 10f), ("both", 3f)],
            (await collection.SearchAsync(Query(1, 1), new VectorSearchOptions { VectorName = "picture" })).Select(match => (match.Record.Id.AsText(), match.Score)));
        Assert.Equal(["both", "text only"], (await collection.SearchAsync(Query(1, 0, 0), new VectorSearchOptions { VectorName = "text" })).Select(match => match.Record.Id));
        Assert.Contains("'picture', 'text'", (await Assert.ThrowsAsync<ArgumentException>(() => collection.SearchAsync(Query(1, 1)))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => CollectionAsync(new(definition.Vectors.Take(1))));

        await collection.UpsertAsync([Named("both", null, [0, 0, 1])]);
        Assert.Equal(["picture only"], (await collection.SearchAsync(Query(1, 1), new VectorSearchOptions { VectorName = "picture" })).Select(match => match.Record.Id));
        Assert.Equal(definition, (await Store.GetCollectionAsync("docs"))!.Definition);
    }

    [Theory, InlineData(SimilarityMetric.Cosine), InlineData(SimilarityMetric.Euclidean)]
    public async Task A_filter_an_offset_and_a_bound_cut_the_full_ranking(SimilarityMetric metric)
    {
        IVectorCollection collection = await CollectionAsync(DefinitionOf(Dimensions, metric));
        await collection.UpsertAsync(Records(1, 600).Select((record, i) => record with { Payload = new() { ["i"] = i } }));
        Embedding<float> query = Query(Vector(new(9)));
        List<VectorMatch> full = [.. await collection.SearchAsync(query, 600)];
        VectorFilter filter = VectorFilter.Range("i", 100, 250, excludeMax: true);
        VectorMatch[] inside = [.. full.Where(match => filter.Matches(match.Record))];
        Assert.Equal(150, inside.Length);

        VectorSearchResult found = await collection.SearchAsync(query, new VectorSearchOptions { K = 20, Offset = 15, Filter = filter, MinScore = inside[30].Score });

        Assert.True(found.IsExact);
        Assert.Equal(inside[15..31].Select(match => (match.Record.Id, match.Score)), found.Select(match => (match.Record.Id, match.Score)));
        Assert.Empty(await collection.SearchAsync(query, new VectorSearchOptions { Offset = 600 }));
        Assert.Empty(await collection.SearchAsync(query, new VectorSearchOptions { Filter = VectorFilter.Equal("i", "5") }));
        Assert.Equal(full[590..].Select(match => match.Record.Id), (await collection.SearchAsync(query, new VectorSearchOptions { K = int.MaxValue, Offset = 590 })).Select(match => match.Record.Id));
    }

    [Fact]
    public async Task An_approximate_search_says_how_it_was_found_or_is_exact()
    {
        IVectorCollection collection = await CollectionAsync();
        await collection.UpsertAsync(Records(1, 2000));
        Embedding<float> query = Query(Vector(new(9)));
        VectorSearchResult exact = await collection.SearchAsync(query), found = await collection.SearchAsync(query, new VectorSearchOptions { Mode = VectorSearchMode.Approximate });

        Assert.True(exact.IsExact);
        Assert.Equal(10, found.Count);
        Assert.Equal(found.IsExact, found.Approximation is null);
        Assert.True(found.Select(match => match.Record.Id).Intersect(exact.Select(match => match.Record.Id)).Count() >= 8);
        Dictionary<RecordId, float> all = (await collection.SearchAsync(query, 2000)).ToDictionary(match => match.Record.Id, match => match.Score);
        Assert.All(found, match => Assert.Equal(all[match.Record.Id], match.Score)); // scores are exact whatever was searched
    }

    [Theory, InlineData(0, 0, null), InlineData(1, -1, null), InlineData(1, 0, float.NaN)]
    public async Task Options_out_of_range_are_refused(int k, int offset, float? minScore)
    {
        IVectorCollection collection = await CollectionAsync();
        var options = new VectorSearchOptions { K = k, Offset = offset, MinScore = minScore };
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => collection.SearchAsync(Query(Vector(new(1))), options));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => collection.SearchTextAsync("a", options));
    }

    [Theory, MemberData(nameof(Filters), DisableDiscoveryEnumeration = true)]
    public async Task Every_use_of_a_filter_means_what_Matches_says(string name, VectorFilter filter)
    {
        Assert.NotEmpty(name);
        IVectorCollection collection = await CollectionAsync();
        VectorRecord[] records = [.. FilteredPayloads.Select((payload, i) => Record($"r{i:D2}", Vector(new(i))) with { Payload = payload, Text = FilteredTexts[i % FilteredTexts.Length] })];
        await collection.UpsertAsync(records);
        RecordId[] expected = [.. records.Where(record => filter.Matches(record)).Select(record => record.Id)];

        Assert.Equal(expected, (await collection.ScanAsync(filter).ToListAsync()).Select(record => record.Id));
        Assert.Equal(expected.Length, await collection.CountAsync(filter));
        Assert.Equal(expected, (await collection.SearchAsync(Query(Vector(new(99))), new VectorSearchOptions { K = 100, Filter = filter })).Select(match => match.Record.Id).Order());
        Assert.Equal(
            (await collection.SearchTextAsync("brown fox", new() { K = 100 })).Where(match => filter.Matches(match.Record)).Select(match => (match.Record.Id, match.Score)),
            (await collection.SearchTextAsync("brown fox", new() { K = 100, Filter = filter })).Select(match => (match.Record.Id, match.Score)));
        Assert.Equal(expected.Length, await collection.DeleteAsync(filter));
        Assert.Equal(records.Select(record => record.Id).Except(expected), await collection.IdsAsync());
        Assert.Equal(records.Length - expected.Length, (await collection.SearchAsync(Query(Vector(new(99))), 100)).Count);
    }

    [Fact]
    public async Task Pages_follow_one_another_by_the_last_id()
    {
        IVectorCollection collection = await CollectionAsync();
        await collection.UpsertAsync(Records(1, 700).Append(Record(7, Vector(new(1)))));
        RecordId[] all = await collection.IdsAsync();
        var paged = new List<RecordId>();
        RecordId? last = null;
        while (true)
        {
            List<VectorRecord> page = await collection.ScanAsync(after: last).Take(64).ToListAsync();
            if (page.Count == 0)
                break;
            paged.AddRange(page.Select(record => record.Id));
            last = page[^1].Id;
        }

        Assert.Equal(all, paged);
        Assert.Equal(["r00699"], (await collection.ScanAsync(after: "r00698x").ToListAsync()).Select(record => record.Id));
        Assert.Empty(await collection.ScanAsync(after: Guid.Empty).ToListAsync());
    }

    [Fact]
    public async Task A_renamed_collection_takes_the_place_of_another()
    {
        IVectorCollection old = await CollectionAsync();
        await old.UpsertAsync(Records(1, 3));
        await (await Store.GetOrCreateCollectionAsync("docs.next", new(OneVector with { SpaceId = "new/space" }))).UpsertAsync(Records(2, 5));

        await Store.RenameCollectionAsync("docs.next", "docs");

        Assert.Equal(["docs"], await Store.ListCollectionsAsync());
        IVectorCollection now = (await Store.GetCollectionAsync("docs"))!;
        Assert.Equal(("docs", "new/space", 5), (now.Name, now.Definition.Vector.SpaceId, await now.CountAsync()));
        Assert.Equal(5, (await now.SearchAsync(Query(Vector(new(1))))).Count);
        await Assert.ThrowsAsync<VectorStoreException>(() => old.UpsertAsync(Records(1, 1)));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.RenameCollectionAsync("docs.next", "x"));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.RenameCollectionAsync("docs", "a b"));
        await Store.RenameCollectionAsync("docs", "docs");
        Assert.Equal(5, await now.CountAsync());
    }

    [Fact]
    public async Task A_collection_keeps_its_probes()
    {
        VectorDefinition probed = OneVector with { Probes = [new("text-1", Vector(new(1), Dimensions * 32)), new("picture-1", Vector(new(2), Dimensions * 2))] };
        await CollectionAsync(new(probed));
        Assert.Equal(probed, (await Store.GetCollectionAsync("docs"))!.Definition.Vector);
        Assert.Equal(probed, (await CollectionAsync()).Definition.Vector);
    }

    public static TheoryData<string, VectorFilter> Filters => new()
    {
        { "all", VectorFilter.All },
        { "none", VectorFilter.Or() },
        { "text", VectorFilter.Equal("k", "a") },
        { "text like a number", VectorFilter.Equal("k", "5") },
        { "integer", VectorFilter.Equal("k", 5) },
        { "number equal to an integer", VectorFilter.Equal("k", 5.0) },
        { "beyond double", VectorFilter.Equal("k", (1L << 53) + 1) },
        { "above a double", VectorFilter.Range("k", 9007199254740992.0, default, excludeMin: true) },
        { "boolean", VectorFilter.Equal("k", true) },
        { "time in another zone", VectorFilter.Equal("k", new DateTimeOffset(2026, 1, 1, 2, 0, 0, TimeSpan.FromHours(2))) },
        { "any of", VectorFilter.AnyOf("k", "b", 5, false) },
        { "any of nothing", VectorFilter.AnyOf("k") },
        { "not equal", VectorFilter.Not(VectorFilter.Equal("k", "a")) },
        { "exists", VectorFilter.Exists("k") },
        { "missing", VectorFilter.Not(VectorFilter.Exists("k")) },
        { "range of numbers", VectorFilter.Range("k", 4.5, 6) },
        { "open range of numbers", VectorFilter.Range("k", 5, 6, excludeMin: true) },
        { "range of texts", VectorFilter.Range("k", "B", "b") },
        { "range beyond the basic plane", VectorFilter.Range("k", "\uFFFD", default) },
        { "range of times", VectorFilter.Range("k", default, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)) },
        { "range of booleans", VectorFilter.Range("k", false, default, excludeMin: true) },
        { "range over mixed kinds", VectorFilter.Range("k", 1, "z") },
        { "prefix", VectorFilter.StartsWith("k", "a") },
        { "prefix with wildcards", VectorFilter.StartsWith("k", "a%_*") },
        { "empty prefix", VectorFilter.StartsWith("k", "") },
        { "quotes", VectorFilter.Equal("k'); DROP TABLE record; --", "'\"\0") },
        { "dotted key", VectorFilter.Exists("a.b[0].\"c\"") },
        { "empty key", VectorFilter.Exists("") },
        { "words", VectorFilter.HasWords("FOX the") },
        { "words of syntax", VectorFilter.HasWords("\"fox\" AND NOT the* OR (") },
        { "no words", VectorFilter.HasWords("?!") },
        { "not words", VectorFilter.Not(VectorFilter.HasWords("fox")) },
        { "and, or, not", VectorFilter.And(VectorFilter.Or(VectorFilter.Exists("k"), VectorFilter.HasWords("dog")), VectorFilter.Not(VectorFilter.Equal("k", 5))) },
    };

    private static readonly string?[] FilteredTexts = ["The quick brown fox", "the fóx's dog AND not or", null, "", "brown brown bear", "日本語 fox"];

    private static readonly Payload[] FilteredPayloads =
    [
        Payload.Empty, new() { ["k"] = "a" }, new() { ["k"] = "A" }, new() { ["k"] = "ab" }, new() { ["k"] = "a%_*x" }, new() { ["k"] = "b" }, new() { ["k"] = "" },
        new() { ["k"] = "5" }, new() { ["k"] = 5 }, new() { ["k"] = 5.0 }, new() { ["k"] = 5.5 }, new() { ["k"] = -5 }, new() { ["k"] = 1L << 53 }, new() { ["k"] = (1L << 53) + 1 },
        new() { ["k"] = 9007199254740992.0 }, new() { ["k"] = 1e300 }, new() { ["k"] = true }, new() { ["k"] = false }, new() { ["k"] = 1 }, new() { ["k"] = 0 },
        new() { ["k"] = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero) }, new() { ["k"] = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.FromHours(1)) },
        new() { ["k"] = "2026-01-01T00:00:00.0000000+00:00" }, new() { ["k"] = new[] { "x", "a" } }, new() { ["k"] = new[] { "b" } }, new() { ["k"] = Array.Empty<string>() },
        new() { ["k"] = "\uFFFD" }, new() { ["k"] = "😀" }, new() { ["k"] = "\uE000" }, new() { ["k'); DROP TABLE record; --"] = "'\"\0" }, new() { ["a.b[0].\"c\""] = 1, ["a"] = "a" },
        new() { [""] = "empty", ["k"] = "true" }, new() { ["K"] = "a" },
    ];
}
