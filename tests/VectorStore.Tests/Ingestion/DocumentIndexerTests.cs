using System.Globalization;
using Microsoft.Extensions.AI;
using Polymodal.VectorStore.Ingestion;
using static Polymodal.VectorStore.Tests.TestData;

namespace Polymodal.VectorStore.Tests.Ingestion;

public sealed class DocumentIndexerTests : IDisposable
{
    private readonly MemoryVectorStore _store = new();
    private readonly CountingGenerator _generator = new();

    public void Dispose()
    {
        _store.Dispose();
        _generator.Dispose();
    }

    private Task<IVectorCollection> CollectionAsync() => _store.GetOrCreateCollectionAsync("docs", Definition);

    private async Task<DocumentIndexer> IndexerAsync(int chunksPerCall = 4, int maxCharacters = 20) =>
        new(_generator, await CollectionAsync(), new() { ChunksPerCall = chunksPerCall, Chunking = new() { MaxCharacters = maxCharacters } });

    /// <summary>A document of so many passages of 20 characters.</summary>
    internal static SourceDocument Document(string id, int chunks, string version = "v1") => new()
    {
        Id = id,
        Title = $"Title of {id}",
        Text = string.Join(' ', Enumerable.Range(0, chunks).Select(i => $"{id} {version} {i:D3}.".PadLeft(18, 'x'))),
    };

    private async Task AssertHoldsAsync(int maxCharacters, params SourceDocument[] documents) => await AssertHoldsAsync(await CollectionAsync(), maxCharacters, documents);

    /// <summary>A collection holds exactly the passages of these documents.</summary>
    internal static async Task AssertHoldsAsync(IVectorCollection collection, int maxCharacters, params SourceDocument[] documents)
    {
        var chunker = new TextChunker(new() { MaxCharacters = maxCharacters });
        var expected = documents.SelectMany(document => chunker.Chunk(document.Text, document.Format).Select((chunk, i) => (Id: (RecordId)$"{document.Id}#{i}", chunk.Text, chunk.Start)))
            .OrderBy(chunk => chunk.Id);
        List<VectorRecord> actual = await collection.ScanAsync().ToListAsync();
        Assert.Equal(expected, actual.Select(record => (record.Id, record.Text!, (int)(long)record.Payload[ChunkPayload.Start])));
        Assert.All(actual, record => Assert.Equal(CountingGenerator.VectorOf(record.Text!), record.Embedding.Vector.ToArray()));
    }

    [Fact]
    public async Task Only_what_is_new_or_changed_is_embedded_and_what_vanished_is_removed()
    {
        DocumentIndexer indexer = await IndexerAsync();
        SourceDocument a = Document("a", 3), b = Document("b", 5), c = Document("c", 1), empty = Document("e", 0);
        Assert.Equal(new(3, 0, 1, 0, 9), await indexer.IndexAsync([a, b, c, empty]));
        await AssertHoldsAsync(20, a, b, c);
        Assert.Equal([4, 4, 1], _generator.Calls);

        Assert.Equal(new(0, 0, 4, 0, 0), await indexer.IndexAsync([c, b, empty, a]));
        Assert.Equal(3, _generator.Calls.Count);

        SourceDocument shorter = Document("b", 2, "v2"), longer = Document("a", 6, "v2"), added = Document("d", 2);
        Assert.Equal(new(1, 2, 0, 1, 10), await indexer.IndexAsync([longer, shorter, added]));
        await AssertHoldsAsync(20, longer, shorter, added);

        Assert.Equal(new(0, 1, 0, 2, 0), await indexer.IndexAsync([Document("d", 0)]));
        await AssertHoldsAsync(20);
    }

    [Fact]
    public async Task What_is_stored_of_a_document_stays_while_it_cannot_be_read()
    {
        DocumentIndexer indexer = await IndexerAsync();
        SourceDocument document = Document("a", 3), unreadable = document with { Text = "", IsUnreadable = true };
        await indexer.IndexAsync([document]);
        Assert.Equal(new(0, 0, 2, 0, 0), await indexer.IndexAsync([unreadable, unreadable with { Id = "never seen" }]));
        await AssertHoldsAsync(20, document);
    }

    [Fact]
    public async Task A_new_title_or_other_chunks_embed_again()
    {
        SourceDocument document = Document("a", 3);
        await (await IndexerAsync()).IndexAsync([document]);
        Assert.Equal(1, (await (await IndexerAsync()).IndexAsync([document with { Title = "other" }])).Changed);
        Assert.Equal(1, (await (await IndexerAsync(maxCharacters: 40)).IndexAsync([document with { Title = "other" }])).Changed);
        await AssertHoldsAsync(40, document);
    }

    [Fact]
    public async Task Records_say_where_they_come_from_and_headings_are_embedded_with_the_text()
    {
        IVectorCollection collection = await CollectionAsync();
        var indexer = new DocumentIndexer(_generator, collection);
        await indexer.IndexAsync([new() { Id = "x/y.md", Title = "The title", Format = TextFormat.Markdown, Text = "Before.\n# One\n## Two\nAfter." }]);

        List<VectorRecord> records = await collection.ScanAsync().ToListAsync();

        Assert.Equal(["x/y.md#0", "x/y.md#1"], records.Select(record => record.Id));
        Assert.Equal(["Before.", "# One\n## Two\nAfter."], records.Select(record => record.Text));
        Assert.Equal(["Before.", "One > Two\n# One\n## Two\nAfter."], _generator.Texts);
        Assert.Equal(("x/y.md", "The title", "One > Two", 8, 1, 2), (
            (string?)records[1].Payload[ChunkPayload.Source], (string?)records[1].Payload[ChunkPayload.Title], (string?)records[1].Payload[ChunkPayload.Heading],
            (long)records[1].Payload[ChunkPayload.Start], (long)records[1].Payload[ChunkPayload.Chunk], (long)records[1].Payload[ChunkPayload.Chunks]));
        Assert.False(records[0].Payload.ContainsKey(ChunkPayload.Heading));
        Assert.Equal(EmbeddingIntent.Document, _generator.LastIntent);
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2), InlineData(5)]
    public async Task After_a_cancelled_run_only_the_missing_passages_are_embedded(int callsBeforeCancel)
    {
        DocumentIndexer indexer = await IndexerAsync();
        SourceDocument[] before = [Document("a", 6), Document("b", 9), Document("gone", 2)], after = [Document("a", 11, "v2"), Document("b", 3, "v2"), Document("c", 20)];
        await indexer.IndexAsync(before);
        _generator.Calls.Clear();
        using var cancel = new CancellationTokenSource();
        _generator.BeforeCall = () =>
        {
            if (_generator.Calls.Count == callsBeforeCancel)
                cancel.Cancel();
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => indexer.IndexAsync(after, cancellationToken: cancel.Token));
        IReadOnlyList<VectorRecord> gone = await (await CollectionAsync()).GetAsync(["gone#0", "gone#1"]);
        _generator.BeforeCall = null;
        IndexingReport report = await indexer.IndexAsync(after);

        Assert.Equal(2, gone.Count); // a run that did not end removes nothing
        Assert.Equal(11 + 3 + 20 - callsBeforeCancel * 4, report.ChunksEmbedded);
        Assert.Equal(11 + 3 + 20, _generator.Calls.Sum());
        await AssertHoldsAsync(20, after);
        Assert.Equal(new(0, 0, 3, 0, 0), await indexer.IndexAsync(after));
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6)]
    public async Task However_writes_fail_in_between_the_next_run_completes(int seed)
    {
        var random = new Random(seed);
        var collection = new FailingCollection(await CollectionAsync());
        var indexer = new DocumentIndexer(_generator, collection, new() { ChunksPerCall = random.Next(1, 9), Chunking = new() { MaxCharacters = 20 } });
        SourceDocument[] documents = [];
        for (int round = 0; round < 12; round++)
        {
            documents = [.. Enumerable.Range(0, 6).Where(_ => random.Next(4) > 0).Select(i => Document($"d{i}", random.Next(0, 12), $"v{random.Next(2)}"))];
            collection.WritesUntilFailure = random.Next(0, 8);
            try
            {
                await indexer.IndexAsync(documents);
            }
            catch (VectorStoreException)
            {
                // as after a crash: what was written stays, the rest never happened
            }
        }

        collection.WritesUntilFailure = int.MaxValue;
        await indexer.IndexAsync(documents);

        await AssertHoldsAsync(20, documents);
        Assert.Equal(0, (await indexer.IndexAsync(documents)).ChunksEmbedded);
    }

    [Fact]
    public async Task A_restarted_store_remembers_what_is_indexed()
    {
        using var folder = new TemporaryFolder();
        for (int run = 0; run < 2; run++)
        {
            using SqliteVectorStore store = await SqliteVectorStore.OpenAsync(folder.File("s.db"));
            var indexer = new DocumentIndexer(_generator, await store.GetOrCreateCollectionAsync("docs", Definition));
            Assert.Equal(run == 0 ? 2 : 0, (await indexer.IndexAsync([Document("a", 3), Document("b", 4)])).Added);
        }
    }

    [Fact]
    public async Task Records_of_others_are_left_alone()
    {
        IVectorCollection collection = await CollectionAsync();
        await collection.UpsertAsync([Record("mine", Vector(new(1))), Record("a#0x", Vector(new(2))) with { Payload = new() { ["source"] = "a", ["chunk"] = "0" } }]);
        await (await IndexerAsync()).IndexAsync([]);
        Assert.Equal(2, await collection.CountAsync());
    }

    [Fact]
    public async Task Progress_goes_up_to_the_end()
    {
        var heard = new List<IndexingProgress>();
        await (await IndexerAsync()).IndexAsync([Document("a", 3), Document("b", 6)], new Heard(heard.Add));
        Assert.Equal(new(2, 9, null), heard[^1]);
        Assert.Equal(heard.Select(step => step.ChunksEmbedded).Order(), heard.Select(step => step.ChunksEmbedded));
        Assert.Contains(new(1, 0, "a"), heard);
        Assert.Contains(new(2, 8, "b"), heard);
    }

    [Fact]
    public async Task Faults_of_the_caller_and_of_the_generator_are_named()
    {
        DocumentIndexer indexer = await IndexerAsync();
        Assert.Contains("'a'", (await Assert.ThrowsAsync<ArgumentException>(() => indexer.IndexAsync([Document("a", 1), Document("a", 1)]))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => indexer.IndexAsync([Document("", 1)]));
        await Assert.ThrowsAsync<ArgumentException>(() => indexer.IndexAsync([Document(new string('x', 901), 1)]));
        _generator.Drop = 1;
        Assert.Contains("2 vectors for 3", (await Assert.ThrowsAsync<InvalidOperationException>(() => indexer.IndexAsync([Document("c", 3)]))).Message, StringComparison.Ordinal);
        Assert.Equal(0, await (await CollectionAsync()).CountAsync());
        Assert.Equal("ChunksPerCall", Assert.Throws<ArgumentOutOfRangeException>(() => new DocumentIndexer(_generator, new FailingCollection(null!), new() { ChunksPerCall = 0 })).ParamName);
    }

    private sealed class Heard(Action<IndexingProgress> report) : IProgress<IndexingProgress>
    {
        public void Report(IndexingProgress value) => report(value);
    }
}

/// <summary>Vectors that depend on the text alone, and a record of what was asked.</summary>
internal sealed class CountingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    public List<int> Calls { get; } = [];

    public List<string> Texts { get; } = [];

    public EmbeddingIntent? LastIntent { get; private set; }

    public Action? BeforeCall { get; set; }

    /// <summary>How many vectors to leave out.</summary>
    public int Drop { get; set; }

    public static float[] VectorOf(string text) => Vector(new(text.Aggregate(7, (hash, c) => unchecked(hash * 31 + c))));

    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        BeforeCall?.Invoke();
        cancellationToken.ThrowIfCancellationRequested();
        string[] texts = [.. values];
        Calls.Add(texts.Length);
        Texts.AddRange(texts);
        LastIntent = options.GetIntent();
        return Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(texts.Skip(Drop).Select(text => new Embedding<float>(VectorOf(text)))));
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}

/// <summary>A collection whose writes fail after a while.</summary>
internal sealed class FailingCollection(IVectorCollection inner) : IVectorCollection
{
    public int WritesUntilFailure { get; set; } = int.MaxValue;

    public string Name => inner.Name;

    public VectorCollectionDefinition Definition => inner.Definition;

    public Task UpsertAsync(IEnumerable<VectorRecord> records, CancellationToken cancellationToken = default)
    {
        ThrowWhenDue();
        return inner.UpsertAsync(records, cancellationToken);
    }

    public Task<long> DeleteAsync(IEnumerable<RecordId> ids, CancellationToken cancellationToken = default)
    {
        ThrowWhenDue();
        return inner.DeleteAsync(ids, cancellationToken);
    }

    public Task<long> DeleteAsync(VectorFilter filter, CancellationToken cancellationToken = default)
    {
        ThrowWhenDue();
        return inner.DeleteAsync(filter, cancellationToken);
    }

    public Task<IReadOnlyList<VectorRecord>> GetAsync(IEnumerable<RecordId> ids, CancellationToken cancellationToken = default) => inner.GetAsync(ids, cancellationToken);

    public Task<VectorSearchResult> SearchAsync(Embedding<float> query, VectorSearchOptions? options = null, CancellationToken cancellationToken = default) =>
        inner.SearchAsync(query, options, cancellationToken);

    public Task<VectorSearchResult> SearchTextAsync(string query, VectorSearchOptions? options = null, CancellationToken cancellationToken = default) =>
        inner.SearchTextAsync(query, options, cancellationToken);

    public IAsyncEnumerable<VectorRecord> ScanAsync(VectorFilter? filter = null, RecordId? after = null, CancellationToken cancellationToken = default) =>
        inner.ScanAsync(filter, after, cancellationToken);

    public Task<long> CountAsync(VectorFilter? filter = null, CancellationToken cancellationToken = default) => inner.CountAsync(filter, cancellationToken);

    private void ThrowWhenDue()
    {
        if (WritesUntilFailure-- <= 0)
            throw new VectorStoreException("the store failed on purpose");
    }
}
