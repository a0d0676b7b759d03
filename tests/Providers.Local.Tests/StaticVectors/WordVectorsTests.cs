using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Polymodal.Providers.Local.StaticVectors;

namespace Polymodal.Providers.Local.Tests.StaticVectors;

public class WordVectorsTests
{
    private static readonly WordVectors Table = new(["up", "down", "left", "right", "zero", "Up"], [0, 2, 0, -3, -1, 0, 4, 0, 0, 0, 5, 5]);

    [Fact]
    public void Nearest_leaves_the_word_out_and_orders_equal_scores_by_frequency()
    {
        IReadOnlyList<WordMatch> all = Table.Nearest("up", 100);
        Assert.Equal(["Up", "left", "right", "zero", "down"], all.Select(match => match.Word));
        Assert.Equal(Math.Sqrt(0.5), all[0].Score, 1e-6);
        Assert.Equal(-1, all[^1].Score, 1e-6);
        Assert.Equal("up", Table.Nearest([0, 0.001f], 1)[0].Word);
        Assert.Equal(["left", "right"], Table.Nearest(["up"], ["down"], 2, among: 4).Select(match => match.Word));
    }

    [Fact]
    public void An_unknown_word_is_named_and_impossible_questions_are_refused()
    {
        Assert.Contains("'UP'", Assert.Throws<KeyNotFoundException>(() => Table.Nearest("UP")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Table.Nearest([], []));
        Assert.Throws<ArgumentException>(() => Table.Nearest([1f, 2, 3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Table.Nearest("up", 0));
        Assert.Throws<ArgumentException>(() => Table.OddOneOut(["nothing", "known"]));
        Assert.Throws<ArgumentException>(() => new WordVectors(["a", "b"], [1, 2, 3]));
        Assert.Throws<ArgumentException>(() => new WordVectors([], []));
    }

    [Fact]
    public async Task A_text_is_the_mean_of_its_known_words_each_occurrence_counted()
    {
        var generator = new WordVectorsTextEmbeddingGenerator(Table, "compass", new() { Splitter = new WordSplitter(lowercase: true) });
        GeneratedEmbeddings<Embedding<float>> vectors = await generator.GenerateAsync(["Up, UP... right! sideways", "", "👩‍👩‍👧 \ud800 nothing", "up down-left\u0301"]);

        Assert.Equal([4f / 3, 4f / 3], vectors[0].Vector.ToArray());
        Assert.Equal([0, 0], vectors[1].Vector.ToArray());
        Assert.Equal([0, 0], vectors[2].Vector.ToArray());
        Assert.Equal([0, -0.5f], vectors[3].Vector.ToArray()); // an accent is part of its word
        Assert.Equal(5, vectors.Usage!.InputTokenCount);
        Assert.Equal(generator.GetService<EmbeddingSpace>()!.SpaceId, EmbeddingSpace.SpaceIdOf(vectors[0]));
    }

    [Fact]
    public async Task Weights_learnt_from_a_corpus_make_rare_words_count_more()
    {
        var splitter = new WordSplitter(lowercase: true);
        InverseDocumentFrequencies weights = InverseDocumentFrequencies.Learn(["up up Up", "up right", "up left"], splitter);
        Assert.Equal((3, 1f), (weights.TextCount, weights["up"]));
        Assert.Equal(Math.Log(4.0 / 2) + 1, weights["right"], 1e-6);
        Assert.Equal(Math.Log(4) + 1, weights["down"], 1e-6);

        float right = weights["right"];
        var generator = new WordVectorsTextEmbeddingGenerator(Table, "compass", new() { Splitter = splitter, Weights = weights });
        float[] vector = (await generator.GenerateVectorAsync("up up right")).ToArray();
        Assert.Equal(4 * right / (2 + right), vector[0], 1e-6);
        Assert.Equal(4 / (2 + right), vector[1], 1e-6);
    }

    [Fact]
    public async Task A_table_without_capitals_is_asked_in_lower_case_and_one_with_them_as_it_is()
    {
        var lower = new WordVectorsTextEmbeddingGenerator(new WordVectors(["berlin", "up"], [1, 0, 0, 1]), "lower");
        var cased = new WordVectorsTextEmbeddingGenerator(new WordVectors(["Berlin", "up"], [1, 0, 0, 1]), "cased");
        float[] inLower = (await lower.GenerateVectorAsync("BERLIN")).ToArray(), inCapitals = (await cased.GenerateVectorAsync("BERLIN")).ToArray(), asWritten = (await cased.GenerateVectorAsync("Berlin UP")).ToArray();
        Assert.Equal([1, 0], inLower);
        Assert.Equal([0, 0], inCapitals);
        Assert.Equal([1, 0], asWritten);
    }

    [Fact]
    public void Another_splitting_weighting_or_scaling_is_another_space()
    {
        EmbeddingSpace[] spaces =
        [
            Space(new()), Space(new() { Normalize = true }), Space(new() { Splitter = new WordSplitter(false, new Regex("[a-z]+")) }), Space(new() { Splitter = new WordSplitter(true) }),
            Space(new() { Weights = InverseDocumentFrequencies.Learn(["up"], new WordSplitter(true)) }),
        ];
        Assert.Equal(spaces.Length, spaces.Select(space => space.SpaceId).Distinct().Count());
        Assert.Equal(Space(new()), spaces[0]);

        static EmbeddingSpace Space(WordVectorsTextOptions options) => new WordVectorsTextEmbeddingGenerator(Table, "compass", options).GetService<EmbeddingSpace>()!;
    }

    [Fact]
    public async Task Registered_it_is_resolved_described_and_refuses_what_it_cannot_do()
    {
        using ServiceProvider provider = new ServiceCollection()
            .AddWordVectorsTextEmbeddings(o => o.Path = Repository.Reference("evaluation/words/sample.word2vec.bin"))
            .AddWordVectorsTextEmbeddings("other", o => o.Path = "/nowhere/glove.txt")
            .AddWordVectorsTextEmbeddings("unset", o => o.Normalize = true)
            .BuildServiceProvider();
        var generator = provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>("word-vectors");
        Assert.Equal(50, (await generator.GenerateVectorAsync("The")).Length);
        await Assert.ThrowsAsync<ArgumentException>(() => generator.GenerateAsync(["the"], new() { Dimensions = 10 }));
        await Assert.ThrowsAsync<ArgumentException>(() => generator.GenerateAsync(["the"], new() { ModelId = "glove" }));
        Assert.Contains("text 1 is null", (await Assert.ThrowsAsync<ArgumentNullException>(() => generator.GenerateAsync(["the", null!]))).Message, StringComparison.Ordinal);

        FrameworkAvailability[] found = [.. provider.GetServices<EmbeddingFramework>().Select(framework => framework.Detect())];
        Assert.Equal([true, false, false], found.Select(one => one.IsAvailable));
        Assert.Contains("/nowhere/glove.txt is not a file", found[1].Reason, StringComparison.Ordinal);
        Assert.Contains("Path is not set", found[2].Reason, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>("other"));
    }
}
