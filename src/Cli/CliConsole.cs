using Spectre.Console;

namespace Polymodal.Cli;

/// <summary>Where a command reads and writes: results to the output, progress and errors to the error stream.</summary>
/// <param name="input">Standard input.</param>
/// <param name="output">Standard output.</param>
/// <param name="error">Standard error.</param>
/// <param name="showsProgressBars">Whether the error stream is a terminal; otherwise progress is plain lines.</param>
internal sealed class CliConsole(TextReader input, TextWriter output, TextWriter error, bool showsProgressBars)
{
    /// <summary>Standard input.</summary>
    public TextReader Input { get; } = input;

    /// <summary>Standard output: results only.</summary>
    public TextWriter Output { get; } = output;

    /// <summary>Standard error: progress and messages.</summary>
    public TextWriter Error { get; } = error;

    /// <summary>Runs a piece of long work that says how far it is: a bar on a terminal, a plain line every tenth otherwise.</summary>
    /// <param name="what">What is done, e.g. <c>embedding</c>.</param>
    /// <param name="total">How many steps there are.</param>
    /// <param name="work">Does it; calls the function with the number of steps done.</param>
    public async Task ProgressAsync(string what, int total, Func<Action<int>, Task> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (!showsProgressBars)
        {
            int tenths = 0;
            await work(done =>
            {
                if (total >= 10 && done * 10L / total > tenths)
                    Error.WriteLine($"{what}: {done:N0} of {total:N0}");
                tenths = total == 0 ? 0 : (int)(done * 10L / total);
            }).ConfigureAwait(false);
            return;
        }

        IAnsiConsole terminal = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Error) });
        await terminal.Progress().AutoClear(true).StartAsync(async context =>
        {
            ProgressTask bar = context.AddTask(Markup.Escape(what), maxValue: Math.Max(1, total));
            await work(done => bar.Value = done).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    /// <summary>Writes a table: drawn when the output is a terminal, columns of plain text otherwise.</summary>
    /// <param name="columns">The headings.</param>
    /// <param name="rows">The cells, one a heading.</param>
    public void WriteTable(IReadOnlyList<string> columns, IReadOnlyList<string[]> rows)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(rows);
        int[] widths = [.. columns.Select((column, index) => rows.Select(row => row[index].Length).Append(column.Length).Max())];
        foreach (IReadOnlyList<string> row in rows.Prepend([.. columns]))
            Output.WriteLine(string.Join("  ", row.Select((cell, index) => index == row.Count - 1 ? cell : cell.PadRight(widths[index]))).TrimEnd());
    }
}
