using Microsoft.Extensions.AI;
using static Polymodal.VectorStore.Tests.TestData;

namespace Polymodal.VectorStore.Tests;

public abstract partial class VectorStoreContract
{
    [Fact]
    public async Task A_long_list_is_stored_in_batches_that_are_told()
    {
        IVectorCollection collection = await CollectionAsync();
        var heard = new Heard();
        Assert.Equal(250, await collection.UpsertAsync(Records(1, 250).ToAsyncEnumerable(), batchSize: 100, heard));
        Assert.Equal([100, 200, 250], heard.Values);
        Assert.Equal(250, await collection.CountAsync());
    }

    [Fact]
    public async Task A_copy_taken_while_the_store_is_written_is_whole()
    {
        IVectorCollection collection = await CollectionAsync();
        VectorRecord[] Batch(int number) => [.. Records(number, 40).Select(record => record with { Text = $"{number}" })];
        await collection.UpsertAsync(Batch(0));
        using var backup = new MemoryVectorStore();
        using var stop = new CancellationTokenSource();
        Task writing = Task.Run(async () =>
        {
            for (int number = 1; !stop.IsCancellationRequested; number++)
                await collection.UpsertAsync(Batch(number));
        });

        Assert.Equal(40, await Store.CopyToAsync(backup));
        await stop.CancelAsync();
        await writing;

        IVectorCollection copy = (await backup.GetCollectionAsync("docs"))!;
        List<VectorRecord> copied = await copy.ScanAsync().ToListAsync();
        int version = int.Parse(Assert.Single(copied.Select(record => record.Text).Distinct())!, System.Globalization.CultureInfo.InvariantCulture);
        Assert.All(Batch(version).Zip(copied), pair => AssertSame(pair.First, pair.Second));
        Assert.Equal(Definition, copy.Definition);
        await Assert.ThrowsAsync<ArgumentException>(() => Store.CopyToAsync(backup));
    }

    [Fact]
    public async Task A_collection_is_copied_from_another_store_and_again_after_a_failure()
    {
        using var source = new MemoryVectorStore();
        VectorDefinition probed = OneVector with { Probes = [new("text-1", Vector(new(1), Dimensions * 2))] };
        IVectorCollection collection = await source.GetOrCreateCollectionAsync("docs", new(probed));
        await collection.UpsertAsync(Records(1, 1500));
        var heard = new Heard();

        Assert.Equal(1500, await collection.CopyToAsync(Store, "copy", heard));
        Assert.Equal(0, await collection.CopyToAsync(Store, "copy", heard));

        Assert.Equal([1000, 1500, 1000, 1500], heard.Values);
        IVectorCollection copy = (await Store.GetCollectionAsync("copy"))!;
        Assert.Equal(collection.Definition, copy.Definition);
        Assert.All(Records(1, 1500).Zip(await copy.ScanAsync().ToListAsync()), pair => AssertSame(pair.First, pair.Second));
        Assert.Equal(1500, await copy.CountAsync());
        await source.GetOrCreateCollectionAsync("other", DefinitionOf(3));
        await Assert.ThrowsAsync<ArgumentException>(async () => await (await source.GetCollectionAsync("other"))!.CopyToAsync(Store, "copy"));
    }

    [Fact]
    public async Task A_copy_that_was_ended_goes_on_where_it_was_and_stores_what_differs()
    {
        using var source = new MemoryVectorStore();
        IVectorCollection collection = await source.GetOrCreateCollectionAsync("docs", Definition);
        await collection.UpsertAsync(Records(1, 1500));
        using var end = new CancellationTokenSource();
        var heard = new Heard { Then = end.Cancel };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => collection.CopyToAsync(Store, "copy", heard, end.Token));
        IVectorCollection copy = (await Store.GetCollectionAsync("copy"))!;
        Assert.Equal(1000, await copy.CountAsync());
        Assert.Equal(500, await collection.CopyToAsync(Store, "copy"));

        VectorRecord[] changed = [.. Records(1, 1500).Skip(700).Take(5)];
        changed[0] = changed[0] with { Text = "another" };
        changed[1] = changed[1] with { Text = null };
        changed[2] = changed[2] with { Payload = new() { ["of"] = "another" } };
        changed[3] = changed[3] with { Embedding = new(Vector(new(9))) };
        await collection.UpsertAsync([.. changed, Record("new", Vector(new(8)))]);
        await copy.UpsertAsync([Record("other", Vector(new(7)))]);
        Assert.Equal(5, await collection.CopyToAsync(Store, "copy")); // four that differ, one that is missing
        Assert.Equal(1502, await copy.CountAsync());
        IReadOnlyList<VectorRecord> read = await copy.GetAsync([.. changed.Select(record => record.Id), "new", "other"]);
        Assert.All(changed.Append(Record("new", Vector(new(8)))).Append(Record("other", Vector(new(7)))).Zip(read), pair => AssertSame(pair.First, pair.Second));
    }

    [Fact]
    public async Task Words_are_ranked_by_BM25_with_its_statistics_over_all_texts()
    {
        // The documents and numbers of evaluation/lexical-search (SQLite FTS5).
        string?[] texts = ["the cat sat on the mat", "the dog sat on the log", "cats and dogs are pets", "a mat made of straw", "the the the the", "straw hats and straw mats for the cat", "", "dog dog dog cat", null];
        IVectorCollection collection = await CollectionAsync();
        await collection.UpsertAsync(texts.Select((text, i) => Record(i, Vector(new(i))) with { Text = text, Payload = new() { ["even"] = i % 2 == 0 } }));

        VectorSearchResult found = await collection.SearchTextAsync("CAT?");

        Assert.True(found.IsExact);
        Assert.Equal([7, 0, 5], found.Select(match => match.Record.Id));
        Assert.Equal([0.48319637f, 0.40805568f, 0.35313978f], found.Select(match => match.Score), (a, b) => Math.Abs(a - b) < 1e-6f);
        VectorMatch even = Assert.Single(await collection.SearchTextAsync("cat", new() { Filter = VectorFilter.Equal("even", true) }));
        Assert.Equal((0, 0.40805568f), (even.Record.Id.AsInteger(), even.Score));
        Assert.Equal([0], (await collection.SearchTextAsync("cat", new() { Offset = 1, K = 1 })).Select(match => match.Record.Id));
        Assert.Equal([7, 0], (await collection.SearchTextAsync("cat", new() { MinScore = 0.4f })).Select(match => match.Record.Id));
        Assert.Empty(await collection.SearchTextAsync(""));
        Assert.Empty(await collection.SearchTextAsync("\"*^:()-"));
        Assert.Empty(await collection.SearchTextAsync("NEAR unknown"));
        Assert.Equal([3, 5], (await collection.SearchTextAsync("straw AND \"made\" NOT hats")).Select(match => match.Record.Id).Intersect([3, 5]).Order());
        await collection.DeleteAsync([7]);
        Assert.Equal([0, 5], (await collection.SearchTextAsync("cat")).Select(match => match.Record.Id));
    }

    [Fact]
    public async Task Trigrams_find_texts_without_spaces()
    {
        IVectorCollection collection = await CollectionAsync(new(OneVector) { Tokenizer = LexicalTokenizer.Trigrams });
        await collection.UpsertAsync([Record("a", Vector(new(1))) with { Text = "東京都は日本の首都です" }, Record("b", Vector(new(2))) with { Text = "Kyoto" }]);

        Assert.Equal(["a"], (await collection.SearchTextAsync("日本の")).Select(match => match.Record.Id));
        Assert.Equal(["b"], (await collection.SearchTextAsync("KYO")).Select(match => match.Record.Id));
        Assert.Empty(await collection.SearchTextAsync("日本"));
        Assert.Equal(["a"], (await collection.ScanAsync(VectorFilter.HasWords("首都で")).ToListAsync()).Select(record => record.Id));
        Assert.Equal(LexicalTokenizer.Trigrams, (await Store.GetCollectionAsync("docs"))!.Definition.Tokenizer);
        await Assert.ThrowsAsync<ArgumentException>(() => CollectionAsync());
    }

    [Fact]
    public async Task Word_scores_equal_those_of_the_memory_store()
    {
        var random = new Random(3);
        string[] words = ["wolf", "Bär", "naïve", "x", "日本", "42", "straße", "e\u0301te", "😀", "don't"];
        VectorRecord[] records = [.. Records(1, 200).Select(record => record with { Text = random.Next(10) == 0 ? null : string.Join(' ', Enumerable.Range(0, random.Next(0, 12)).Select(_ => words[random.Next(words.Length)])) })];
        using var memory = new MemoryVectorStore();
        IVectorCollection expected = await memory.GetOrCreateCollectionAsync("docs", Definition), actual = await CollectionAsync();
        await expected.UpsertAsync(records);
        await actual.UpsertAsync(records);
        foreach (string query in (string[])["wolf", "BAR naive", "日本 42 x", "été straße wolf wolf", "don t"])
        {
            VectorSearchResult wanted = await expected.SearchTextAsync(query, new() { K = 200 }), found = await actual.SearchTextAsync(query, new() { K = 200 });
            Assert.Equal(wanted.Select(match => match.Record.Id), found.Select(match => match.Record.Id));
            Assert.All(wanted.Zip(found), pair => Assert.Equal(pair.First.Score, pair.Second.Score, 1e-6f * pair.First.Score));
        }
    }

    [Fact]
    public async Task Hybrid_search_joins_what_vectors_and_words_find()
    {
        IVectorCollection collection = await CollectionAsync(DefinitionOf(2));
        await collection.UpsertAsync([Record("near", 1, 0), Record("both", 0.9f, 0.1f) with { Text = "wolf" }, Record("words", 0, 1) with { Text = "a wolf" }, Record("far", -1, 0)]);

        VectorSearchResult found = await collection.SearchHybridAsync(Query(1, 0), "wolf"), words = await collection.SearchHybridAsync(Query(1, 0), "wolf", HybridFusion.Scores(0)),
            dense = await collection.SearchHybridAsync(Query(1, 0), "wolf", HybridFusion.Scores(1)), ranks = await collection.SearchHybridAsync(Query(1, 0), "wolf", HybridFusion.Ranks());

        Assert.Equal(["both", "near", "words", "far"], found.Select(match => match.Record.Id));
        Assert.Equal(("both", 1f), (words[0].Record.Id.AsText(), words[0].Score));
        Assert.Equal(["near", "both", "words", "far"], dense.Select(match => match.Record.Id));
        Assert.Equal("both", ranks[0].Record.Id.AsText());
        Assert.Equal((1 / 61f + 1 / 62f) / 2, ranks[0].Score, 1e-6f);
        Assert.Equal(["near"], (await collection.SearchHybridAsync(Query(1, 0), "wolf", options: new() { Offset = 1, K = 1 })).Select(match => match.Record.Id));
        Assert.Equal(found.Take(2).Select(match => match.Record.Id), (await collection.SearchHybridAsync(Query(1, 0), "wolf", options: new() { MinScore = found[1].Score })).Select(match => match.Record.Id));
        // With one candidate of each, a record found by its words alone still counts by its vector.
        Assert.Equal("near", (await collection.SearchHybridAsync(Query(1, 0), "wolf", HybridFusion.Default with { Candidates = 1 }, new() { K = 1 }))[0].Record.Id.AsText());
        Assert.Equal(["near", "far"], (await collection.SearchHybridAsync(Query(1, 0), "unknown", options: new() { Filter = VectorFilter.Not(VectorFilter.HasWords("wolf")) })).Select(match => match.Record.Id));
    }

    [Fact]
    public async Task Diverse_search_passes_over_near_copies()
    {
        IVectorCollection collection = await CollectionAsync(DefinitionOf(3));
        await collection.UpsertAsync([Record("a", 1, 0.1f, 0), Record("a copy", 1, 0.1f, 0), Record("a third", 1, 0.11f, 0), Record("b", 0.7f, -0.6f, 0.4f), Record("c", -1, 0, 0)]);

        Assert.Equal(["a", "b"], (await collection.SearchDiverseAsync(Query(1, 0, 0), options: new() { K = 2 })).Select(match => match.Record.Id));
        Assert.Equal(["a", "a copy"], (await collection.SearchDiverseAsync(Query(1, 0, 0), lambda: 1, new() { K = 2 })).Select(match => match.Record.Id));
        Assert.Equal(["b"], (await collection.SearchDiverseAsync(Query(1, 0, 0), options: new() { K = 1, Offset = 1 })).Select(match => match.Record.Id));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => collection.SearchDiverseAsync(Query(1, 0, 0), lambda: 1.5));
    }

    [Fact]
    public async Task Groups_come_by_their_best_match_however_many_a_group_has()
    {
        IVectorCollection collection = await CollectionAsync();
        VectorRecord[] records = Records(1, 400);
        await collection.UpsertAsync(records.Select((record, i) => record with
        {
            // One document owns most passages; some records belong to none.
            Payload = i % 50 == 7 ? Payload.Empty : i % 50 == 8 ? new() { ["source"] = new[] { "list" } } : new() { ["source"] = i % 20 == 0 ? $"d{i}" : "large" },
        }));
        Embedding<float> query = Query(Vector(new(5)));
        var expected = (await collection.SearchAsync(query, 400)).Where(match => match.Record.Payload["source"].Kind == PayloadKind.Text)
            .GroupBy(match => (string)match.Record.Payload["source"]!).Select(group => (group.Key, Ids: group.Take(3).Select(match => match.Record.Id).ToArray())).ToArray();

        IReadOnlyList<VectorGroup> groups = await collection.SearchGroupsAsync(query, "source", 3, new() { K = 6, Offset = 1 });

        Assert.Equal(expected[1..7].Select(group => group.Key), groups.Select(group => (string)group.Key!));
        Assert.All(expected[1..7].Zip(groups), pair => Assert.Equal(pair.First.Ids, pair.Second.Matches.Select(match => match.Record.Id)));
        Assert.Equal(expected.Length, (await collection.SearchGroupsAsync(query, "source", 1, new() { K = 1000 })).Count);
        Assert.Empty(await collection.SearchGroupsAsync(query, "absent"));
    }

    [Fact]
    public async Task Recommendations_are_like_some_and_unlike_others()
    {
        IVectorCollection collection = await CollectionAsync(DefinitionOf(2));
        await collection.UpsertAsync([Record("x", 10, 0), Record("y", 0, 1), Record("x like", 5, 1), Record("xy", 1, 1), Record("y like", 1, 5), Record("minus", 1, -1)]);

        Assert.Equal(["x like", "minus", "xy", "y like", "y"], (await collection.RecommendAsync(["x"])).Select(match => match.Record.Id));
        Assert.Equal(["xy"], (await collection.RecommendAsync(["x", "y"], options: new() { K = 1 })).Select(match => match.Record.Id));
        Assert.Equal(["minus", "x like"], (await collection.RecommendAsync(["x"], ["y"], new() { K = 2 })).Select(match => match.Record.Id));
        Assert.Equal(["x like"], (await collection.RecommendAsync(["x"], ["y"], new() { K = 1, Offset = 1 })).Select(match => match.Record.Id));
        await Assert.ThrowsAsync<ArgumentException>(() => collection.RecommendAsync([]));
        Assert.Contains("'z'", (await Assert.ThrowsAsync<ArgumentException>(() => collection.RecommendAsync(["z"]))).Message, StringComparison.Ordinal);
    }

    private sealed class Heard : IProgress<long>
    {
        public List<long> Values { get; } = [];

        public Action? Then { get; init; }

        public void Report(long value)
        {
            Values.Add(value);
            Then?.Invoke();
        }
    }
}
