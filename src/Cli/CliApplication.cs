using System.CommandLine;
using System.CommandLine.Invocation;
using Polymodal.Cli.Commands;

namespace Polymodal.Cli;

/// <summary>The <c>polymodal</c> command.</summary>
internal static class CliApplication
{
    /// <summary>Exit code of a command that worked and found nothing wrong.</summary>
    public const int Success = 0;

    /// <summary>Exit code of a command that failed, or of a check that found something wrong.</summary>
    public const int Failure = 1;

    /// <summary>Exit code of <c>parity</c> for a folder it cannot read.</summary>
    public const int Unreadable = 2;

    /// <summary>Exit code after Ctrl+C.</summary>
    public const int Cancelled = 130;

    /// <summary>Runs a command line.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="console">Where to read and write.</param>
    /// <param name="cancellationToken">Ends the command, as Ctrl+C does.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args, CliConsole console, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(console);
        RootCommand root = new("Embeddings of text, local and with the numbers of the Python libraries.")
        {
            new Command("embed", "Turn inputs into vectors.") { EmbedTextCommand.Create(console) },
            SimilarityCommand.Create(console),
            FrameworksCommand.Create(console),
            ParityCommand.Create(console),
        };
        CliHelp.AddExamples(root);
        try
        {
            var invocation = new InvocationConfiguration { Output = console.Output, Error = console.Error, EnableDefaultExceptionHandler = false };
            ParseResult arguments = root.Parse(args);
            if (arguments.Action is ParseErrorAction wrong)
                wrong.ShowHelp = false;
            return await arguments.InvokeAsync(invocation, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await console.Error.WriteLineAsync("cancelled").ConfigureAwait(false);
            return Cancelled;
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or NotSupportedException or ArgumentException or UnauthorizedAccessException)
        {
            await console.Error.WriteLineAsync($"error: {exception.Message}").ConfigureAwait(false);
            return Failure;
        }
    }
}
