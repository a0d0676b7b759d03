using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Polymodal.Multimodal.Tests;

public class CompareTests
{
    private static readonly BridgeQuality Good = new(0.8, 0.1, 100);

    [Fact]
    public async Task Inside_one_space_it_is_the_spaces_own_measure()
    {
        await using var frameworks = new Frameworks();
        MultimodalSimilarity texts = await frameworks.Generator.CompareAsync("four", "");
        Assert.Equal(0.6f, texts.Score, 1e-6f);
        Assert.Equal(("texts", SimilarityMetric.Cosine, 0), (texts.SpaceId, texts.Metric, texts.Bridges.Count));
        Assert.Equal(EmbeddingIntent.Similarity, frameworks.Texts.Options.Single().GetIntent());
        GeneratedEmbeddings<Embedding<float>> vectors = await frameworks.Generator.GenerateAsync(["four", ""]);
        Assert.Equal(0.6f, frameworks.Generator.Compare(vectors[0], vectors[1]), 1e-6f);

        using var distances = new MultimodalEmbeddingGenerator([Route.Text("far", new FakeGenerator<string>(text => [text.Length, 0], Fake.Space("far", SimilarityMetric.Euclidean)))]);
        Assert.Equal(-3, (await distances.CompareAsync("four", "1")).Score);
        vectors = await distances.GenerateAsync(["four", "1"]);
        Assert.Equal(-3, distances.Compare(vectors[0], vectors[1]));
    }

    [Fact]
    public async Task Across_spaces_it_is_an_error_that_names_both_and_what_would_do()
    {
        await using var frameworks = new Frameworks();
        var error = await Assert.ThrowsAsync<EmbeddingSpaceMismatchException>(() => frameworks.Generator.CompareAsync("a sunset", Fake.Media("image/jpeg", 3)));
        Assert.Equal(("texts", "pictures"), (error.First, error.Second));
        Assert.Contains("'texts' and of 'pictures' cannot be compared", error.Message, StringComparison.Ordinal);
        Assert.Contains("CLIP", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("sunset", error.Message, StringComparison.Ordinal);
        Assert.Contains("CLAP", (await Assert.ThrowsAsync<EmbeddingSpaceMismatchException>(() => frameworks.Generator.CompareAsync(Fake.Media("audio/wav"), "birds"))).Message, StringComparison.Ordinal);
        Assert.Contains("transcribing", (await Assert.ThrowsAsync<EmbeddingSpaceMismatchException>(() => frameworks.Generator.CompareAsync(Fake.Media("audio/wav"), Fake.Media("image/png")))).Message, StringComparison.Ordinal);

        GeneratedEmbeddings<Embedding<float>> vectors = await frameworks.Generator.GenerateAsync(["a", Fake.Media("image/png", 3)]);
        Assert.Contains("'texts' and of 'pictures'", Assert.Throws<EmbeddingSpaceMismatchException>(() => frameworks.Generator.Compare(vectors[0], vectors[1])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>("second", () => frameworks.Generator.Compare(vectors[0], new Embedding<float>(new float[] { 1, 2 })));
    }

    [Fact]
    public async Task A_second_tower_of_the_same_space_is_found_by_itself()
    {
        await using var frameworks = new Frameworks(
            m => m.Text("clip-text").Text("minilm").Image("clip"),
            services => services.AddEmbeddingFramework(Fake.Framework("clip-text", EmbeddingModality.Text, "text/*"), _ => new FakeGenerator<string>(_ => [3, 4], Fake.Space("pictures"))));
        MultimodalSimilarity found = await frameworks.Generator.CompareAsync("a sunset", Fake.Media("image/jpeg", 3));
        Assert.Equal(("pictures", 0), (found.SpaceId, found.Bridges.Count));
        Assert.Equal(1, found.Score, 1e-6f);
        Assert.Equal("texts", (await frameworks.Generator.CompareAsync("a", "b")).SpaceId);
    }

    [Fact]
    public async Task A_bridge_above_chance_is_used_and_told()
    {
        var bridge = new Bridge("conse", EmbeddingModality.Image, new FakeGenerator<DataContent>(_ => [3, 4], Fake.Space("texts")), Good);
        await using var frameworks = new Frameworks(m => m.Bridge(bridge));
        foreach (bool swapped in new[] { false, true })
        {
            MultimodalInput text = "four", picture = Fake.Media("image/jpeg", 9);
            MultimodalSimilarity found = swapped ? await frameworks.Generator.CompareAsync(picture, text) : await frameworks.Generator.CompareAsync(text, picture);
            Assert.Equal(1, found.Score, 1e-6f);
            Assert.Equal("texts", found.SpaceId);
            Assert.Same(bridge, Assert.Single(found.Bridges));
        }

        Assert.Contains("conse", Assert.Throws<EmbeddingSpaceMismatchException>(() => frameworks.Generator.Compare(Of("texts"), Of("pictures"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_bridges_may_meet_in_a_third_space()
    {
        Bridge describe = new("describe", EmbeddingModality.Image, new FakeGenerator<DataContent>(_ => [3, 4], Fake.Space("texts")), Good),
            transcribe = new("transcribe", EmbeddingModality.Audio, new FakeGenerator<DataContent>(_ => [4, 3], Fake.Space("texts")), Good);
        await using var frameworks = new Frameworks(m => m.Bridge(transcribe), services => services.AddSingleton(describe));
        MultimodalSimilarity found = await frameworks.Generator.CompareAsync(Fake.Media("image/jpeg"), Fake.Media("audio/wav"));
        Assert.Equal([describe, transcribe], found.Bridges);
        Assert.Equal(0.96f, found.Score, 1e-6f);
    }

    [Fact]
    public async Task A_bridge_not_above_permuted_pairs_is_refused_and_so_is_one_that_was_not_measured()
    {
        var generator = new FakeGenerator<DataContent>(_ => [3, 4], Fake.Space("texts"));
        foreach ((BridgeQuality? quality, string reason) in new[] { (new BridgeQuality(0.1, 0.1, 20), "recall@1 of 0.1 on 20 pairs is not above that of permuted pairs, 0.1"), ((BridgeQuality?)null, "was not measured") })
        {
            await using var frameworks = new Frameworks(m => m.Bridge(new Bridge("guess", EmbeddingModality.Image, generator, quality)));
            var error = await Assert.ThrowsAsync<EmbeddingSpaceMismatchException>(() => frameworks.Generator.CompareAsync("a", Fake.Media("image/png")));
            Assert.Contains($"The bridge 'guess' is not used: its", error.Message, StringComparison.Ordinal);
            Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        }

        Assert.Empty(generator.Calls);
    }

    [Fact]
    public async Task An_input_that_only_a_bridge_takes_is_compared_over_it()
    {
        using var generator = new MultimodalEmbeddingGenerator(
            [Route.Text("minilm", new FakeGenerator<string>(_ => [3, 4], Fake.Space("texts")))],
            [new Bridge("transcribe", EmbeddingModality.Audio, new FakeGenerator<DataContent>(_ => [4, 3], Fake.Space("texts")), Good)]);
        Assert.Equal(0.96f, (await generator.CompareAsync("a", Fake.Media("audio/wav"))).Score, 1e-6f);
        await Assert.ThrowsAsync<ArgumentException>(() => generator.CompareAsync("a", Fake.Media("image/png")));
    }

    [Fact]
    public async Task A_bridge_whose_vectors_are_of_another_space_than_it_says_is_found_out()
    {
        await using var frameworks = new Frameworks(m => m.Bridge(new Bridge("liar", EmbeddingModality.Image, new Mislabelled(), Good)));
        await Assert.ThrowsAsync<EmbeddingSpaceMismatchException>(() => frameworks.Generator.CompareAsync("a", Fake.Media("image/png")));
    }

    [Fact]
    public async Task Bridges_are_not_made_before_a_comparison_needs_one()
    {
        int made = 0;
        await using var frameworks = new Frameworks(m => m.Bridge(_ =>
        {
            made++;
            return new Bridge("conse", EmbeddingModality.Image, new FakeGenerator<DataContent>(_ => [3, 4], Fake.Space("texts")), Good);
        }));
        await frameworks.Generator.CompareAsync("a", "b");
        Assert.Equal(0, made);
        await frameworks.Generator.CompareAsync("a", Fake.Media("image/png"));
        await frameworks.Generator.CompareAsync("a", Fake.Media("image/png"));
        Assert.Equal(1, made);
    }

    private static Embedding<float> Of(string space)
    {
        var vector = new Embedding<float>(new float[] { 1, 2 });
        Fake.Space(space).Stamp(vector);
        return vector;
    }

    private sealed class Mislabelled : IEmbeddingGenerator<DataContent, Embedding<float>>
    {
        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<DataContent> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(values.Select(_ => Of("elsewhere"))));

        public object? GetService(Type serviceType, object? serviceKey = null) => serviceType == typeof(EmbeddingSpace) ? Fake.Space("texts") : null;

        public void Dispose()
        {
        }
    }
}
