namespace Polymodal.Cli.Tests;

public sealed class FrameworksTests
{
    [Fact]
    public async Task Table_has_a_heading_and_a_line_a_framework()
    {
        CliResult result = await CliResult.RunAsync("frameworks");
        Assert.Equal((CliApplication.Success, ""), (result.Code, result.Error));
        Assert.StartsWith("name ", result.Lines[0], StringComparison.Ordinal);
        string row = Assert.Single(result.Lines[1..]);
        Assert.Matches("^sentence-transformers +text +local +sentence-transformers/all-MiniLM-L6-v2 +384 +yes +model in .*all-MiniLM-L6-v2, weights onnx/model.onnx$", row);
    }

    [Fact]
    public async Task Json_says_the_same()
    {
        CliResult result = await CliResult.RunAsync("frameworks", "--json");
        var row = Assert.Single(result.Objects);
        Assert.Equal("sentence-transformers", row.GetProperty("name").GetString());
        Assert.Equal(384, row.GetProperty("dimensions").GetInt32());
        Assert.True(row.GetProperty("available").GetBoolean());
        Assert.Contains("weights onnx/model.onnx", row.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Drawn_table_holds_the_same_words()
    {
        using StringWriter output = new(), error = new();
        await CliApplication.RunAsync(["frameworks"], new CliConsole(TextReader.Null, output, error) { IsOutputTerminal = true });
        Assert.Contains("╭", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("yes", output.ToString(), StringComparison.Ordinal);
        Assert.Empty(error.ToString());
    }
}
