using Spectre.Console;

namespace Polymodal.Cli;

/// <summary>Where a command reads and writes: results to the output, progress and errors to the error stream.</summary>
/// <param name="input">Standard input.</param>
/// <param name="output">Standard output.</param>
/// <param name="error">Standard error.</param>
internal sealed class CliConsole(TextReader input, TextWriter output, TextWriter error)
{
    private static readonly TimeSpan FirstReport = TimeSpan.FromSeconds(2), BetweenReports = TimeSpan.FromSeconds(5);

    /// <summary>Standard input.</summary>
    public TextReader Input { get; } = input;

    /// <summary>Standard output: results only.</summary>
    public TextWriter Output { get; } = output;

    /// <summary>Standard error: progress and messages.</summary>
    public TextWriter Error { get; } = error;

    /// <summary>Whether a person sees the output: tables are drawn. Otherwise they are columns of plain text.</summary>
    public bool IsOutputTerminal { get; init; }

    /// <summary>Whether a person sees the error stream: progress is a bar. Otherwise it is a plain line now and then.</summary>
    public bool IsErrorTerminal { get; init; }

    /// <summary>Whether an error comes with its stack.</summary>
    public bool ShowsDetails { get; init; }

    /// <summary>The clock of plain progress.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Runs a piece of long work that says how far it is.</summary>
    /// <param name="what">What is done, e.g. <c>embedding</c>.</param>
    /// <param name="total">How many steps there are; null when only the end will tell.</param>
    /// <param name="writesResults">Whether results are written meanwhile; on a terminal they are progress enough, and a bar would be drawn among them.</param>
    /// <param name="work">Does it; calls the function with the number of steps done.</param>
    public async Task ProgressAsync(string what, int? total, bool writesResults, Func<Action<int>, Task> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (writesResults && IsOutputTerminal)
            await work(_ => { });
        else if (IsErrorTerminal)
            await BarAsync(what, total, work);
        else
            await work(PlainLines(what, total));
    }

    /// <summary>Writes a table: drawn when the output is a terminal, without columns that are empty; columns of plain text otherwise, each row one line.</summary>
    /// <param name="columns">The headings.</param>
    /// <param name="rows">The cells, one a heading.</param>
    public void WriteTable(IReadOnlyList<string> columns, IReadOnlyList<Cell[]> rows)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(rows);
        if (IsOutputTerminal)
        {
            // Terminals are narrow: a column without content makes room for the others.
            int[] used = [.. Enumerable.Range(0, columns.Count).Where(index => rows.Any(row => row[index].Text.Length > 0))];
            Table table = new Table().RoundedBorder().AddColumns([.. used.Select(index => Markup.Escape(columns[index]))]);
            foreach (Cell[] row in rows)
                table.AddRow(used.Select(index => new Markup(Markup.Escape(CliText.OneLine(row[index].Text)), row[index].Tone)));
            Terminal(Output).Write(table);
            return;
        }

        string[][] lines = [[.. columns], .. rows.Select(row => Array.ConvertAll(row, cell => CliText.OneLine(cell.Text)))];
        int[] widths = [.. columns.Select((_, index) => lines.Max(line => line[index].Length))];
        foreach (string[] line in lines)
            Output.WriteLine(string.Join("  ", line.Select((text, index) => text.PadRight(widths[index]))).TrimEnd());
    }

    /// <summary>Writes pieces of text as one line, each in its tone when the output is a terminal.</summary>
    /// <param name="pieces">The pieces; control characters become spaces.</param>
    public void WriteLine(IReadOnlyList<Cell> pieces)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        if (!IsOutputTerminal)
        {
            Output.WriteLine(string.Concat(pieces.Select(piece => CliText.OneLine(piece.Text))));
            return;
        }

        var line = new Paragraph();
        foreach (Cell piece in pieces)
            line.Append(CliText.OneLine(piece.Text), piece.Tone);
        Terminal(Output).Write(line);
        Output.WriteLine();
    }

    private static IAnsiConsole Terminal(TextWriter writer) => AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });

    private async Task BarAsync(string what, int? total, Func<Action<int>, Task> work)
    {
        ProgressColumn[] columns = total is null ? [new SpinnerColumn(), new TaskDescriptionColumn()] : [new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn()];
        await Terminal(Error).Progress().AutoClear(true).Columns(columns).StartAsync(async context =>
        {
            ProgressTask bar = context.AddTask(Markup.Escape(what), maxValue: Math.Max(1, total ?? 1));
            bar.IsIndeterminate = total is null;
            await work(done =>
            {
                if (total is null)
                    bar.Description = Markup.Escape($"{what}: {done:N0}");
                else
                    bar.Value = done;
            });
        });
    }

    // Short work says nothing at all.
    private Action<int> PlainLines(string what, int? total)
    {
        long start = Time.GetTimestamp();
        TimeSpan next = FirstReport;
        return done =>
        {
            TimeSpan elapsed = Time.GetElapsedTime(start);
            if (elapsed < next || done == total)
                return;
            next = elapsed + BetweenReports;
            Error.WriteLine(total is { } all ? $"{what}: {done:N0} of {all:N0}" : $"{what}: {done:N0}");
        };
    }
}

/// <summary>A cell of a table.</summary>
/// <param name="Text">What it says.</param>
/// <param name="Tone">How it looks on a terminal; null: like everything else.</param>
internal readonly record struct Cell(string Text, Style? Tone = null)
{
    /// <summary>Something that is as it should be.</summary>
    public static Style Good { get; } = new(Color.Green);

    /// <summary>Something to look at first.</summary>
    public static Style Bad { get; } = new(Color.Red, decoration: Decoration.Bold);

    /// <summary>Something that was not judged.</summary>
    public static Style Muted { get; } = new(Color.Grey);

    public static implicit operator Cell(string text) => new(text);
}
