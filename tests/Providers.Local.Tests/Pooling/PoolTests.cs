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
    public void Padding_on_either_side_is_never_pooled(PoolingMode mode, float[] expected)
    {
        float[] pooled = new float[4];
        Pool.By(mode, Tokens, Mask, hidden: 2, pooled);
        Assert.Equal(expected, pooled);
    }

    [Theory]
    [InlineData(PoolingMode.Mean)]
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
        ArgumentException error = Assert.Throws<ArgumentException>(() => Pool.Mean(new float[11], Mask, 2, new float[4]));
        Assert.Contains("attentionMask has 6 elements, tokenEmbeddings has 11", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Pool.Mean(Tokens, Mask, 2, new float[3]));
        Assert.Throws<ArgumentException>(() => Pool.Mean(Tokens, Mask, 2, new float[10]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Pool.Mean(Tokens, Mask, 0, new float[4]));
    }

    [Fact]
    public void Unit_length_leaves_zeros_and_directions_alone()
    {
        float[] vectors = [3, 4, 0, 0, -2, 0];
        L2.Normalize(vectors, 2);
        Assert.Equal([0.6f, 0.8f, 0, 0, -1, 0], vectors);
    }
}
