using System.Text.Json;

namespace Polymodal.Cli.Tests;

/// <summary>What a command line did.</summary>
internal sealed record CliResult(int Code, string Output, string Error)
{
    /// <summary>A small model folder of the repository, for what does not depend on the model.</summary>
    public static string SmallModel { get; } = Repository.Reference("text/e5-prompts");

    /// <summary>The lines of the output; every line must end.</summary>
    public string[] Lines
    {
        get
        {
            Assert.True(Output.Length == 0 || Output.EndsWith('\n'), "the last line has no end");
            return Output.ReplaceLineEndings("\n").Split('\n')[..^1];
        }
    }

    /// <summary>The output as one JSON object a line.</summary>
    public JsonElement[] Objects => Array.ConvertAll(Lines, line => JsonDocument.Parse(line).RootElement);

    /// <summary>Runs a command line in this process.</summary>
    public static Task<CliResult> RunAsync(params string[] args) => RunWithInputAsync("", args);

    /// <summary>Runs a command line in this process with something on standard input.</summary>
    public static async Task<CliResult> RunWithInputAsync(string input, params string[] args)
    {
        using StringWriter output = new(), error = new();
        int code = await CliApplication.RunAsync(args, new CliConsole(new StringReader(input), output, error) { Time = new StillClock() });
        return new CliResult(code, output.ToString(), error.ToString());
    }

    /// <summary>Embeds with the small model.</summary>
    public static Task<CliResult> EmbedAsync(params string[] args) => RunAsync(["embed", "text", "--model", SmallModel, .. args]);

    /// <summary>The command must have failed with one line that says all this, and without any result.</summary>
    public void IsError(params string[] says)
    {
        Assert.Equal(CliApplication.Failure, Code);
        Assert.Empty(Output);
        string line = Assert.Single(Error.TrimEnd().Split('\n'));
        Assert.StartsWith("error: ", line, StringComparison.Ordinal);
        Assert.All(says, part => Assert.Contains(part, line, StringComparison.Ordinal));
        Assert.DoesNotContain("(Parameter", line, StringComparison.Ordinal);
    }

    // However busy the machine is, no work is long enough for a line of progress.
    private sealed class StillClock : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }
}
