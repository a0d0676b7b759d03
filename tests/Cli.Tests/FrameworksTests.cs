namespace Polymodal.Cli.Tests;

public sealed class FrameworksTests
{
    [Fact]
    public async Task Table_has_a_heading_and_a_line_a_framework()
    {
        CliResult result = await CliResult.RunAsync("frameworks");
        Assert.Equal((CliApplication.Success, ""), (result.Code, result.Error));
        Assert.StartsWith("name ", result.Lines[0], StringComparison.Ordinal);
        string[] rows = result.Lines[1..];
        Assert.Matches("^sentence-transformers +text +local +sentence-transformers/all-MiniLM-L6-v2 +384 +yes +model in .*all-MiniLM-L6-v2, weights onnx/model.onnx$", rows[0]);
        Assert.Contains(rows, row => System.Text.RegularExpressions.Regex.IsMatch(row, "^e5 +text +local +intfloat/e5-small-v2 +384 +no +intfloat/e5-small-v2 is not at .*set ModelPath to it"));
        Assert.Contains(rows, row => System.Text.RegularExpressions.Regex.IsMatch(row, "^huggingface +text +local +no +no model is chosen. Set ModelPath"));
    }

    [Fact]
    public async Task Services_are_listed_and_a_missing_key_is_said_in_a_line()
    {
        CliResult list = await CliResult.RunAsync("frameworks", "--json");
        var row = list.Objects.Single(row => row.GetProperty("name").GetString() == "openai-compatible");
        Assert.Equal(("Cloud", "Text", false), (row.GetProperty("runs").GetString(), row.GetProperty("input").GetString(), row.GetProperty("available").GetBoolean()));
        Assert.Contains("Set Model", row.GetProperty("reason").GetString(), StringComparison.Ordinal);
        CliResult embed = await CliResult.RunAsync("embed", "text", "a", "--framework", "openai-compatible");
        Assert.Equal(CliApplication.Failure, embed.Code);
        Assert.Matches("^error: openai-compatible has no .*Set (Model|Endpoint)", embed.Error);
    }

    [Fact]
    public async Task Every_row_of_the_readme_is_listed_with_available_or_why_not()
    {
        var listed = (await CliResult.RunAsync("frameworks", "--json")).Objects.ToLookup(row => (row.GetProperty("displayName").GetString()!, row.GetProperty("input").GetString()!.ToLowerInvariant()));
        // | framework | input | `AddX…(…)` | …; a row of both towers is called as its pictures are.
        (string, string)[] rows = [.. File.ReadLines(Repository.PathOf("README.md")).Select(line => line.Split('|', StringSplitOptions.TrimEntries)).Where(cells => cells.Length > 4 && cells[3].StartsWith("`Add", StringComparison.Ordinal)).Select(cells => (cells[1], cells[2].Split(',')[0]))];
        Assert.True(rows.Length > 70, $"{rows.Length} rows");
        Assert.All(rows, row => Assert.True(listed.Contains(row), $"{row} is not listed"));
        Assert.All(listed.SelectMany(rows => rows), row =>
        {
            Assert.True(row.GetProperty("available").ValueKind is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False);
            Assert.NotEqual("", row.GetProperty("reason").GetString());
        });
    }

    [Fact]
    public async Task Json_says_the_same()
    {
        CliResult result = await CliResult.RunAsync("frameworks", "--json");
        var row = result.Objects[0];
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
