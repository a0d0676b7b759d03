using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Polymodal.Tests;

public class EmbeddingGeneratorExtensionsTests
{
    [Fact]
    public async Task A_query_goes_out_as_query_and_keeps_the_other_options()
    {
        using FakeGenerator<string> generator = Fake.TextGenerator();
        using var source = new CancellationTokenSource();
        var options = new EmbeddingGenerationOptions { Dimensions = 64 };

        Embedding<float> vector = await generator.GenerateQueryAsync("who?", options, source.Token);

        Assert.Equal([1, 4], vector.Vector.ToArray());
        Assert.Equal(["who?"], generator.Calls.Single());
        Assert.Equal((EmbeddingIntent.Query, 64), (generator.Options.Single().GetIntent(), generator.Options.Single()?.Dimensions));
        Assert.Equal(source.Token, generator.Tokens.Single());
        Assert.Null(options.GetIntent());
    }

    [Fact]
    public async Task Documents_go_out_in_one_call_as_documents()
    {
        using FakeGenerator<string> generator = Fake.TextGenerator();
        using var source = new CancellationTokenSource();

        GeneratedEmbeddings<Embedding<float>> vectors = await generator.GenerateDocumentsAsync(["a", "", "ccc"], cancellationToken: source.Token);

        Assert.Equal([1, 0, 3], vectors.Select(vector => vector.Vector.Span[1]));
        Assert.Equal(["a", "", "ccc"], generator.Calls.Single());
        Assert.Equal(EmbeddingIntent.Document, generator.Options.Single().GetIntent());
        Assert.Equal(source.Token, generator.Tokens.Single());
    }

    [Fact]
    public async Task The_method_decides_the_intent_whatever_the_options_say()
    {
        using FakeGenerator<string> generator = Fake.TextGenerator();
        EmbeddingGenerationOptions clustering = new EmbeddingGenerationOptions().WithIntent(EmbeddingIntent.Clustering);

        await generator.GenerateQueryAsync("q", clustering);
        await generator.GenerateDocumentsAsync(["d"], clustering);

        Assert.Equal([EmbeddingIntent.Query, EmbeddingIntent.Document], generator.Options.Select(options => options.GetIntent()));
    }

    [Theory]
    [InlineData(SimilarityMetric.Cosine, 0.96f)]
    [InlineData(SimilarityMetric.DotProduct, 24f)]
    [InlineData(SimilarityMetric.Euclidean, -1.4142135f)]
    public async Task Similarity_uses_the_metric_of_the_space(SimilarityMetric metric, float expected)
    {
        using var generator = new FakeGenerator<string>(text => text == "a" ? [3, 4] : [4, 3], Fake.Space("any", metric));

        Assert.Equal(expected, await generator.SimilarityAsync("a", "b"), 1e-6f);
        Assert.Equal(["a", "b"], generator.Calls.Single());
    }

    [Fact]
    public async Task Similarity_is_cosine_when_the_generator_names_no_space()
    {
        using var generator = new FakeGenerator<string>(text => text == "a" ? [3, 4] : [4, 3]);
        Assert.Equal(0.96f, await generator.SimilarityAsync("a", "b"), 1e-6f);
    }

    [Fact]
    public async Task Similarity_has_its_own_intent_unless_the_caller_names_one()
    {
        using FakeGenerator<string> generator = Fake.TextGenerator();

        await generator.SimilarityAsync("a", "b", new EmbeddingGenerationOptions { Dimensions = 8 });
        await generator.SimilarityAsync("a", "b", new EmbeddingGenerationOptions().WithIntent(EmbeddingIntent.Clustering));

        Assert.Equal([EmbeddingIntent.Similarity, EmbeddingIntent.Clustering], generator.Options.Select(options => options.GetIntent()));
        Assert.Equal([8, null], generator.Options.Select(options => options?.Dimensions));
    }

    [Fact]
    public async Task Similarity_of_two_spaces_is_an_error()
    {
        await using ServiceProvider container = Fake.Container(services => services
            .AddEmbeddingFramework(Fake.Framework("clip", EmbeddingModality.Image, "image/*"), _ => new FakeGenerator<DataContent>(_ => [1, 0], Fake.Space("clip")))
            .AddEmbeddingFramework(Fake.Framework("wav2vec2", EmbeddingModality.Audio, "audio/*"), _ => new FakeGenerator<DataContent>(_ => [1, 0], Fake.Space("wav2vec2"))));
        var generator = container.GetRequiredService<IEmbeddingGenerator<DataContent, Embedding<float>>>();

        var error = await Assert.ThrowsAsync<EmbeddingSpaceMismatchException>(() => generator.SimilarityAsync(Fake.Media("image/png"), Fake.Media("audio/wav")));
        Assert.Equal(("clip", "wav2vec2"), (error.First, error.Second));
    }

    [Fact]
    public async Task Null_arguments_are_refused_before_the_generator_is_asked()
    {
        using FakeGenerator<string> generator = Fake.TextGenerator();
        IEmbeddingGenerator<string, Embedding<float>> none = null!;

        await Assert.ThrowsAsync<ArgumentNullException>("generator", () => none.GenerateQueryAsync("q"));
        await Assert.ThrowsAsync<ArgumentNullException>("query", () => generator.GenerateQueryAsync(null!));
        await Assert.ThrowsAsync<ArgumentNullException>("generator", () => none.GenerateDocumentsAsync(["d"]));
        await Assert.ThrowsAsync<ArgumentNullException>("documents", () => generator.GenerateDocumentsAsync(null!));
        await Assert.ThrowsAsync<ArgumentNullException>("generator", () => none.SimilarityAsync("a", "b"));
        Assert.Empty(generator.Calls);
    }
}
