using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal.Tests.Search;

public sealed class MixedSearchTests
{
    private const int Dimensions = 16;

    [Fact]
    public async Task In_a_space_with_a_gap_raw_scores_put_texts_first_and_calibrated_ones_the_right_picture()
    {
        var gap = new Gap(seed: 1);
        SearchMedium texts = new("texts", EmbeddingModality.Text, gap.Texts, gap.Items("text", 1.0, 0)), pictures = new("pictures", EmbeddingModality.Image, gap.Texts, gap.Items("picture", -1.0, 100));
        var search = new MixedSearch([texts, pictures], new() { Margin = double.PositiveInfinity, Threshold = -100 });
        await search.CalibrateAsync([.. Enumerable.Range(0, 60).Select(i => $"background {i}")]);
        for (int topic = 0; topic < 8; topic++)
        {
            // The query is about a picture; every text is nearer to it by the cosine.
            Embedding<float> query = gap.Query(100 + topic);
            double bestPicture = (await pictures.SearchAsync(query, null, 1, default))[0].Score;
            Assert.True((await texts.SearchAsync(query, null, 8, default)).All(text => text.Score > bestPicture));
            Assert.Equal($"picture {topic}", (await search.SearchAsync($"about {100 + topic}", 1))[0].Id);
            Assert.Equal($"text {topic}", (await search.SearchAsync($"about {topic}", 1))[0].Id);
        }
    }

    [Fact]
    public async Task Saved_calibrations_give_the_same_answers_and_fit_only_their_media()
    {
        using var folder = new TemporaryFolder();
        string path = folder.PathOf("calibration.json");
        var gap = new Gap(seed: 2);
        SearchMedium[] media = [new("texts", EmbeddingModality.Text, gap.Texts, gap.Items("text", 1.0, 0)), new("pictures", EmbeddingModality.Image, gap.Texts, gap.Items("picture", -1.0, 100))];
        var search = new MixedSearch(media);
        Assert.Throws<InvalidOperationException>(() => search.SaveCalibration(path));
        Assert.Contains("not calibrated", (await Assert.ThrowsAsync<InvalidOperationException>(() => search.SearchAsync("about 3"))).Message, StringComparison.Ordinal);
        await search.CalibrateAsync([.. Enumerable.Range(0, 40).Select(i => $"background {i}")]);
        search.SaveCalibration(path);

        var again = new MixedSearch(media);
        again.LoadCalibration(path);
        Assert.Equal(await search.SearchAsync("about 104"), await again.SearchAsync("about 104"));
        Assert.Equal(2, again.Calibrations.Count);

        SearchMedium bridged = new("pictures", EmbeddingModality.Image, gap.Texts, gap.Items("picture", -1.0, 100), "conse");
        Assert.Contains("conse", Assert.Throws<InvalidDataException>(() => new MixedSearch([media[0], bridged]).LoadCalibration(path)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => new MixedSearch([media[0]]).LoadCalibration(path));
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"version\":1", "\"version\":2", StringComparison.Ordinal));
        Assert.Contains("version 2", Assert.Throws<InvalidDataException>(() => again.LoadCalibration(path)).Message, StringComparison.Ordinal);
        File.WriteAllText(path, "{");
        Assert.Throws<InvalidDataException>(() => again.LoadCalibration(path));
    }

    [Fact]
    public async Task A_store_can_be_a_medium_and_one_without_answers_returns_nothing()
    {
        var queries = new VectorFunctionGenerator<string>("text", 2, text => text.Length % 2 == 0 ? [1, text.Length] : [1, -text.Length]);
        SearchMedium Store(string name, double hit) => new(name, EmbeddingModality.Text, queries, (query, top, _) =>
            Task.FromResult<IReadOnlyList<ScoredItem>>([new($"{name}-1", query.Vector.Span[1] == 100 ? hit : 0.2 + 0.01 * (Math.Abs(query.Vector.Span[1]) % 5)), new($"{name}-2", 0.1)]));
        var search = new MixedSearch([Store("a", 0.9), Store("b", 0.21)]);
        await search.CalibrateAsync();
        IReadOnlyList<MixedMatch> found = await search.SearchAsync(new string('x', 100));
        Assert.Equal(["a-1"], found.Select(match => match.Id));
        Assert.Empty(await search.SearchAsync(new string('x', 5)));
    }

    [Fact]
    public async Task What_cannot_be_calibrated_or_compared_is_refused()
    {
        var gap = new Gap(seed: 3);
        SearchMedium texts = new("texts", EmbeddingModality.Text, gap.Texts, gap.Items("text", 1.0, 0));
        Assert.Throws<ArgumentException>(() => new MixedSearch([]));
        Assert.Throws<ArgumentException>(() => new MixedSearch([texts, texts]));
        Assert.Throws<ArgumentException>(() => new MixedSearch([texts], new() { Margin = -1 }));
        await Assert.ThrowsAsync<ArgumentException>(() => new MixedSearch([texts]).CalibrateAsync(["background 1"]));
        await Assert.ThrowsAsync<ArgumentException>(() => new MixedSearch([texts]).CalibrateAsync(Enumerable.Repeat("about 1", 30)));
        var foreign = new VectorFunctionGenerator<string>("other", Dimensions, _ => new float[Dimensions]);
        Assert.Throws<EmbeddingSpaceMismatchException>(() => new SearchMedium("x", EmbeddingModality.Text, foreign, gap.Items("text", 1.0, 0)));
        var search = new MixedSearch([texts]);
        await search.CalibrateAsync([.. Enumerable.Range(0, 40).Select(i => $"background {i}")]);
        Embedding<float> stranger = (await foreign.GenerateAsync(["a"]))[0];
        await Assert.ThrowsAsync<EmbeddingSpaceMismatchException>(() => search.SearchAsync(stranger, EmbeddingModality.Text));
        await Assert.ThrowsAsync<InvalidOperationException>(() => search.SearchAsync(gap.Query(1), EmbeddingModality.Image));
    }

    /// <summary>A made-up space like CLIP's: texts lie around one axis, pictures on its other side, and topics are small beside that.</summary>
    private sealed class Gap(int seed)
    {
        public VectorFunctionGenerator<string> Texts { get; } = new("joint", Dimensions, text => Vector(seed, text.StartsWith("about", StringComparison.Ordinal) ? int.Parse(text[6..], System.Globalization.CultureInfo.InvariantCulture) : 1000 + int.Parse(text[11..], System.Globalization.CultureInfo.InvariantCulture), 1.0));

        public Embedding<float> Query(int topic) => Texts.GenerateAsync([$"about {topic}"]).Result[0];

        public SearchItem[] Items(string name, double side, int firstTopic) => [.. Enumerable.Range(0, 8).Select(topic =>
        {
            var embedding = new Embedding<float>(Vector(seed, firstTopic + topic, side));
            Texts.Space.Stamp(embedding);
            return new SearchItem($"{name} {topic}", embedding);
        })];

        private static float[] Vector(int seed, int topic, double side)
        {
            var random = new Random(seed * 7919 + topic);
            float[] vector = [.. Enumerable.Range(0, Dimensions).Select(_ => (float)(random.NextDouble() - 0.5) * 0.3f)];
            vector[0] = (float)side;
            return vector;
        }
    }
}
