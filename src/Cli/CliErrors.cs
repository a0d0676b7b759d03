using Polymodal.VectorStore;

namespace Polymodal.Cli;

/// <summary>An error as one line that a person can act on.</summary>
internal static class CliErrors
{
    // EPIPE, the same number on Linux and macOS: whoever read the output, such as head, has had enough.
    private const int BrokenPipe = 32;

    /// <summary>Whether nobody reads the output any more.</summary>
    public static bool IsClosedOutput(Exception exception) => !OperatingSystem.IsWindows() && exception is IOException { HResult: BrokenPipe };

    /// <summary>The line, without prefix; the whole stack too when the console shows details.</summary>
    public static string Describe(Exception exception, CliConsole console)
    {
        string message = CliText.OneLine(Message(exception));
        if (exception is not (IOException or InvalidDataException or NotSupportedException or ArgumentException or UnauthorizedAccessException or HttpRequestException or EmbeddingDriftException or EmbeddingSpaceMismatchException))
            message = $"{exception.GetType().Name}: {message} This was not foreseen; run it again with {StandardStreams.DebugVariable}=1 and report what it prints.";
        return console.ShowsDetails ? message + Environment.NewLine + exception : message;
    }

    /// <summary>The message alone: ArgumentException adds the name of a parameter, which means nothing on a command line, and the value on a line of its own.</summary>
    public static string Message(Exception exception)
    {
        if (exception is not ArgumentException { ParamName: { } parameter })
            return exception.Message;
        int end = exception.Message.IndexOf($" (Parameter '{parameter}')", StringComparison.Ordinal);
        return end < 0 ? exception.Message : exception.Message[..end];
    }
}
