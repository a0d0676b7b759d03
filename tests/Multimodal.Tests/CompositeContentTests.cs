using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal.Tests;

public class CompositeContentTests
{
    private static readonly CompositeFusion Halves = CompositeFusion.Early((EmbeddingModality.Image, 1), (EmbeddingModality.Text, 1));

    [Fact]
    public async Task Early_fusion_equals_the_recorded_formula()
    {
        using JsonDocument reference = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.Reference("evaluation/fusion"), "reference.json")));
        JsonElement modal = reference.RootElement.GetProperty("modalities"), expected = modal.GetProperty("expect").GetProperty("early_concat_sqrt_weights");
        float[][] texts = Rows(modal.GetProperty("items").GetProperty("text")), pictures = Rows(modal.GetProperty("items").GetProperty("image")), sounds = Rows(modal.GetProperty("items").GetProperty("audio"));
        float[][] query = [Row(modal.GetProperty("query").GetProperty("text")), Row(modal.GetProperty("query").GetProperty("image")), Row(modal.GetProperty("query").GetProperty("audio"))];
        texts = [.. texts, query[0]];
        pictures = [.. pictures, query[1]];
        sounds = [.. sounds, query[2]];
        JsonElement weights = modal.GetProperty("weights");
        CompositeFusion fusion = CompositeFusion.Early( // not in the order of the places, and not of sum 1
            (EmbeddingModality.Audio, 10 * weights.GetProperty("audio").GetDouble()), (EmbeddingModality.Text, 10 * weights.GetProperty("text").GetDouble()), (EmbeddingModality.Image, 10 * weights.GetProperty("image").GetDouble()));
        using var generator = new MultimodalEmbeddingGenerator(
        [
            Route.Text("t", new FakeGenerator<string>(text => texts[int.Parse(text, null)])), Route.Image("i", new FakeGenerator<DataContent>(picture => pictures[picture.Data.Span[0]])),
            Route.Audio("a", new FakeGenerator<DataContent>(sound => sounds[sound.Data.Span[0]])),
        ]);
        GeneratedEmbeddings<Embedding<float>> vectors = await generator.GenerateAsync(Enumerable.Range(0, texts.Length)
            .Select(i => (AIContent)new CompositeContent(fusion, Fake.Media("audio/wav", (byte)i), Fake.Media("image/png", (byte)i), new TextContent($"{i}"))));

        float[][] wanted = Rows(expected.GetProperty("vectors"));
        for (int i = 0; i < wanted.Length; i++)
        {
            Assert.Equal(wanted[i].Length, vectors[i].Vector.Length);
            Assert.All(wanted[i].Zip(vectors[i].Vector.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
            Assert.Equal(expected.GetProperty("scores")[i].GetSingle(), generator.Compare(vectors[i], vectors[^1]), 1e-6f);
        }

        static float[][] Rows(JsonElement rows) => [.. rows.EnumerateArray().Select(Row)];
        static float[] Row(JsonElement row) => [.. row.EnumerateArray().Select(value => value.GetSingle())];
    }

    [Fact]
    public async Task Absent_parts_are_zeros_of_the_same_space()
    {
        await using var frameworks = new Frameworks();
        GeneratedEmbeddings<Embedding<float>> vectors = await frameworks.Generator.GenerateAsync(
            [new CompositeContent(Halves, new TextContent("four"), Fake.Media("image/png", 3)), new CompositeContent(Halves, new TextContent("four")), "four", new CompositeContent(Halves, Fake.Media("image/png", 3))]);

        string space = EmbeddingSpace.SpaceIdOf(vectors[0])!;
        Assert.Equal("early(0.5 × texts + 0.5 × pictures)", space);
        Assert.Equal([space, space, "texts", space], vectors.Select(EmbeddingSpace.SpaceIdOf));
        float half = MathF.Sqrt(0.5f);
        Assert.All(new[] { 0.6f * half, 0.8f * half, 0.6f * half, 0.8f * half }.Zip(vectors[0].Vector.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
        Assert.All(new[] { 0.6f, 0.8f, 0, 0 }.Zip(vectors[1].Vector.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
        Assert.All(new[] { 0, 0, 0.6f, 0.8f }.Zip(vectors[3].Vector.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
        Assert.Single(frameworks.Texts.Calls); // composite or not, one call a framework
        Assert.Throws<EmbeddingSpaceMismatchException>(() => frameworks.Generator.Compare(vectors[1], vectors[2]));
    }

    [Fact]
    public async Task Other_weights_are_another_space()
    {
        await using var frameworks = new Frameworks();
        CompositeFusion other = CompositeFusion.Early((EmbeddingModality.Image, 1), (EmbeddingModality.Text, 2));
        GeneratedEmbeddings<Embedding<float>> vectors = await frameworks.Generator.GenerateAsync([new CompositeContent(Halves, new TextContent("a")), new CompositeContent(other, new TextContent("a"))]);
        Assert.Throws<EmbeddingSpaceMismatchException>(() => Similarity.Of(vectors[0], vectors[1]));
        var error = await Assert.ThrowsAsync<EmbeddingSpaceMismatchException>(() => frameworks.Generator.CompareAsync(new CompositeContent(Halves, new TextContent("a")), new CompositeContent(other, new TextContent("a"))));
        Assert.Contains("same weights", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Joint_fusion_is_the_frameworks_own()
    {
        var joint = new FakeGenerator<CompositeContent>(item => [item.Parts.Count, 1], Fake.Space("joint"));
        await using var frameworks = new Frameworks(m => m.Joint("service", _ => joint));
        GeneratedEmbeddings<Embedding<float>> vectors = await frameworks.Generator.GenerateAsync(
            [new CompositeContent(CompositeFusion.Joint("service"), new TextContent("a"), Fake.Media("image/png"), Fake.Media("image/png")), "a", new CompositeContent(CompositeFusion.Joint("service"), new TextContent("a"))]);
        Assert.Equal([[3, 1], [3, 1], [1, 1]], Frameworks.Numbers(vectors));
        Assert.Equal(["joint", "texts", "joint"], vectors.Select(EmbeddingSpace.SpaceIdOf));
        Assert.Single(joint.Calls);
    }

    [Fact]
    public async Task What_cannot_be_fused_is_refused_with_the_reason_before_anything_is_embedded()
    {
        await using var frameworks = new Frameworks();
        Assert.Contains("input 1 asks 'clip' to fuse its 2 parts, but 'clip' takes one part at a time; routes that fuse parts: none", await Reason(new CompositeContent(CompositeFusion.Joint("clip"), new TextContent("a"), Fake.Media("image/png"))), StringComparison.Ordinal);
        Assert.Contains("there is no route 'voyage'", await Reason(new CompositeContent(CompositeFusion.Joint("voyage"), new TextContent("a"))), StringComparison.Ordinal);
        Assert.Contains("part of kind Audio, which its fusion gives no weight (weights: Text, Image)", await Reason(new CompositeContent(Halves, new TextContent("a"), Fake.Media("audio/wav"))), StringComparison.Ordinal);
        Assert.Contains("two parts of kind Text", await Reason(new CompositeContent(Halves, new TextContent("a"), new TextContent("b"))), StringComparison.Ordinal);
        Assert.Empty(frameworks.Texts.Calls);

        async Task<string> Reason(CompositeContent item) =>
            (await Assert.ThrowsAsync<NotSupportedException>(() => frameworks.Generator.GenerateAsync(new AIContent[] { new TextContent("a"), item }))).Message;
    }

    [Fact]
    public void Faulty_items_and_weights_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new CompositeContent(Halves));
        Assert.Throws<ArgumentException>(() => new CompositeContent(Halves, new CompositeContent(Halves, new TextContent("a"))));
        Assert.Throws<ArgumentException>(() => new CompositeContent(Halves, new TextContent("a"), null!));
        Assert.Throws<ArgumentException>(() => CompositeFusion.Early());
        Assert.Throws<ArgumentException>(() => CompositeFusion.Early((EmbeddingModality.Text, 0)));
        Assert.Throws<ArgumentException>(() => CompositeFusion.Early((EmbeddingModality.Text, double.NaN)));
        Assert.Throws<ArgumentException>(() => CompositeFusion.Early((EmbeddingModality.Text, 1), (EmbeddingModality.Text, 2)));
    }

    [Fact]
    public async Task A_failing_part_fails_its_item_alone()
    {
        await using var frameworks = new Frameworks();
        MultimodalResults results = await frameworks.Generator.GenerateEachAsync(
            [new CompositeContent(Halves, new TextContent("a"), Fake.Media("image/png", 13)), new CompositeContent(Halves, new TextContent("a"), Fake.Media("image/png", 1)), "a"]);
        Assert.IsType<InvalidDataException>(results.Items[0].Error);
        Assert.All(results.Items.Skip(1), result => Assert.NotNull(result.Embedding));
    }
}
