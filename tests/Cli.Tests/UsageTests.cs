using System.CommandLine;

namespace Polymodal.Cli.Tests;

public sealed class UsageTests
{
    private static readonly string[] Known =
    [
        "", "embed", "embed text", "embed image", "embed audio", "classify", "classify text", "classify image", "classify audio", "duplicates", "transcribe", "similarity", "compare", "tokenize", "frameworks", "parity", "collections", "index",
        "search", "export", "import", "copy", "reembed", "check",
    ];

    public static TheoryData<string> Commands() => new(Known);

    [Theory, MemberData(nameof(Commands))]
    public async Task Help_shows_examples_that_parse(string command)
    {
        CliResult help = await CliResult.RunAsync([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
        Assert.Equal((CliApplication.Success, ""), (help.Code, help.Error));
        string[] examples = [.. help.Lines.SkipWhile(line => line != "Examples:").Skip(1).Select(line => line.Trim())];
        Assert.NotEmpty(examples);
        Assert.All(examples, example =>
        {
            // What stands before "polymodal" and after a redirection is the shell's.
            string own = example[example.IndexOf("polymodal", StringComparison.Ordinal)..].Split(" > ")[0];
            Assert.StartsWith($"polymodal {command}".TrimEnd(), own, StringComparison.Ordinal);
            Parses(own);
        });
    }

    [Fact]
    public void Commands_of_the_readme_and_the_pages_parse()
    {
        string[] lines = [.. new[] { Repository.PathOf("README.md") }.Concat(Directory.EnumerateFiles(Repository.PathOf("docs"), "*.md"))
            .SelectMany(File.ReadLines).Where(line => line.StartsWith("polymodal ", StringComparison.Ordinal)).Select(line => line.Split(" > ")[0].Split(" #")[0])];
        Assert.NotEmpty(lines);
        Assert.All(lines, Parses);
    }

    private static void Parses(string line)
    {
        ParseResult parsed = CliApplication.CommandLine(new CliConsole(TextReader.Null, TextWriter.Null, TextWriter.Null)).Parse(line["polymodal ".Length..]);
        Assert.Empty(parsed.Errors);
        Assert.Null(CliUsage.Fault(parsed));
    }

    [Fact]
    public void Every_command_is_among_those_tested()
    {
        static IEnumerable<string> Names(Command command, string path) =>
            command.Subcommands.SelectMany(child => Names(child, $"{path} {child.Name}".Trim())).Prepend(path);
        Assert.Equal(Known.Order(StringComparer.Ordinal), Names(CliApplication.CommandLine(new CliConsole(TextReader.Null, TextWriter.Null, TextWriter.Null)), "").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("nonsense", "'nonsense'", "embed, classify, duplicates, transcribe, similarity, compare, tokenize, frameworks, parity, collections, index, search, export, import, copy, reembed, check")]
    [InlineData("embed txt hello", "'txt'", "Known: text, image, audio")]
    [InlineData("embed", "'polymodal embed' needs a command", "Known: text, image, audio")]
    [InlineData("", "'polymodal' needs a command", "similarity")]
    [InlineData("--nope", "'--nope'", "--help")]
    [InlineData("frameworks extra", "'extra'", "--json")]
    [InlineData("frameworks --jsn", "'--jsn'", "--json")]
    [InlineData("embed text hello --jsn", "'--jsn'", "--json")]
    [InlineData("embed text hello --jsn=1", "'--jsn=1'", "--json")]
    [InlineData("embed text hello --model", "'--model'", "embed text --help")]
    [InlineData("parity", "parity", "parity --help")]
    public async Task Fault_of_a_command_line_is_one_line_that_names_it(string line, string what, string help) =>
        (await CliResult.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).IsError(what, help, "--help'.");

    [Fact]
    public async Task Unforeseen_error_is_one_line_and_its_stack_only_when_asked_for()
    {
        using var output = new FailingWriter(new InvalidOperationException("the pen\nis empty"));
        using StringWriter brief = new(), full = new();
        Assert.Equal(CliApplication.Failure, await CliApplication.RunAsync(["frameworks"], new CliConsole(TextReader.Null, output, brief)));
        Assert.StartsWith("error: InvalidOperationException: the pen is empty", Assert.Single(brief.ToString().TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.Contains("POLYMODAL_DEBUG=1", brief.ToString(), StringComparison.Ordinal);

        await CliApplication.RunAsync(["frameworks"], new CliConsole(TextReader.Null, output, full) { ShowsDetails = true });
        Assert.Contains(nameof(FailingWriter), full.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Full_disk_is_an_error()
    {
        using var output = new FailingWriter(new IOException("No space left on device", 28));
        using var error = new StringWriter();
        Assert.Equal(CliApplication.Failure, await CliApplication.RunAsync(["frameworks"], new CliConsole(TextReader.Null, output, error)));
        Assert.Equal("error: No space left on device", error.ToString().TrimEnd());
    }

    private sealed class FailingWriter(Exception exception) : StringWriter
    {
        public override void WriteLine(string? value) => throw exception;
    }
}
