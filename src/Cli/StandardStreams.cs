using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Polymodal.Cli;

/// <summary>The standard streams of the process: UTF-8 without a byte order mark, whatever the terminal's settings say.</summary>
internal static class StandardStreams
{
    /// <summary>Environment variable: anything but nothing makes an error come with its whole stack.</summary>
    public const string DebugVariable = "POLYMODAL_DEBUG";

    // Room for a line of results, so that a line is written at once or not at all.
    private const int LineCharacters = 64 * 1024;
    private const int StandardOutputHandle = 1;

    /// <summary>Opens them.</summary>
    public static CliConsole Open()
    {
        var encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        Console.OutputEncoding = encoding;
        return new CliConsole(new StreamReader(Console.OpenStandardInput(), CliText.StrictUtf8), new StreamWriter(Output(), encoding, LineCharacters) { AutoFlush = true }, Console.Error)
        {
            IsOutputTerminal = !Console.IsOutputRedirected,
            IsErrorTerminal = !Console.IsErrorRedirected,
            ShowsDetails = Environment.GetEnvironmentVariable(DebugVariable) is { Length: > 0 },
        };
    }

    // The console's own stream swallows the error of a closed pipe, and a command would go on computing for nobody.
    private static Stream Output()
    {
        if (!OperatingSystem.IsWindows() && Console.IsOutputRedirected)
        {
            var pipe = new FileStream(new SafeFileHandle(StandardOutputHandle, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            // In a file it would keep a position of its own, beside the one that other programs writing to the same file share.
            if (!pipe.CanSeek)
                return pipe;
        }

        return Console.OpenStandardOutput();
    }
}
