namespace Polymodal.Evaluation.Parity.Tests;

public sealed class ComparisonTests
{
    private static readonly ComparisonRule Values = new(0.5, 0.25, null, Informative: false), Cosine = new(null, null, 0.9, Informative: false);

    [Theory]
    [InlineData(4f, 5.5f, ParityVerdict.Pass)] // |4 − 5.5| = 1.5 ≤ 0.5 + 0.25 × 5.5
    [InlineData(4f, 6.1f, ParityVerdict.Fail)] // 2.1 > 0.5 + 0.25 × 6.1
    [InlineData(6f, 4.4f, ParityVerdict.Pass)] // the bound counts the recorded value: 1.6 ≤ 0.5 + 0.25 × 4.4
    [InlineData(6f, 4.3f, ParityVerdict.Fail)] // 1.7 > 0.5 + 0.25 × 4.3
    [InlineData(-0.5f, 0f, ParityVerdict.Pass)]
    [InlineData(-0.51f, 0f, ParityVerdict.Fail)]
    [InlineData(float.NaN, 1f, ParityVerdict.Fail)]
    [InlineData(1f, float.NaN, ParityVerdict.Fail)]
    [InlineData(float.NaN, float.NaN, ParityVerdict.Fail)]
    [InlineData(float.PositiveInfinity, float.PositiveInfinity, ParityVerdict.Pass)]
    [InlineData(float.PositiveInfinity, float.NegativeInfinity, ParityVerdict.Fail)]
    [InlineData(1f, float.PositiveInfinity, ParityVerdict.Fail)]
    [InlineData(float.NegativeInfinity, 1f, ParityVerdict.Fail)]
    public void Value_may_differ_by_abs_and_rel(float ours, float recorded, ParityVerdict verdict)
    {
        ParityRow row = Comparison.Floats("case", "tensor", [0, ours, 0], [0, recorded, 0], Values);
        Assert.Equal(verdict, row.Verdict);
        Assert.Equal(verdict == ParityVerdict.Fail, row.Note?.StartsWith("at 1: ", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void Rel_alone_is_a_bound()
    {
        var rule = new ComparisonRule(null, 0.1, null, Informative: false);
        Assert.Equal(ParityVerdict.Pass, Comparison.Floats("case", "tensor", [10.9f], [10], rule).Verdict);
        Assert.Equal(ParityVerdict.Fail, Comparison.Floats("case", "tensor", [11.1f], [10], rule).Verdict);
    }

    [Fact]
    public void Equal_takes_no_difference_at_all()
    {
        Assert.Equal(ParityVerdict.Pass, Comparison.Floats("case", "tensor", [1, 0f], [1, -0f], ComparisonRule.Equal).Verdict);
        Assert.Equal(ParityVerdict.Fail, Comparison.Floats("case", "tensor", [MathF.BitIncrement(1)], [1], ComparisonRule.Equal).Verdict);
    }

    [Fact]
    public void Largest_difference_and_smallest_cosine_are_those_of_all_vectors()
    {
        ParityRow row = Comparison.Floats("case", "tensor", [1, 0, 3, 4, 0, 2], [1, 0, 4, 3, 0, 2], Cosine, width: 2);
        Assert.Equal((1, 0.96, ParityVerdict.Pass), (row.LargestDifference, Math.Round(row.SmallestCosine!.Value, 12), row.Verdict));
        Assert.Equal(ParityVerdict.Fail, Comparison.Floats("case", "tensor", [1, 0, 1, 0], [1, 0, 0, 1], Cosine, width: 2).Verdict);
    }

    [Theory]
    [InlineData(0f, 0f, ParityVerdict.Pass)] // two vectors of zeros are the same
    [InlineData(0f, 1f, ParityVerdict.Fail), InlineData(1f, 0f, ParityVerdict.Fail), InlineData(float.NaN, 1f, ParityVerdict.Fail), InlineData(1f, float.NaN, ParityVerdict.Fail)]
    public void Vector_without_direction_equals_only_its_like(float ours, float recorded, ParityVerdict verdict) =>
        Assert.Equal(verdict, Comparison.Floats("case", "tensor", [1, 1, ours, ours], [1, 1, recorded, recorded], Cosine, width: 2).Verdict);

    [Fact]
    public void Numbers_of_another_count_fail_whatever_the_rule()
    {
        Assert.Equal(ParityVerdict.Fail, Comparison.Floats("case", "tensor", [1], [1, 2], Values).Verdict);
        Assert.Equal(ParityVerdict.Fail, Comparison.Floats("case", "tensor", [1, 2, 3], [1, 2, 3], Cosine, width: 2).Verdict);
        Assert.Equal(ParityVerdict.Fail, Comparison.Integers("case", "tensor", [1], []).Verdict);
    }

    [Fact]
    public void What_no_rule_bounds_never_passes()
    {
        Assert.Equal(ParityVerdict.Fail, Comparison.Floats("case", "tensor", [1], [1], rule: null).Verdict);
        Assert.Equal(ParityVerdict.NotSupported, Comparison.Floats("case", "tensor", [1], [1], new ComparisonRule(null, null, null, Informative: false)).Verdict);
        Assert.Equal(ParityVerdict.NotSupported, Comparison.Floats("case", "tensor", [1], [1], Cosine, width: 0).Verdict);
    }

    [Fact]
    public void Informative_is_measured_and_never_judged()
    {
        ParityRow row = Comparison.Floats("case", "tensor", [1, 5], [1, 2], new ComparisonRule(0, null, null, Informative: true));
        Assert.Equal((3, ParityVerdict.Informative), (row.LargestDifference, row.Verdict));
    }

    [Fact]
    public void Whole_numbers_are_equal_or_fail_with_the_first_place()
    {
        Assert.Equal(ParityVerdict.Pass, Comparison.Integers("case", "tensor", [1, -2], [1, -2]).Verdict);
        ParityRow row = Comparison.Integers("case", "tensor", [1, 5, 9], [1, 4, 2]);
        Assert.Equal((7, ParityVerdict.Fail, "at 1: 5, recorded 4"), (row.LargestDifference, row.Verdict, row.Note));
        Assert.Equal(ParityVerdict.Fail, Comparison.Integers("case", "tensor", [long.MinValue], [0]).Verdict);
        Assert.Equal(ParityVerdict.Fail, Comparison.Integers("case", "tensor", [long.MaxValue], [long.MinValue]).Verdict);
    }
}
