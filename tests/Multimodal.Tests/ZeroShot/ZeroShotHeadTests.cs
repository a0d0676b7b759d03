using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal.Tests.ZeroShot;

public sealed class ZeroShotHeadTests
{
    private static readonly ZeroShotHead Head = Create(new ContrastiveScale(10));

    [Fact]
    public void The_longest_prompt_counts_no_more_than_the_others()
    {
        var head = ZeroShotHead.Create(["a"], [[Vectors.Of(100, 0), Vectors.Of(0, 1)]], new ContrastiveScale(1));
        Assert.Equal(head.ClassVector(0).Span[0], head.ClassVector(0).Span[1], 6);
    }

    [Fact]
    public void Softmax_adds_up_to_one_and_sigmoid_judges_each_class_by_itself()
    {
        ZeroShotResult soft = Head.Classify(Vectors.Of(1, 0.1f, 0), top: 9), sigmoid = Create(new ContrastiveScale(10, -2)).Classify(Vectors.Of(1, 1, 0));
        Assert.Equal(["x", "y", "z"], soft.Classes.Select(found => found.Label));
        Assert.Equal(1, soft.Classes.Sum(found => found.Probability), 9);
        Assert.Equal(sigmoid.Classes[0].Probability, sigmoid.Classes[1].Probability, 9);
        Assert.True(sigmoid.Classes.Sum(found => found.Probability) > 1.9);
    }

    [Fact]
    public void Large_scales_and_vectors_of_zeros_give_numbers()
    {
        ZeroShotResult result = Create(new ContrastiveScale(1e6)).Classify(Vectors.Of(0, 0, 1), 1);
        Assert.Equal(("z", 1.0), (result.Best!.Label, result.Best.Probability));
        Assert.Equal(1.0 / 3, Head.Classify(Vectors.Of(0, 0, 0)).Classes[0].Probability, 9);
    }

    [Fact]
    public void None_of_these_when_the_best_is_too_far()
    {
        Embedding<float>[] foreign = [Vectors.Of(-1, -1, -0.5f), Vectors.Of(1, 1, 1)];
        double bound = Head.ThresholdFor(foreign, share: 1);
        ZeroShotHead strict = Create(new ContrastiveScale(10), new() { MinScore = bound });
        Assert.All(foreign, vector => Assert.True(strict.Classify(vector).IsNone));
        Assert.Null(strict.Classify(foreign[0]).Best);
        Assert.False(strict.Classify(Vectors.Of(1, 0, 0)).IsNone);
        Assert.True(Head.ThresholdFor(foreign, share: 0.5) < bound);
    }

    [Fact]
    public void Calibration_makes_sure_answers_as_sure_as_they_are_right()
    {
        // One in four is wrong, so the best temperature gives a probability of three in four, whatever the scale was.
        ZeroShotHead two = ZeroShotHead.Create(["x", "y"], [[Vectors.Of(1, 0)], [Vectors.Of(0, 1)]], new ContrastiveScale(100));
        (Embedding<float>, int)[] examples = [(Vectors.Of(1, 0), 0), (Vectors.Of(1, 0), 0), (Vectors.Of(1, 0), 0), (Vectors.Of(1, 0), 1)];
        ZeroShotHead calibrated = two.Calibrate(examples);
        Assert.True(two.Classify(Vectors.Of(1, 0)).Classes[0].Probability > 0.999);
        Assert.Equal(0.75, calibrated.Classify(Vectors.Of(1, 0)).Classes[0].Probability, 5);
        Assert.Equal(calibrated.Temperature, calibrated.Calibrate(examples).Temperature, 3);
        Assert.Throws<ArgumentException>(() => two.Calibrate([(Vectors.Of(1, 0), 2)]));
    }

    [Fact]
    public void Vectors_of_another_space_or_length_are_refused()
    {
        ZeroShotHead head = ZeroShotHead.Create(["x"], [[Vectors.In("one", 1, 0)]], new ContrastiveScale(1));
        Assert.Throws<EmbeddingSpaceMismatchException>(() => head.Classify(Vectors.In("two", 1, 0)));
        Assert.Throws<ArgumentException>(() => head.Classify(Vectors.In("one", 1, 0, 0)));
        Assert.Throws<EmbeddingSpaceMismatchException>(() => ZeroShotHead.Create(["x", "y"], [[Vectors.In("one", 1, 0)], [Vectors.In("two", 1, 0)]], new ContrastiveScale(1)));
    }

    [Theory, InlineData("a photo"), InlineData("")]
    public void A_template_without_a_place_is_refused(string template) =>
        Assert.Contains(PromptTemplates.Place, Assert.Throws<ArgumentException>(() => PromptTemplates.Fill([template], "cat")).Message, StringComparison.Ordinal);

    private static ZeroShotHead Create(ContrastiveScale scale, ZeroShotOptions? options = null) =>
        ZeroShotHead.Create(["x", "y", "z"], [[Vectors.Of(1, 0, 0)], [Vectors.Of(0, 1, 0)], [Vectors.Of(0, 0, 1)]], scale, options);
}
