namespace Polymodal.Cli.Tests;

public sealed class CliConsoleTests
{
    [Fact]
    public async Task Short_work_says_nothing() =>
        Assert.Empty(await ProgressOf(total: 10, secondsAStep: 0.15, steps: 10));

    [Fact]
    public async Task Long_work_reports_after_two_seconds_and_then_every_five() =>
        Assert.Equal(
            ["embedding: 2 of 20", "embedding: 7 of 20", "embedding: 12 of 20", "embedding: 17 of 20"],
            await ProgressOf(total: 20, secondsAStep: 1, steps: 20));

    [Fact]
    public async Task Work_that_is_done_needs_no_progress() =>
        Assert.Empty(await ProgressOf(total: 1, secondsAStep: 60, steps: 1));

    [Fact]
    public async Task Without_a_total_it_counts() =>
        Assert.Equal(["embedding: 1", "embedding: 2", "embedding: 3"], await ProgressOf(total: null, secondsAStep: 1_000, steps: 3));

    [Fact]
    public async Task On_a_terminal_results_are_progress_enough()
    {
        using var error = new StringWriter();
        var console = new CliConsole(TextReader.Null, TextWriter.Null, error) { IsOutputTerminal = true, IsErrorTerminal = true };
        bool worked = false;
        await console.ProgressAsync("embedding", 10, writesResults: true, async report =>
        {
            report(5);
            worked = true;
            await Task.CompletedTask;
        });
        Assert.True(worked);
        Assert.Empty(error.ToString());
    }

    [Fact]
    public void Plain_table_keeps_a_row_on_its_line_and_columns_below_each_other()
    {
        using var output = new StringWriter();
        new CliConsole(TextReader.Null, output, TextWriter.Null).WriteTable(["a", "long heading", "note"], [["cell", new Cell("x", Cell.Bad), "two\nlines"], ["", "[red]", new string('n', 300)]]);
        Assert.Equal(["a     long heading  note", "cell  x             two lines", "      [red]         " + new string('n', 300)], output.ToString().TrimEnd().ReplaceLineEndings("\n").Split('\n'));
    }

    [Fact]
    public void Drawn_table_takes_square_brackets_as_text_and_leaves_empty_columns_out()
    {
        using var output = new StringWriter();
        new CliConsole(TextReader.Null, output, TextWriter.Null) { IsOutputTerminal = true }.WriteTable(["[0]", "empty"], [[new Cell("[red]no markup[/]", Cell.Good), ""]]);
        Assert.Contains("[red]no markup[/]", output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("empty", output.ToString(), StringComparison.Ordinal);
    }

    private static async Task<string[]> ProgressOf(int? total, double secondsAStep, int steps)
    {
        using var error = new StringWriter();
        var clock = new HandClock();
        var console = new CliConsole(TextReader.Null, TextWriter.Null, error) { Time = clock };
        await console.ProgressAsync("embedding", total, writesResults: false, report =>
        {
            for (int done = 1; done <= steps; done++)
            {
                clock.Now += TimeSpan.FromSeconds(secondsAStep);
                report(done);
            }

            return Task.CompletedTask;
        });
        return error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
    }

    private sealed class HandClock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
