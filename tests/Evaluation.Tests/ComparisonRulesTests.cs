using System.Text.Json;

namespace Polymodal.Evaluation.Parity.Tests;

public sealed class ComparisonRulesTests
{
    [Theory]
    [InlineData("a/b", "a/b", true), InlineData("a/b", "a/bc", false), InlineData("a/b", "xa/b", false), InlineData("", "", true), InlineData("", "a", false)]
    [InlineData("*", "", true), InlineData("*", "a/b", true), InlineData("a/*", "a/", true), InlineData("a/*", "b/a/", false), InlineData("*b", "a/bb", true)]
    [InlineData("*/x*y", "a/x/xxzy", true), InlineData("*/x*y", "a/x/xxzyz", false), InlineData("a*a", "a", false), InlineData("a*a", "aa", true)]
    [InlineData("*aab*", "aaaab", true), InlineData("**", "a", true), InlineData("a.c", "abc", false), InlineData("A/*", "a/b", false)]
    public void Star_stands_for_any_text_and_nothing_else_does(string pattern, string tensor, bool fits) =>
        Assert.Equal(fits, Rules($$"""{"rules": [{"tensors": "{{pattern}}", "abs": 1}]}""").For(tensor) is not null);

    [Fact]
    public void Pattern_of_many_stars_is_quick() =>
        Assert.Null(Rules($$"""{"rules": [{"tensors": "{{string.Concat(Enumerable.Repeat("*a", 40))}}b", "abs": 1}]}""").For(new string('a', 20_000)));

    [Fact]
    public void First_rule_that_fits_wins_and_the_default_comes_last()
    {
        ComparisonRules rules = Rules("""{"rules": [{"tensors": "a/*", "abs": 1}, {"tensors": "a/b", "abs": 2}, {"tensors": "*b", "cosine": 0.5}], "default": {"abs": 3, "rel": 0.25, "cosine": 0.75}}""");
        Assert.Equal(new ComparisonRule(1, null, null, Informative: false), rules.For("a/b"));
        Assert.Equal(new ComparisonRule(null, null, 0.5, Informative: false), rules.For("x/b"));
        Assert.Equal(new ComparisonRule(3, 0.25, 0.75, Informative: false), rules.For("x/y"));
    }

    [Fact]
    public void Equal_leaves_no_room_and_informative_is_kept()
    {
        ComparisonRules rules = Rules("""{"rules": [{"tensors": "q", "given": "the recorded embeddings", "equal": true}, {"tensors": "i", "informative": true}]}""");
        Assert.Equal(ComparisonRule.Equal, rules.For("q"));
        Assert.True(rules.For("i")!.Informative);
        Assert.Null(rules.For("other"));
    }

    [Fact]
    public void Reference_without_rules_has_none()
    {
        Assert.Null(new ComparisonRules(JsonDocument.Parse("{}").RootElement).For("a"));
        Assert.Null(Rules("{}").For("a"));
    }

    private static ComparisonRules Rules(string compare) => new(JsonDocument.Parse($$"""{"compare": {{compare}}}""").RootElement);
}
