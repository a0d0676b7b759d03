using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Polymodal.Providers.Local.Models;
using Xunit.Abstractions;

namespace Polymodal.Multimodal.Tests.Bridges;

[Collection(ShippedModels.Name)]
public sealed class ConseEmbeddingGeneratorTests(ShippedModels models, ITestOutputHelper output)
{
    private const string Folder = "models/tf_efficientnet_lite0.in1k";

    [Fact]
    public async Task Vectors_are_those_of_the_record_with_recorded_and_with_computed_class_vectors()
    {
        (string Name, DataContent Content)[] photos = ShippedModels.Files("models/media/photos", "*.jpg", "image/jpeg");
        SafeTensors recorded = SafeTensors.Read(Repository.PathOf($"{Folder}/reference.safetensors"));
        ConseSettings settings = models.Classifier.GetService<ConseSettings>()!;
        Assert.NotNull(settings.ClassVectors);
        using var shipped = new ConseEmbeddingGenerator(models.Classifier, models.Text);
        using var computed = new ConseEmbeddingGenerator(models.Classifier, models.Text, settings with { ClassVectors = null });
        Assert.Equal(14, photos.Length);
        foreach (ConseEmbeddingGenerator generator in new[] { shipped, computed })
        {
            GeneratedEmbeddings<Embedding<float>> vectors = await generator.GenerateAsync(photos.Select(photo => photo.Content));
            for (int i = 0; i < photos.Length; i++)
            {
                float[] expected = recorded.Floats($"{photos[i].Name}/conse");
                Assert.Equal(384, expected.Length);
                Assert.All(vectors[i].Vector.ToArray().Zip(expected), pair => Assert.InRange(pair.First - pair.Second, -1e-3f, 1e-3f));
                Assert.Equal(models.Text.GetService<EmbeddingSpace>()!.SpaceId, EmbeddingSpace.SpaceIdOf(vectors[i]));
            }
        }
    }

    [Fact]
    public async Task Recall_on_the_recorded_photos_and_queries_is_that_of_the_record()
    {
        (string Name, DataContent Content)[] photos = ShippedModels.Files("models/media/photos", "*.jpg", "image/jpeg");
        using JsonDocument record = JsonDocument.Parse(File.ReadAllText(Repository.PathOf($"{Folder}/conse.json")));
        JsonElement[] results = [.. record.RootElement.GetProperty("results").EnumerateArray()];
        using var conse = new ConseEmbeddingGenerator(models.Classifier, models.Text);
        GeneratedEmbeddings<Embedding<float>> items = await conse.GenerateAsync(photos.Select(photo => photo.Content));
        GeneratedEmbeddings<Embedding<float>> queries = await models.Text.GenerateAsync(results.Select(result => result.GetProperty("query").GetString()!));
        int[] ranks = [.. results.Select((result, i) => 1 + Similarity.TopK(queries[i], items, items.Count).Select(hit => photos[hit.Index].Name).ToList().IndexOf(result.GetProperty("wanted").GetString()!))];
        JsonElement quality = record.RootElement.GetProperty("quality");
        Assert.Equal(36, ranks.Length);
        Assert.Equal(results.Select(result => result.GetProperty("rank").GetInt32()), ranks);
        Assert.Equal(quality.GetProperty("recall@1").GetDouble(), ranks.Count(rank => rank <= 1) / 36.0, 1e-9);
        Assert.Equal(quality.GetProperty("recall@3").GetDouble(), ranks.Count(rank => rank <= 3) / 36.0, 1e-9);
    }

    [Fact]
    public async Task On_pictures_it_was_not_tuned_on_it_finds_more_than_shuffled_partners_do()
    {
        var examples = new List<BridgeExample>();
        foreach (string line in File.ReadLines(Repository.Reference("evaluation/pictures/pictures.jsonl")))
        {
            using JsonDocument picture = JsonDocument.Parse(line);
            var content = new DataContent(File.ReadAllBytes(Repository.Reference($"evaluation/pictures/{picture.RootElement.GetProperty("file").GetString()}")), "image/png");
            examples.AddRange(picture.RootElement.GetProperty("captions").EnumerateArray().Select(caption => new BridgeExample(content, caption.GetString()!)));
        }

        Bridge bridge = await Multimodal.Bridges.Conse(models.Classifier, models.Text).MeasuredAsync(models.Text, examples);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ConSE on 40 emoji, 120 captions: {bridge.Quality}"));
        Assert.Equal(120, bridge.Quality!.Examples);
        Assert.True(bridge.Quality.IsAboveChance && bridge.Quality.RecallAt1 >= 0.12, bridge.Quality.ToString());
    }

    [Fact]
    public async Task The_mean_is_that_of_the_formula_and_other_models_class_vectors_are_not_used()
    {
        float[][] axes = [[3, 0, 0], [0, 4, 0], [0, 0, 5]];
        var text = new VectorFunctionGenerator<string>("text", 3, name => axes[name[^1] - '0']);
        var classifier = new FakeClassifier([1, 3, 2]);
        var settings = new ConseSettings { ClassNames = ["c0", "c1", "c2"], Prompt = "a {}", Top = 2, Temperature = 2, ClassVectors = [new float[] { 0, 1, 0 }, new float[] { 1, 0, 0 }, new float[] { 0, 0, 1 }] };
        using var conse = new ConseEmbeddingGenerator(classifier, text, settings);
        float[] vector = (await conse.GenerateAsync([new DataContent(new byte[] { 1 }, "image/png")]))[0].Vector.ToArray();
        float second = (float)(1 / (1 + Math.Exp(0.5))); // softmax of 3/2 and 2/2
        Assert.Equal([0, 4 * (1 - second), 5 * second], vector, (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.Contains("a c1", text.Inputs);
    }

    [Fact]
    public async Task What_cannot_be_meant_is_refused()
    {
        var text = new VectorFunctionGenerator<string>("text", 3, _ => [1, 0, 0]);
        DataContent picture = new(new byte[] { 1 }, "image/png");
        Assert.Contains("no classifier", Assert.Throws<ArgumentException>(() => new ConseEmbeddingGenerator(new VectorFunctionGenerator<DataContent>("pictures", 3, _ => [1, 0, 0]), text)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new ConseEmbeddingGenerator(new FakeClassifier([1]), text));
        Assert.Throws<ArgumentException>(() => new ConseEmbeddingGenerator(new FakeClassifier([1]), text, new() { ClassNames = ["a"], Temperature = 0 }));
        Assert.Throws<ArgumentException>(() => new ConseEmbeddingGenerator(new FakeClassifier([1]), text, new() { ClassNames = ["a"], Prompt = "no place" }));
        using var two = new ConseEmbeddingGenerator(new FakeClassifier([1]), text, new() { ClassNames = ["a", "b"] });
        Assert.Contains("1 scores, but 2 classes", (await Assert.ThrowsAsync<InvalidDataException>(() => two.GenerateAsync([picture]))).Message, StringComparison.Ordinal);
        using var broken = new ConseEmbeddingGenerator(new FakeClassifier([float.NaN]), text, new() { ClassNames = ["a"] });
        await Assert.ThrowsAsync<InvalidDataException>(() => broken.GenerateAsync([picture]));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => broken.GenerateAsync([picture], new() { Dimensions = 2 }));
    }

    private sealed class FakeClassifier(float[] scores) : IContentClassifier
    {
        public IReadOnlyList<string> Labels => [];

        public string Fingerprint => "fake";

        public Task<IReadOnlyList<float[]>> ScoreAsync(IReadOnlyList<DataContent> inputs, CancellationToken cancellationToken = default) =>
            Task.FromResult<IReadOnlyList<float[]>>([.. inputs.Select(_ => (float[])scores.Clone())]);
    }
}
