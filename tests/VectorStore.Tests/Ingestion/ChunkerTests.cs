using Microsoft.Extensions.AI;
using Polymodal.VectorStore.Ingestion;
using static Polymodal.VectorStore.Tests.TestData;

namespace Polymodal.VectorStore.Tests.Ingestion;

public sealed class ChunkerTests
{
    /// <summary>Tokens of at most four letters, so that long words have several.</summary>
    private static IReadOnlyList<TextSpan> Tokens(string text)
    {
        var tokens = new List<TextSpan>();
        for (int start = 0; start < text.Length;)
        {
            int length = 1;
            while (!char.IsWhiteSpace(text[start]) && length < 4 && start + length < text.Length && !char.IsWhiteSpace(text[start + length]))
                length++;
            if (!char.IsWhiteSpace(text[start]))
                tokens.Add(new(start, length));
            start += length;
        }

        return tokens;
    }

    private static void AssertParts(string text, IReadOnlyList<TextChunk> chunks)
    {
        Assert.All(chunks, chunk => Assert.Equal(text.Substring(chunk.Start, chunk.Length), chunk.Text));
        Assert.All(chunks, chunk => Assert.Equal(chunk.Text.Trim(), chunk.Text));
        Assert.All(chunks.Zip(chunks.Skip(1)), pair => Assert.True(pair.First.Start < pair.Second.Start && pair.First.Start + pair.First.Length < pair.Second.Start + pair.Second.Length));
        int covered = 0;
        foreach (TextChunk chunk in chunks)
        {
            Assert.True(chunk.Start <= covered || string.IsNullOrWhiteSpace(text[covered..chunk.Start]), $"text before {chunk.Start} is lost");
            covered = Math.Max(covered, chunk.Start + chunk.Length);
        }

        Assert.True(string.IsNullOrWhiteSpace(text[covered..]), "the end of the text is lost");
    }

    [Fact]
    public async Task Tokens_are_counted_and_the_end_is_repeated_between_words()
    {
        string text = string.Join(' ', Enumerable.Range(0, 30).Select(i => $"w{i:D2}"));
        IReadOnlyList<TextChunk> chunks = await new TokenChunker(Tokens, "four letters", tokens: 10, overlap: 3).ChunkAsync(text, TextFormat.Plain);
        AssertParts(text, chunks);
        Assert.StartsWith("w00", chunks[0].Text, StringComparison.Ordinal);
        Assert.StartsWith("w07", chunks[1].Text, StringComparison.Ordinal);
        Assert.All(chunks, chunk => Assert.InRange(Tokens(chunk.Text).Count, 1, 10));

        string word = new string('x', 100);
        AssertParts(word, await new TokenChunker(Tokens, "four letters", tokens: 10, overlap: 3).ChunkAsync(word, TextFormat.Plain));
        string mixed = "abc defghijklmnopqrst uvw " + word + " end";
        AssertParts(mixed, await new TokenChunker(Tokens, "four letters", tokens: 8, overlap: 4).ChunkAsync(mixed, TextFormat.Plain));
    }

    [Fact]
    public async Task Sentences_are_counted_and_the_last_is_repeated()
    {
        const string Text = "# Head\n\nOne. Two. Three. Four. Five.";
        IReadOnlyList<TextChunk> chunks = await new SentenceChunker(sentences: 3, overlap: 1).ChunkAsync(Text, TextFormat.Markdown);
        Assert.Equal(["# Head\n\nOne. Two.", "Two. Three. Four.", "Four. Five."], chunks.Select(chunk => chunk.Text));
        Assert.All(chunks, chunk => Assert.Equal("Head", chunk.Heading));
    }

    [Fact]
    public async Task A_change_of_subject_begins_a_passage()
    {
        string[] bees = [.. Enumerable.Range(0, 12).Select(i => $"Bees gather honey number {i}.")], bread = [.. Enumerable.Range(0, 12).Select(i => $"Bread needs flour and water {i}.")];
        string text = string.Join(' ', bees.Concat(bread));
        using var generator = new SubjectGenerator();
        IReadOnlyList<TextChunk> chunks = await new SemanticChunker(generator, share: 0.1, minCharacters: 50, maxCharacters: 900).ChunkAsync(text, TextFormat.Plain);
        AssertParts(text, chunks);
        Assert.Contains(chunks, chunk => chunk.Text.StartsWith("Bread needs flour and water 0.", StringComparison.Ordinal) || chunk.Text.StartsWith("Bread needs flour and water 1.", StringComparison.Ordinal) || chunk.Text.StartsWith("Bees gather honey number 11.", StringComparison.Ordinal));
        Assert.InRange(chunks.Count, 2, 4);
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 30)];

    [Theory, MemberData(nameof(Seeds))]
    public async Task Random_text_is_covered(int seed)
    {
        string text = HardTexts.Random(seed);
        using var generator = new SubjectGenerator();
        foreach (IDocumentChunker chunker in (IDocumentChunker[])[new TokenChunker(Tokens, "t", 8, 4), new TokenChunker(Tokens, "t", 20, 0), new SentenceChunker(1, 0, 20), new SentenceChunker(4, 3, 64), new SemanticChunker(generator, 0.3, 0, 64)])
        {
            AssertParts(text, await chunker.ChunkAsync(text, TextFormat.Markdown));
            Assert.Empty(await chunker.ChunkAsync(" \n\t", TextFormat.Plain));
            Assert.Empty(await chunker.ChunkAsync("", TextFormat.Plain));
        }
    }

    [Fact]
    public void Numbers_out_of_range_are_named()
    {
        using var generator = new SubjectGenerator();
        Assert.Equal("tokens", Assert.Throws<ArgumentOutOfRangeException>(() => new TokenChunker(Tokens, "t", 7)).ParamName);
        Assert.Equal("overlap", Assert.Throws<ArgumentOutOfRangeException>(() => new TokenChunker(Tokens, "t", 10, 6)).ParamName);
        Assert.Equal("sentences", Assert.Throws<ArgumentOutOfRangeException>(() => new SentenceChunker(0)).ParamName);
        Assert.Equal("overlap", Assert.Throws<ArgumentOutOfRangeException>(() => new SentenceChunker(2, 2)).ParamName);
        Assert.Equal("share", Assert.Throws<ArgumentOutOfRangeException>(() => new SemanticChunker(generator, 1)).ParamName);
        Assert.Equal("minCharacters", Assert.Throws<ArgumentOutOfRangeException>(() => new SemanticChunker(generator, 0.1, 901)).ParamName);
    }

    [Fact]
    public async Task Another_chunker_embeds_a_document_again_and_pictures_are_embedded_whole()
    {
        using var store = new MemoryVectorStore();
        IVectorCollection collection = await store.GetOrCreateCollectionAsync("docs", DefinitionOf(2));
        using var texts = new SubjectGenerator();
        using var pictures = new PictureGenerator();
        SourceDocument text = new() { Id = "a.txt", Title = "a", Text = "One. Two. Three.", Metadata = new() { ["author"] = "Ann", ["source"] = "overwritten" } };
        SourceDocument picture = new() { Id = "b.png", Title = "b", Text = "", Media = new(new byte[] { 1, 2, 3 }, "image/png") };
        DocumentIndexer Indexer(IDocumentChunker? chunker = null) => new(texts, collection, new() { Chunker = chunker, MediaGenerator = pictures });

        Assert.Equal(new(2, 0, 0, 0, 2), await Indexer().IndexAsync([text, picture]));
        Assert.Equal(new(0, 0, 2, 0, 0), await Indexer().IndexAsync([text, picture]));
        Assert.Equal(new(0, 1, 1, 0, 3), await Indexer(new SentenceChunker(1, 0)).IndexAsync([text, picture]));
        Assert.Equal(new(0, 1, 1, 0, 1), await Indexer(new SentenceChunker(1, 0)).IndexAsync([text, picture with { Media = new(new byte[] { 1, 2, 4 }, "image/png") }]));

        VectorRecord stored = (await collection.GetAsync("b.png#0"))!;
        Assert.Equal((null, "image/png"), (stored.Text, (string?)stored.Payload[ChunkPayload.MediaType]));
        Assert.Equal(["image/png", "image/png"], pictures.Types);
        VectorRecord passage = (await collection.GetAsync("a.txt#1"))!;
        Assert.Equal(("Two.", "Ann", "a.txt"), (passage.Text, (string?)passage.Payload["author"], (string?)passage.Payload[ChunkPayload.Source]));
        Assert.Contains("MediaGenerator", (await Assert.ThrowsAsync<ArgumentException>(() => new DocumentIndexer(texts, collection).IndexAsync([picture]))).Message, StringComparison.Ordinal);
        Assert.Equal(new(0, 0, 0, 1, 0) { Unchanged = 1 }, await Indexer(new SentenceChunker(1, 0)).IndexAsync([text]));
    }

    [Fact]
    public async Task A_folder_gives_what_its_readers_know_and_pictures_when_asked()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("page.html"), "<title>Page</title><p>Hello");
        File.WriteAllText(folder.File("broken.json"), "{");
        File.WriteAllBytes(folder.File("p.PNG"), [1, 2]);
        File.WriteAllText(folder.File("x.unknown"), "x");
        var skipped = new List<SkippedFile>();

        List<SourceDocument> texts = await new FolderSource(folder.Path).ReadAsync(skipped.Add).ToListAsync(), all = await new FolderSource(folder.Path, new() { Media = true }).ReadAsync().ToListAsync();

        Assert.Equal([("broken.json", true), ("page.html", false)], texts.Select(document => (document.Id, document.IsUnreadable)));
        Assert.Contains("not JSON", Assert.Single(skipped).Reason, StringComparison.Ordinal);
        Assert.Equal(("Page", "Hello"), (texts[1].Title, texts[1].Text));
        Assert.Equal("image/png", all.Single(document => document.Id == "p.PNG").Media!.MediaType);
        Assert.Empty(await new FolderSource(folder.Path, new() { Readers = [new PlainTextReader()] }).ReadAsync().ToListAsync());
    }

    /// <summary>Gives texts about bees one vector and all others another.</summary>
    private sealed class SubjectGenerator : IEmbeddingGenerator<string, Embedding<float>>
    {
        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(values.Select(text => new Embedding<float>(new[] { text.Split("Bees").Length - 1f, text.Split("Bread").Length - 0.9f }))));

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }

    private sealed class PictureGenerator : IEmbeddingGenerator<DataContent, Embedding<float>>
    {
        public List<string> Types { get; } = [];

        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<DataContent> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
        {
            DataContent[] pictures = [.. values];
            Types.AddRange(pictures.Select(picture => picture.MediaType));
            return Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(pictures.Select(picture => new Embedding<float>(new float[] { picture.Data.Span[^1], 1 }))));
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
