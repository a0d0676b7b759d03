using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Polymodal.VectorStore;
using Polymodal.VectorStore.Ingestion;

namespace Polymodal.Multimodal.Tests;

public sealed class VectorStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public static TheoryData<string> Stores => ["memory", "sqlite"];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory, MemberData(nameof(Stores))]
    public async Task A_collection_of_texts_takes_the_generator_as_it_is_and_refuses_a_picture(string name)
    {
        await using var frameworks = new Frameworks();
        await using IVectorStore store = await OpenAsync(name);
        // What a store or an agent resolves is the multimodal generator.
        var generator = (IEmbeddingGenerator<string, Embedding<float>>)frameworks.Services.GetRequiredService<IEmbeddingGenerator>();
        IVectorCollection collection = await store.OpenCollectionAsync("texts", generator);
        Assert.Equal("texts", collection.Definition.Vector.SpaceId);

        GeneratedEmbeddings<Embedding<float>> vectors = await frameworks.Generator.GenerateAsync(["one", "twenty", Fake.Media("image/png", 3)]);
        await collection.UpsertAsync([new VectorRecord { Id = "1", Embedding = vectors[0] }, new VectorRecord { Id = "2", Embedding = vectors[1] }]);
        var error = await Assert.ThrowsAsync<EmbeddingSpaceMismatchException>(() => collection.UpsertAsync([new VectorRecord { Id = "3", Embedding = vectors[2] }]));
        Assert.Contains("'texts'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'pictures'", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<EmbeddingSpaceMismatchException>(() => collection.SearchAsync(vectors[2], 1));

        Assert.Equal(2, await collection.CountAsync());
        Assert.Equal("2", (await collection.SearchAsync(await generator.GenerateQueryAsync("twenty"), 1))[0].Record.Id);
        // Opened again, and by the framework alone: the collection is of its space.
        await store.OpenCollectionAsync("texts", frameworks.Generator);
        await store.OpenCollectionAsync("texts", frameworks.Texts);
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task A_generator_whose_texts_are_of_another_space_is_refused(string name)
    {
        await using var frameworks = new Frameworks();
        await using IVectorStore store = await OpenAsync(name);
        await store.OpenCollectionAsync("texts", frameworks.Generator);
        using var other = new MultimodalEmbeddingGenerator([Route.Text("other", new FakeGenerator<string>(_ => [1, 2], Fake.Space("elsewhere")))]);
        await Assert.ThrowsAsync<EmbeddingSpaceMismatchException>(() => store.OpenCollectionAsync("texts", other));
        using var unnamed = new MultimodalEmbeddingGenerator([Route.Image("pictures", Fake.MediaGenerator(1))]);
        await Assert.ThrowsAsync<ArgumentException>(() => store.OpenCollectionAsync("new", unnamed));
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task One_collection_holds_texts_and_pictures_each_under_its_name(string name)
    {
        await using var frameworks = new Frameworks();
        await using IVectorStore store = await OpenAsync(name);
        MultimodalEmbeddingGenerator generator = frameworks.Generator;
        IVectorCollection collection = await store.GetOrCreateCollectionAsync("mixed", new(
        [
            new(VectorCollectionDefinition.DefaultVector, VectorDefinition.For(generator.GetSpace(EmbeddingModality.Text)!)), new("pictures", VectorDefinition.For(generator.GetSpace(EmbeddingModality.Image)!)),
        ]));
        var indexer = new DocumentIndexer(generator, collection, new() { MediaGenerator = generator, MediaVectorName = "pictures" });
        await indexer.IndexAsync([new SourceDocument { Id = "a.txt", Title = "a", Text = "Some words." }, new SourceDocument { Id = "b.png", Title = "b", Text = "", Media = Fake.Media("image/png", 5) }]);

        VectorRecord[] records = await collection.ScanAsync().ToArrayAsync();
        Assert.Equal([("", "texts"), ("pictures", "pictures")], records.SelectMany(record => record.Vectors.Select(pair => (pair.Key, EmbeddingSpace.SpaceIdOf(pair.Value)!))).Order());
    }

    private async Task<IVectorStore> OpenAsync(string name) => name == "memory" ? new MemoryVectorStore() : await SqliteVectorStore.OpenAsync(Path.Combine(_folder, "store.db"));
}
