using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Polymodal.Multimodal.Tests;

/// <summary>Long mixed lists, with frameworks that are not real and with the models that ship.</summary>
public class MixedListTests
{
    public static TheoryData<int> Seeds => [1, 2, 3, 4, 5];

    [Theory, MemberData(nameof(Seeds))]
    public async Task A_thousand_mixed_items_in_any_order_equal_each_framework_alone(int seed)
    {
        await using var frameworks = new Frameworks();
        var random = new Random(seed);
        CompositeFusion fusion = CompositeFusion.Early((EmbeddingModality.Text, 0.3), (EmbeddingModality.Image, 0.7));
        AIContent[] items = [.. Enumerable.Range(0, 1_000).Select(i => random.Next(4) switch
        {
            0 => new TextContent(new string('x', i)),
            1 => Fake.Media("image/png", (byte)random.Next(20, 256)),
            2 => Fake.Media("audio/wav", (byte)random.Next(1, 256)),
            _ => (AIContent)new CompositeContent(fusion, new TextContent(new string('y', i)), Fake.Media("image/jpeg", (byte)random.Next(20, 256))),
        })];

        GeneratedEmbeddings<Embedding<float>> mixed = await frameworks.Generator.GenerateAsync(items);
        MultimodalResults each = await frameworks.Generator.GenerateEachAsync(items.Select(item => (MultimodalInput)item));
        Assert.Equal(1_000, mixed.Count);
        for (int i = 0; i < items.Length; i++)
        {
            Embedding<float> alone = items[i] switch
            {
                TextContent text => (await frameworks.Texts.GenerateAsync([text.Text]))[0],
                DataContent data => (await (data.HasTopLevelMediaType("image") ? frameworks.Pictures : frameworks.Sounds).GenerateAsync([data]))[0],
                _ => await frameworks.Generator.GenerateAsync(items[i]),
            };
            Assert.Equal(alone.Vector.ToArray(), mixed[i].Vector.ToArray());
            Assert.Equal(EmbeddingSpace.SpaceIdOf(alone), EmbeddingSpace.SpaceIdOf(mixed[i]));
            Assert.Equal(alone.Vector.ToArray(), each.Items[i].Embedding!.Vector.ToArray());
        }
    }

    [Fact]
    public async Task A_thousand_mixed_items_of_the_models_that_ship_equal_each_framework_alone()
    {
        await using ServiceProvider services = new ServiceCollection()
            .AddSentenceTransformersTextEmbeddings().AddTimmImageEmbeddings().AddWhisperAudioEmbeddings(o => o.ModelPath = Repository.PathOf("models/whisper-tiny.en")).AddMultimodalEmbeddings().BuildServiceProvider();
        var generator = services.GetRequiredService<MultimodalEmbeddingGenerator>();
        var random = new Random(9);
        DataContent[] pictures = await LoadAsync("models/media/photos", "*.jpg", 6), sounds = await LoadAsync("models/speech", "*.wav", 2);
        using JsonDocument recorded = JsonDocument.Parse(await File.ReadAllTextAsync(Repository.PathOf("models/texts/texts.json")));
        string[] queries = Texts("queries"), texts = [.. queries, .. Texts("passages").Take(8), .. Texts("hard").Where(text => text.Length < 200)];
        AIContent[] items =
        [
            .. texts.Select(text => new TextContent(text)), .. Enumerable.Range(0, 984 - texts.Length).Select(i => new TextContent(queries[i % queries.Length])), .. pictures, .. pictures, .. sounds, .. sounds,
        ];
        random.Shuffle(items);
        Assert.Equal(1_000, items.Length);

        GeneratedEmbeddings<Embedding<float>> mixed = await generator.GenerateAsync(items);
        Dictionary<string, float[]> textsAlone = await AloneAsync(services.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>("sentence-transformers"), [.. texts.Distinct()]);
        Dictionary<DataContent, float[]> picturesAlone = await AloneAsync(services.GetRequiredKeyedService<IEmbeddingGenerator<DataContent, Embedding<float>>>("timm"), pictures),
            soundsAlone = await AloneAsync(services.GetRequiredKeyedService<IEmbeddingGenerator<DataContent, Embedding<float>>>("whisper"), sounds);
        for (int i = 0; i < items.Length; i++)
        {
            float[] alone = items[i] is TextContent text ? textsAlone[text.Text] : ((DataContent)items[i]).HasTopLevelMediaType("image") ? picturesAlone[(DataContent)items[i]] : soundsAlone[(DataContent)items[i]];
            Assert.Equal(alone.Length, mixed[i].Vector.Length);
            Assert.InRange(Similarity.Of(alone, mixed[i].Vector.Span), 0.99999f, 1f); // runs of other sizes round otherwise
        }

        string[] Texts(string kind) => [.. recorded.RootElement.GetProperty(kind).EnumerateArray().Select(text => text.GetString()!)];

        async Task<Dictionary<T, float[]>> AloneAsync<T>(IEmbeddingGenerator<T, Embedding<float>> framework, T[] inputs)
            where T : notnull
        {
            GeneratedEmbeddings<Embedding<float>> vectors = await framework.GenerateAsync(inputs);
            return inputs.Zip(vectors).ToDictionary(pair => pair.First, pair => pair.Second.Vector.ToArray());
        }

        static async Task<DataContent[]> LoadAsync(string folder, string pattern, int count) =>
            await Task.WhenAll(Directory.EnumerateFiles(Repository.PathOf(folder), pattern).Order(StringComparer.Ordinal).Take(count).Select(file => DataContent.LoadFromAsync(file).AsTask()));
    }

    [Fact]
    public async Task Callers_side_by_side_get_their_own_vectors()
    {
        using var generator = new MultimodalEmbeddingGenerator(
        [
            Route.Text("texts", new Slow<string>(text => [1, text.Length])), Route.Image("pictures", new Slow<DataContent>(picture => [2, picture.Data.Span[0]])), Route.Audio("sounds", new Slow<DataContent>(sound => [3, sound.Data.Span[0]])),
        ]);
        await Parallel.ForEachAsync(Enumerable.Range(0, 64), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (caller, cancellationToken) =>
        {
            GeneratedEmbeddings<Embedding<float>> vectors = await generator.GenerateAsync(
                [Fake.Media("audio/wav", (byte)caller), new string('x', caller), Fake.Media("image/png", (byte)(caller + 1)), "two"], cancellationToken: cancellationToken);
            Assert.Equal([[3, caller], [1, caller], [2, caller + 1], [1, 3]], Frameworks.Numbers(vectors));
        });
    }

    private sealed class Slow<TInput>(Func<TInput, float[]> embed) : IEmbeddingGenerator<TInput, Embedding<float>>
    {
        public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<TInput> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            return new(values.Select(value => new Embedding<float>(embed(value))));
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
