using Microsoft.Extensions.AI;

namespace Polymodal.Tests;

public class SimilarityTests
{
    [Theory]
    [InlineData(SimilarityMetric.Cosine, 0.96f)]
    [InlineData(SimilarityMetric.DotProduct, 24f)]
    [InlineData(SimilarityMetric.Euclidean, -1.4142135f)]
    public void Scores_by_the_metric(SimilarityMetric metric, float expected) =>
        Assert.Equal(expected, Similarity.Of([3, 4], [4, 3], metric), 1e-6f);

    [Theory]
    [InlineData(SimilarityMetric.Cosine)]
    [InlineData(SimilarityMetric.DotProduct)]
    [InlineData(SimilarityMetric.Euclidean)]
    public void Nearer_scores_higher(SimilarityMetric metric)
    {
        float[] query = [1, 0];
        Assert.True(Similarity.Of(query, [0.9f, 0.1f], metric) > Similarity.Of(query, [-1f, 0.1f], metric));
    }

    [Fact]
    public void Zeros_have_cosine_0_with_everything_and_with_each_other()
    {
        Assert.Equal(0, Similarity.Of([0, 0, 0], [1, 2, 3]));
        Assert.Equal(0, Similarity.Of([1, 2, 3], [0, 0, 0]));
        Assert.Equal(0, Similarity.Of([0, 0, 0], [0, 0, 0]));
    }

    [Fact]
    public void Cosine_stays_within_minus_1_and_1()
    {
        var random = new Random(5);
        for (int trial = 0; trial < 2_000; trial++)
        {
            float[] vector = [.. Enumerable.Range(0, 1 + trial % 400).Select(_ => random.NextSingle() - 0.5f)];
            float[] scaled = [.. vector.Select(value => value * 3)];
            float[] opposite = [.. vector.Select(value => value * -7)];
            Assert.InRange(Similarity.Of(vector, scaled), 0.99999f, 1f);
            Assert.InRange(Similarity.Of(vector, opposite), -1f, -0.99999f);
        }
    }

    [Fact]
    public void Vectors_of_two_lengths_or_of_none_are_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => Similarity.Of([1, 2, 3], [1, 2]));
        Assert.Contains("first has 3 elements, second has 2", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Similarity.Of([], []));
        Assert.Throws<ArgumentException>(() => Similarity.Of(Vector(1, 2), Vector(1, 2, 3)));
    }

    [Fact]
    public void An_unknown_metric_is_an_error_that_lists_the_known_ones()
    {
        var error = Assert.Throws<ArgumentException>(() => Similarity.Of([1], [1], (SimilarityMetric)99));
        Assert.Contains("metric is 99; known: Cosine, DotProduct, Euclidean", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Vectors_of_two_spaces_give_an_error_and_no_number()
    {
        Embedding<float> text = Vector(1, 0), sound = Vector(1, 0), unknown = Vector(1, 0);
        Fake.Space("minilm").Stamp(text);
        Fake.Space("wav2vec2").Stamp(sound);

        Assert.Throws<EmbeddingSpaceMismatchException>(() => Similarity.Of(text, sound));
        Assert.Throws<EmbeddingSpaceMismatchException>(() => Similarity.TopK(text, [unknown, sound], k: 1));
        Assert.Equal(1, Similarity.Of(text, unknown));
    }

    [Fact]
    public void OneToMany_scores_each_row()
    {
        float[] scores = new float[3];
        Similarity.OneToMany([1, 0], [2, 0, /* */ 0, 5, /* */ -1, 0], scores);
        Assert.Equal([1, 0, -1], scores);

        Similarity.OneToMany([1, 0], [2, 0, /* */ 0, 5, /* */ -1, 0], scores, SimilarityMetric.DotProduct);
        Assert.Equal([2, 0, -1], scores);
    }

    [Fact]
    public void OneToMany_of_no_rows_is_no_work() =>
        Assert.Null(Record.Exception(() => Similarity.OneToMany([1, 0], [], [])));

    [Theory]
    [InlineData(2, 5, 3)]
    [InlineData(2, 6, 2)]
    [InlineData(2, 6, 4)]
    [InlineData(2, 0, 1)]
    public void OneToMany_refuses_shapes_that_disagree(int dimensions, int candidates, int rows)
    {
        var error = Assert.Throws<ArgumentException>(() => Similarity.OneToMany(new float[dimensions], new float[candidates], new float[rows]));
        Assert.Contains($"candidates has {candidates} elements", error.Message, StringComparison.Ordinal);
        Assert.Contains($"need {dimensions * rows}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OneToMany_refuses_a_query_of_length_0()
    {
        var error = Assert.Throws<ArgumentException>(() => Similarity.OneToMany([], [], new float[3]));
        Assert.Equal("query", error.ParamName);
    }

    [Fact]
    public void TopK_gives_the_best_first_and_keeps_the_order_of_ties()
    {
        Embedding<float>[] candidates = [Vector(0, 1), Vector(1, 0), Vector(-1, 0), Vector(2, 0), Vector(0, 7), Vector(3, 0)];

        IReadOnlyList<ScoredIndex> best = Similarity.TopK(Vector(1, 0), candidates, k: 5);

        Assert.Equal([1, 3, 5, 0, 4], best.Select(match => match.Index));
        Assert.Equal([1, 1, 1, 0, 0], best.Select(match => match.Score));
    }

    [Theory]
    [InlineData(SimilarityMetric.DotProduct, 2)]
    [InlineData(SimilarityMetric.Euclidean, 1)]
    public void TopK_ranks_by_the_metric(SimilarityMetric metric, int best) =>
        Assert.Equal(best, Similarity.TopK(Vector(1, 0), [Vector(0, 1), Vector(1.1f, 0), Vector(9, 9)], k: 1, metric).Single().Index);

    [Fact]
    public void TopK_of_more_than_there_are_gives_all()
    {
        Assert.Equal(2, Similarity.TopK(Vector(1), [Vector(2), Vector(3)], k: 100).Count);
        Assert.Empty(Similarity.TopK(Vector(1), [], k: 1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void TopK_of_less_than_one_is_refused(int k) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Similarity.TopK(Vector(1), [Vector(1)], k));

    [Fact]
    public void TopK_refuses_a_candidate_of_another_length() =>
        Assert.Throws<ArgumentException>(() => Similarity.TopK(Vector(1, 0), [Vector(1, 0), Vector(1)], k: 1));

    private static Embedding<float> Vector(params float[] values) => new(values);
}
