using Microsoft.Extensions.AI;
using static Polymodal.VectorStore.Tests.TestData;

namespace Polymodal.VectorStore.Tests.Reembedding;

public sealed class ReembedderTests : IDisposable
{
    private const int Count = 1000;

    private readonly TemporaryFolder _folder = new();
    private readonly SpaceGenerator _old = new("old/space", 24, 1), _new = new("new/space", 8, 2);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_run_that_was_ended_goes_on_and_readers_see_the_old_version_until_it_is_complete()
    {
        var options = new ReembedderOptions { BatchSize = 64 };
        using (SqliteVectorStore store = await FilledAsync())
        {
            using var cancel = new CancellationTokenSource();
            _new.BeforeCall = () =>
            {
                if (_new.Texts.Count >= 400)
                    cancel.Cancel();
            };
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new Reembedder(store, _new, options).RunAsync("docs", cancellationToken: cancel.Token));
            IVectorCollection old = (await store.GetCollectionAsync("docs"))!;
            Assert.Equal("old/space", old.Definition.Vector.SpaceId);
            Assert.Equal(Count, (await old.SearchAsync((await _old.GenerateAsync(["text 5"]))[0], Count)).Count);
        }

        using SqliteVectorStore reopened = await SqliteVectorStore.OpenAsync(_folder.File("s.db"));
        IVectorCollection written = (await reopened.GetCollectionAsync("docs"))!;
        await written.UpsertAsync([await OldRecordAsync(0) with { Text = "changed" }]); // already embedded by the first run
        await written.DeleteAsync(["r00001"]);
        long before = await (await reopened.GetCollectionAsync("docs.next"))!.CountAsync();
        Assert.InRange(before, 300, 600);
        _new.BeforeCall = null;
        int probes = _new.Texts.Count;
        var heard = new List<ReembeddingProgress>();

        long embedded = await new Reembedder(reopened, _new, options).RunAsync("docs", new Progress(heard));

        Assert.Equal(Count - before + 2, embedded); // the rest, the changed one, and the deleted one removed
        Assert.Equal(["docs"], await reopened.ListCollectionsAsync());
        IVectorCollection now = (await reopened.GetCollectionAsync("docs"))!;
        Assert.Equal(("new/space", Count - 1), (now.Definition.Vector.SpaceId, await now.CountAsync()));
        List<VectorRecord> records = await now.ScanAsync().ToListAsync();
        Assert.Equal("changed", records[0].Text);
        Assert.Equal("v", (string?)records[0].Payload["k"]);
        Assert.All(records, record => Assert.Equal(_new.VectorOf(record.Text!), record.Embedding.Vector.ToArray()));
        Assert.Equal((Count - 1, Count - 1), (heard[^1].Done, heard[^1].Total));
        Assert.Equal(Count - before + 1 + 32, _new.Texts.Count - probes);
    }

    [Fact]
    public async Task Other_vectors_of_a_record_are_kept()
    {
        using var store = new MemoryVectorStore();
        IVectorCollection old = await store.GetOrCreateCollectionAsync("docs", new([new("text", VectorDefinition.For(_old.Space)), new("picture", new() { SpaceId = "pictures", Dimensions = 2 })]) { Tokenizer = LexicalTokenizer.Trigrams });
        await old.UpsertAsync([new() { Id = 1, Text = "a", Vectors = new Dictionary<string, Embedding<float>> { ["text"] = new(_old.VectorOf("a")), ["picture"] = new(new float[] { 1, 2 }) } }]);

        await new Reembedder(store, _new, new() { VectorName = "text", TextOf = record => $"title: {record.Text}" }).RunAsync("docs");

        IVectorCollection now = (await store.GetCollectionAsync("docs"))!;
        VectorRecord record = (await now.GetAsync(1))!;
        Assert.Equal(_new.VectorOf("title: a"), record.Vectors["text"].Vector.ToArray());
        Assert.Equal([1, 2], record.Vectors["picture"].Vector.ToArray());
        Assert.Equal(LexicalTokenizer.Trigrams, now.Definition.Tokenizer);
    }

    [Fact]
    public async Task What_cannot_be_embedded_is_said_and_the_old_version_stays()
    {
        using SqliteVectorStore store = await FilledAsync();
        await (await store.GetCollectionAsync("docs"))!.UpsertAsync([await OldRecordAsync(7) with { Text = null }]);
        Assert.Contains("'r00007'", (await Assert.ThrowsAsync<ArgumentException>(() => new Reembedder(store, _new).RunAsync("docs"))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => new Reembedder(store, _new).RunAsync("unknown"));
        Assert.Contains("new/space", (await Assert.ThrowsAsync<ArgumentException>(() => new Reembedder(store, new SpaceGenerator("third/space", 8, 3)).RunAsync("docs"))).Message, StringComparison.Ordinal);
        Assert.Equal("old/space", (await store.GetCollectionAsync("docs"))!.Definition.Vector.SpaceId);
    }

    private async Task<SqliteVectorStore> FilledAsync()
    {
        SqliteVectorStore store = await SqliteVectorStore.OpenAsync(_folder.File("s.db"));
        IVectorCollection collection = await store.OpenCollectionAsync("docs", _old);
        await collection.UpsertAsync(await Task.WhenAll(Enumerable.Range(0, Count).Select(OldRecordAsync)));
        return store;
    }

    private Task<VectorRecord> OldRecordAsync(int i) =>
        Task.FromResult(new VectorRecord { Id = $"r{i:D5}", Text = $"text {i}", Embedding = new(_old.VectorOf($"text {i}")), Payload = new() { ["k"] = "v" } });

    private sealed class Progress(List<ReembeddingProgress> heard) : IProgress<ReembeddingProgress>
    {
        public void Report(ReembeddingProgress value) => heard.Add(value);
    }
}
