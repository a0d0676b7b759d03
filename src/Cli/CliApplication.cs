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

    /// <summary>Exit code after Ctrl+C, as a shell gives it: 128 and the signal's number.</summary>
    public const int Cancelled = 130;

    /// <summary>Exit code when whoever read the output closed it, as a shell gives it.</summary>
    public const int OutputClosed = 141;

    /// <summary>Runs a command line.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="console">Where to read and write.</param>
    /// <param name="cancellationToken">Ends the command, as Ctrl+C does.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args, CliConsole console, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(console);
        try
        {
            ParseResult arguments = CommandLine(console).Parse(args);
            if (CliUsage.Fault(arguments) is { } fault)
            {
                await console.Error.WriteLineAsync($"error: {fault}");
                return Failure;
            }

            var invocation = new InvocationConfiguration { Output = console.Output, Error = console.Error, EnableDefaultExceptionHandler = false };
            return await arguments.InvokeAsync(invocation, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await console.Error.WriteLineAsync("cancelled");
            return Cancelled;
        }
        catch (Exception exception) when (CliErrors.IsClosedOutput(exception))
        {
            return OutputClosed;
        }
#pragma warning disable CA1031 // The outermost place: whatever went wrong becomes one line and an exit code.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            await console.Error.WriteLineAsync($"error: {CliErrors.Describe(exception, console)}");
            return Failure;
        }
    }

    /// <summary>All commands.</summary>
    internal static RootCommand CommandLine(CliConsole console)
    {
        RootCommand root = new("Embeddings of text, pictures and sound, local and with the numbers of the Python libraries, and a vector store for them.")
        {
            new Command("embed", "Turn inputs into vectors.") { EmbedTextCommand.Create(console), EmbedImageCommand.Create(console), EmbedAudioCommand.Create(console) },
            new Command("classify", "Name what is in inputs.") { ClassifyTextCommand.Create(console), ClassifyImageCommand.Create(console), ClassifyAudioCommand.Create(console) },
            DuplicatesCommand.Create(console),
            TranscribeCommand.Create(console),
            SimilarityCommand.Create(console),
            CompareCommand.Create(console),
            TokenizeCommand.Create(console),
            FrameworksCommand.Create(console),
            ParityCommand.Create(console),
            CollectionsCommand.Create(console),
            IndexCommand.Create(console),
            SearchCommand.Create(console),
            ExportCommand.Create(console),
            ImportCommand.Create(console),
            CopyCommand.Create(console),
            ReembedCommand.Create(console),
            CheckCommand.Create(console),
        };
        CliHelp.AddExamples(root);
        return root;
    }
}
