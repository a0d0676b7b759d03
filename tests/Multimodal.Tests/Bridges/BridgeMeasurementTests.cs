using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal.Tests.Bridges;

public sealed class BridgeMeasurementTests
{
    private const int Items = 12;

    [Fact]
    public async Task A_bridge_that_finds_every_partner_is_above_chance_and_one_that_finds_one_item_for_all_is_not()
    {
        var text = new VectorFunctionGenerator<string>("joint", Items, word => Axis(int.Parse(word.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)));
        // Two texts an item, and the items not in the order of the texts.
        DataContent[] pictures = [.. Enumerable.Range(0, Items).Select(i => new DataContent(new[] { (byte)i }, "image/png"))];
        BridgeExample[] examples = [.. Enumerable.Range(0, 2 * Items).Select(i => new BridgeExample(pictures[(7 * i) % Items], $"item {(7 * i) % Items}"))];
        Bridge good = await Multimodal.Bridges.SharedTowers(EmbeddingModality.Image, Towers("joint", Axis), text).MeasuredAsync(text, examples);
        Assert.Equal((1, 2 * Items), (good.Quality!.RecallAt1, good.Quality.Examples));
        Assert.InRange(good.Quality.PermutedRecallAt1, 1.0 / Items, 0.6);
        Assert.True(good.Quality.IsAboveChance);

        Bridge blind = await Multimodal.Bridges.SharedTowers(EmbeddingModality.Image, Towers("joint", _ => Axis(0)), text).MeasuredAsync(text, examples);
        Assert.False(blind.Quality!.IsAboveChance, blind.Quality.ToString());
        Assert.Equal(good.Quality, BridgeMeasurement.Measure(await text.GenerateAsync(examples.Select(example => example.Text)), await good.Generator.GenerateAsync(pictures), [.. examples.Select(example => Array.IndexOf(pictures, example.Item))]) with { PermutedRecallAt1 = good.Quality.PermutedRecallAt1 });
    }

    [Fact]
    public async Task Towers_of_two_spaces_and_examples_that_cannot_be_measured_are_refused()
    {
        var text = new VectorFunctionGenerator<string>("text", Items, _ => Axis(1));
        Assert.Contains("joint", Assert.Throws<EmbeddingSpaceMismatchException>(() => Multimodal.Bridges.SharedTowers(EmbeddingModality.Image, Towers("joint", Axis), text)).Message, StringComparison.Ordinal);
        var bridge = new Bridge("foreign", EmbeddingModality.Image, Towers("joint", Axis));
        DataContent one = new(new byte[] { 1 }, "image/png"), two = new(new byte[] { 2 }, "image/png");
        await Assert.ThrowsAsync<ArgumentException>(() => bridge.MeasuredAsync(text, [new(one, "a"), new(one, "b")]));
        await Assert.ThrowsAsync<EmbeddingSpaceMismatchException>(() => bridge.MeasuredAsync(text, [new(one, "a"), new(two, "b")]));
    }

    private static VectorFunctionGenerator<DataContent> Towers(string space, Func<int, float[]> vector) => new(space, Items, picture => vector(picture.Data.Span[0]));

    private static float[] Axis(int place)
    {
        var vector = new float[Items];
        vector[place] = 1;
        return vector;
    }
}
