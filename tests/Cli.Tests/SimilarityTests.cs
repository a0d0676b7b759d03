namespace Polymodal.Cli.Tests;

public sealed class SimilarityTests
{
    [Fact]
    public async Task Nearest_comes_first_and_equal_ones_in_the_order_given()
    {
        CliResult result = await CliResult.RunAsync("similarity", "a cat on the sofa", "the stock market fell", "a kitten lies on the couch", "a cat on the sofa", "the stock market fell");
        Assert.Equal((CliApplication.Success, ""), (result.Code, result.Error));
        Assert.Equal(["a cat on the sofa", "a kitten lies on the couch", "the stock market fell", "the stock market fell"], result.Lines.Select(line => line[9..]));
        Assert.Equal(" 1.0000", result.Lines[0][..7]);
    }

    [Fact]
    public async Task Json_carries_the_text_as_it_was_given()
    {
        string[] texts = ["two\nlines\t\u001b[31m", "\"quoted\" <ünï> 日本 👍🏽", ""];
        CliResult result = await Run(["first", .. texts, "--json"]);
        Assert.Equal(texts.Order(StringComparer.Ordinal), result.Objects.Select(line => line.GetProperty("text").GetString()!).Order(StringComparer.Ordinal));
        float[] scores = [.. result.Objects.Select(line => line.GetProperty("score").GetSingle())];
        Assert.Equal(scores.OrderDescending(), scores);
        Assert.All(scores, score => Assert.InRange(score, -1.000001f, 1.000001f));
        Assert.Contains("<ünï> 日本", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plain_output_is_a_line_a_text_without_control_characters()
    {
        CliResult result = await Run("first", "two\nlines\u001b[31m", "other");
        Assert.Equal(2, result.Lines.Length);
        Assert.Contains(result.Lines, line => line.EndsWith("two lines [31m", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_text_alone_has_nothing_to_compare_with() =>
        (await Run("alone")).IsError("polymodal similarity --help");

    [Fact]
    public async Task Text_that_looks_like_an_option_needs_the_lone_dashes()
    {
        (await Run("first", "--jsn", "second")).IsError("'--jsn' is no option", "--json", "after a lone --");
        (await Run("first", "-x")).IsError("'-x'");
        CliResult result = await Run("first", "-- dashes --", "-5 degrees", "--json", "--", "--jsn", "-x");
        Assert.Equal(["--jsn", "-- dashes --", "-5 degrees", "-x"], result.Objects.Select(line => line.GetProperty("text").GetString()!).Order(StringComparer.Ordinal).OrderBy(text => text != "--jsn"));
    }

    private static Task<CliResult> Run(params string[] args) => CliResult.RunAsync(["similarity", "--model", CliResult.SmallModel, .. args]);
}
