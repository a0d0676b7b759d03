using Microsoft.Extensions.AI;
using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Models;
using Xunit.Abstractions;
using static Polymodal.VectorStore.Tests.TestData;

namespace Polymodal.VectorStore.Tests.Identity;

/// <summary>Each way in which the model that ships can be changed unnoticed, made on purpose.</summary>
public sealed class DriftTests(ITestOutputHelper output, DriftTests.Recorded recorded) : IClassFixture<DriftTests.Recorded>
{
    [Fact]
    public async Task Another_precision_is_the_same_space()
    {
        using LocalTextEmbeddingGenerator generator = await LoadAsync(Repository.MiniLM, "fp32");
        Assert.Equal(EmbeddingDriftCause.None, (await CompareAsync(generator)).Cause);
    }

    [Theory]
    [InlineData("query: "), InlineData("passage: "), InlineData("search_document: "), InlineData("Represent this sentence for searching relevant passages: ")]
    [InlineData("Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: ")]
    public async Task A_prompt_is_told_by_short_texts(string prompt)
    {
        using var generator = new Changed(recorded.Generator, texts => texts.Select(text => prompt + text), vector => vector);
        Assert.Equal(EmbeddingDriftCause.Prompt, (await CompareAsync(generator)).Cause);
    }

    [Theory, InlineData("cls_token"), InlineData("lasttoken")]
    public async Task Another_pooling_is_told(string mode)
    {
        using var folder = new ModelCopy();
        folder.Replace("1_Pooling/config.json", "\"pooling_mode_mean_tokens\": true", $"\"pooling_mode_mean_tokens\": false, \"pooling_mode_{mode}\": true");
        if (mode == "cls_token")
            folder.Replace("1_Pooling/config.json", "\"pooling_mode_cls_token\": false,", "");
        using LocalTextEmbeddingGenerator generator = await LoadAsync(folder.Path);
        Assert.Equal(EmbeddingDriftCause.Pooling, (await CompareAsync(generator)).Cause);
    }

    [Fact]
    public async Task Missing_normalisation_is_told_by_lengths()
    {
        using var folder = new ModelCopy();
        string modules = File.ReadAllText(folder.FileOf("modules.json"));
        File.WriteAllText(folder.FileOf("modules.json"), modules[..modules.LastIndexOf(',', modules.IndexOf("\"idx\": 2", StringComparison.Ordinal))] + "]");
        using LocalTextEmbeddingGenerator generator = await LoadAsync(folder.Path);
        EmbeddingDrift drift = await CompareAsync(generator);
        Assert.Equal(EmbeddingDriftCause.Normalization, drift.Cause);
        Assert.InRange(drift.SmallestCosine, 0.999, 1.0001);
        Assert.False(drift.LengthRatio is > 0.95 and < 1.05);
    }

    [Fact]
    public async Task Another_model_is_told_even_when_it_orders_texts_alike()
    {
        int[] places = [.. Enumerable.Range(0, recorded.Definition.Dimensions)];
        new Random(5).Shuffle(places);
        using var turned = new Changed(recorded.Generator, texts => texts, vector => [.. places.Select(place => vector[place])]);
        using var foreign = new SpaceGenerator("foreign", recorded.Definition.Dimensions, 9);
        Assert.Equal(EmbeddingDriftCause.OtherModel, (await CompareAsync(turned)).Cause);
        Assert.Equal(EmbeddingDriftCause.OtherModel, (await CompareAsync(foreign)).Cause);
    }

    [Fact]
    public async Task Writing_is_refused_when_opened_with_a_drifted_generator_and_reading_goes_on()
    {
        using var store = new MemoryVectorStore();
        using var generator = new SpaceGenerator("space", 16, 1);
        GuardedVectorCollection collection = await store.OpenCollectionAsync("docs", generator);
        Assert.True(collection.Drift!.IsSame);
        await collection.UpsertAsync([new() { Id = 1, Embedding = new(generator.VectorOf("a")) }]);

        generator.Change = vector => [.. vector.Select(value => value * 3)];
        GuardedVectorCollection reopened = await store.OpenCollectionAsync("docs", generator);
        EmbeddingDriftException error = await Assert.ThrowsAsync<EmbeddingDriftException>(() => reopened.UpsertAsync([new() { Id = 2, Embedding = new(generator.VectorOf("b")) }]));

        Assert.Equal(EmbeddingDriftCause.Normalization, error.Drift.Cause);
        Assert.Contains("'docs'", error.Message, StringComparison.Ordinal);
        Assert.Contains("1.000", error.Message, StringComparison.Ordinal);
        Assert.Contains("normalisation", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, await reopened.CountAsync());
        Assert.Single(await reopened.SearchAsync(new Embedding<float>(generator.VectorOf("a"))));
        using var other = new SpaceGenerator("other", 16, 1);
        await Assert.ThrowsAsync<EmbeddingSpaceMismatchException>(() => store.OpenCollectionAsync("docs", other));
    }

    [Fact]
    public async Task A_generator_that_drifts_while_it_is_used_is_noticed_after_so_many_records()
    {
        using var store = new MemoryVectorStore();
        using var generator = new SpaceGenerator("space", 16, 1);
        IVectorCollection inner = await store.OpenCollectionAsync("docs", generator);
        GuardedVectorCollection collection = await GuardedVectorCollection.OpenAsync(inner, generator, recordsBetweenChecks: 10);
        VectorRecord[] Batch(int first) => [.. Enumerable.Range(first, 4).Select(i => new VectorRecord { Id = i, Embedding = new(Vector(new(i), 16)) })];
        await collection.UpsertAsync(Batch(0));
        generator.Change = vector => [.. vector.Select(value => value * 3)];
        await collection.UpsertAsync(Batch(4));

        await Assert.ThrowsAsync<EmbeddingDriftException>(() => collection.UpsertAsync(Batch(8)));
        await Assert.ThrowsAsync<EmbeddingDriftException>(() => collection.UpsertAsync(Batch(8)));

        Assert.Equal(8, await inner.CountAsync());
    }

    [Fact]
    public async Task A_collection_without_probes_is_written_unguarded()
    {
        using var store = new MemoryVectorStore();
        using var generator = new SpaceGenerator("space", 16, 1);
        await store.GetOrCreateCollectionAsync("docs", VectorCollectionDefinition.For(generator.Space));
        GuardedVectorCollection collection = await store.OpenCollectionAsync("docs", generator);
        Assert.Null(collection.Drift);
        await collection.UpsertAsync([new() { Id = 1, Embedding = new(generator.VectorOf("a")) }]);
    }

    private async Task<EmbeddingDrift> CompareAsync(IEmbeddingGenerator<string, Embedding<float>> generator)
    {
        EmbeddingDrift drift = (await EmbeddingProbes.CompareAsync(generator, recorded.Definition))!;
        output.WriteLine(drift.Describe());
        return drift;
    }

    private static Task<LocalTextEmbeddingGenerator> LoadAsync(string folder, string weights = "int8") =>
        LocalTextEmbeddingGenerator.LoadAsync(folder, new() { Weights = ModelWeights.Parse(weights) });

    /// <summary>What a collection made with the model as it ships recorded.</summary>
    public sealed class Recorded : IAsyncLifetime
    {
        public LocalTextEmbeddingGenerator Generator { get; private set; } = null!;

        public VectorDefinition Definition { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Generator = await LoadAsync(Repository.MiniLM);
            Definition = await EmbeddingProbes.DefineAsync(Generator);
        }

        public Task DisposeAsync()
        {
            Generator.Dispose();
            return Task.CompletedTask;
        }
    }

    /// <summary>The model with something changed on the way in or out; the fixture owns the model.</summary>
    private sealed class Changed(IEmbeddingGenerator<string, Embedding<float>> inner, Func<IEnumerable<string>, IEnumerable<string>> texts, Func<float[], float[]> change) : IEmbeddingGenerator<string, Embedding<float>>
    {
        public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
            new((await inner.GenerateAsync(texts(values), options, cancellationToken)).Select(vector => new Embedding<float>(change(vector.Vector.ToArray()))));

        public object? GetService(Type serviceType, object? serviceKey = null) => inner.GetService(serviceType, serviceKey);

        public void Dispose()
        {
        }
    }

    private sealed class ModelCopy : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public ModelCopy()
        {
            foreach (string file in (string[])["config.json", "config_sentence_transformers.json", "modules.json", "sentence_bert_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt", "1_Pooling/config.json", "onnx/model_int8.onnx"])
            {
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(FileOf(file))!);
                File.Copy(Repository.PathOf($"models/all-MiniLM-L6-v2/{file}"), FileOf(file));
            }
        }

        public string Path => _folder.Path;

        public string FileOf(string name) => _folder.File(name.Split('/'));

        public void Replace(string name, string old, string @new)
        {
            string text = File.ReadAllText(FileOf(name));
            Assert.Contains(old, text, StringComparison.Ordinal);
            File.WriteAllText(FileOf(name), text.Replace(old, @new, StringComparison.Ordinal));
        }

        public void Dispose() => _folder.Dispose();
    }
}
