namespace Polymodal.Multimodal.Tests.Fusion;

public sealed class FusionTests
{
    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void The_cosine_of_joined_vectors_is_the_weighted_mean_of_the_cosines(int seed)
    {
        var random = new Random(seed);
        int[] dimensions = [5, 3, 7];
        double[] weights = [0.5, 0.2, 1.3];
        ReadOnlyMemory<float>?[] first = [.. dimensions.Select(length => (ReadOnlyMemory<float>?)Vectors.Random(random, length))], second = [.. dimensions.Select(length => (ReadOnlyMemory<float>?)Vectors.Random(random, length))];
        double mean = Enumerable.Range(0, 3).Sum(m => weights[m] * Similarity.Of(first[m]!.Value.Span, second[m]!.Value.Span)) / weights.Sum();
        Assert.Equal(mean, Similarity.Of(EarlyFusion.Concatenate(first, dimensions, weights), EarlyFusion.Concatenate(second, dimensions, weights)), 5);
    }

    [Fact]
    public void What_an_item_lacks_is_zeros_and_nothing_at_all_is_no_vector()
    {
        float[] joined = EarlyFusion.Concatenate([new float[] { 3, 4 }, null], [2, 3], [1, 4]);
        Assert.Equal([0.6f, 0.8f, 0, 0, 0], joined);
        Assert.Equal(new float[5], EarlyFusion.Concatenate([null, null], [2, 3]));
        Assert.Throws<ArgumentException>(() => EarlyFusion.Concatenate([new float[] { 3, 4 }], [2, 3]));
        Assert.Throws<ArgumentException>(() => EarlyFusion.Concatenate([null, null], [2, 3], [0, 0]));
        Assert.NotEqual(EarlyFusion.SpaceIdOf(["a", "b"], [1, 2]), EarlyFusion.SpaceIdOf(["a", "b"], [2, 1]));
    }

    [Fact]
    public void An_item_without_a_modality_is_judged_by_the_others()
    {
        double[] fused = LateFusion.Fuse([[0.4, double.NaN, double.NaN], [0.8, 0.2, double.NaN]], LateFusionRule.Mean, [3, 1]);
        Assert.Equal(0.5, fused[0], 12);
        Assert.Equal(0.2, fused[1], 12);
        Assert.True(double.IsNaN(fused[2]));
        Assert.Empty(LateFusion.Fuse([], LateFusionRule.MinMax));
        Assert.Throws<ArgumentException>(() => LateFusion.Fuse([[1], [1, 2]], LateFusionRule.Mean));
    }

    [Fact]
    public void Halfway_between_directions_is_as_far_from_both()
    {
        float[] half = JointFusion.Slerp(new float[] { 1, 0 }, new float[] { 0, 5 }, 0.5);
        Assert.Equal(half[0], half[1], 6);
        Assert.Equal([1f, 0], JointFusion.Slerp(new float[] { 2, 0 }, new float[] { 2, 0 }, 0.3));
    }
}
