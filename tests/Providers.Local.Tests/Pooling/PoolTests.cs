using Polymodal.Providers.Local.Pooling;

namespace Polymodal.Providers.Local.Tests.Pooling;

public class PoolTests
{
    // Two texts of three positions, hidden size 2; the first is padded on the right, the second on the left.
    private static readonly float[] Tokens = [1, 2, 3, 4, 99, 99, 99, 99, 5, 6, 7, 8];
    private static readonly long[] Mask = [1, 1, 0, 0, 1, 1];

    [Theory]
    [InlineData(PoolingMode.Mean, new float[] { 2, 3, 6, 7 })]
    [InlineData(PoolingMode.Cls, new float[] { 1, 2, 5, 6 })]
    [InlineData(PoolingMode.LastToken, new float[] { 3, 4, 7, 8 })]
    [InlineData(PoolingMode.Max, new float[] { 3, 4, 7, 8 })]
    [InlineData(PoolingMode.MeanSqrtLength, new float[] { 4 / 1.41421356f, 6 / 1.41421356f, 12 / 1.41421356f, 14 / 1.41421356f })]
    [InlineData(PoolingMode.WeightedMean, new float[] { 7 / 3f, 10 / 3f, 19 / 3f, 22 / 3f })]
    public void Padding_on_either_side_is_never_pooled(PoolingMode mode, float[] expected)
    {
        float[] pooled = new float[4];
        Pool.By(mode, Tokens, Mask, hidden: 2, pooled);
        Assert.Equal(expected, pooled, (left, right) => Math.Abs(left - right) < 1e-6f);
    }

    // Of three tokens 1, 2, 3 the first is prompt: the weights of the others stay 2 and 3.
    [Theory]
    [InlineData(PoolingMode.Mean, 2.5f)]
    [InlineData(PoolingMode.WeightedMean, 13 / 5f)]
    [InlineData(PoolingMode.Cls, 2f)]
    [InlineData(PoolingMode.LastToken, 3f)]
    [InlineData(PoolingMode.Max, 3f)]
    public void A_prompt_that_is_left_out_leaves_weights_and_places_as_they_are(PoolingMode mode, float expected)
    {
        float[] pooled = new float[2];
        Pool.By([mode], [9, 1, 2, 3, 1, 2, 3, 9], [0, 1, 1, 1, 1, 1, 1, 0], hidden: 1, promptTokens: 1, pooled);
        Assert.Equal([expected, expected], pooled, (left, right) => Math.Abs(left - right) < 1e-6f);
    }

    [Fact]
    public void Several_modes_stand_one_after_the_other_in_the_order_given()
    {
        float[] pooled = new float[12];
        Pool.By([PoolingMode.LastToken, PoolingMode.Mean, PoolingMode.Cls], Tokens, Mask, hidden: 2, promptTokens: 0, pooled);
        Assert.Equal([3, 4, 2, 3, 1, 2, 7, 8, 6, 7, 5, 6], pooled);
    }

    [Theory]
    [InlineData(PoolingMode.Mean)]
    [InlineData(PoolingMode.MeanSqrtLength)]
    [InlineData(PoolingMode.WeightedMean)]
    [InlineData(PoolingMode.LastToken)]
    public void A_text_without_tokens_gives_zeros_and_no_NaN(PoolingMode mode)
    {
        float[] pooled = [1, 1, 1, 1];
        Pool.By(mode, Tokens, new long[6], hidden: 2, pooled);
        Assert.Equal(new float[4], pooled);
    }

    [Theory]
    [InlineData(PoolingMode.Mean)]
    [InlineData(PoolingMode.Cls)]
    [InlineData(PoolingMode.LastToken)]
    public void An_empty_sequence_gives_zeros(PoolingMode mode)
    {
        float[] pooled = [1, 1];
        Pool.By(mode, [], [], hidden: 2, pooled);
        Assert.Equal(new float[2], pooled);
    }

    [Fact]
    public void Lengths_that_disagree_are_named()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => Pool.By(PoolingMode.Mean, new float[11], Mask, 2, new float[4]));
        Assert.Contains("attentionMask has 6 elements, tokenEmbeddings has 11", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Pool.By(PoolingMode.Mean, Tokens, Mask, 2, new float[3]));
        Assert.Throws<ArgumentException>(() => Pool.By(PoolingMode.Mean, Tokens, Mask, 2, new float[10]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Pool.By(PoolingMode.Mean, Tokens, Mask, 0, new float[4]));
    }

    [Fact]
    public void Unit_length_leaves_zeros_and_directions_alone()
    {
        float[] vectors = [3, 4, 0, 0, -2, 0];
        L2.Normalize(vectors, 2);
        Assert.Equal([0.6f, 0.8f, 0, 0, -1, 0], vectors);
    }
}
