using System.Text;

namespace Polymodal.Cli;

/// <summary>Text as it comes in and goes out, line by line.</summary>
internal static class CliText
{
    /// <summary>The name of standard input among files.</summary>
    public const string StandardInput = "-";

    /// <summary>UTF-8 that takes no wrong byte for a character.</summary>
    public static Encoding StrictUtf8 { get; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Opens a file of lines, or standard input for <c>-</c>.</summary>
    /// <param name="console">Has standard input.</param>
    /// <param name="path">The file.</param>
    /// <param name="content">What it should hold, for the error.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static TextReader Open(CliConsole console, string path, string content)
    {
        if (path == StandardInput)
            return console.Input;
        if (Directory.Exists(path))
            throw new ArgumentException($"{path} is a folder. Give a file with {content}.");
        return File.Exists(path) ? new StreamReader(path, StrictUtf8)
            : throw new FileNotFoundException($"{path} does not exist. Give a file with {content}, or {StandardInput} for standard input.", path);
    }

    /// <summary>Reads lines as they are asked for; lines end with LF, CR LF or CR, the last one possibly without.</summary>
    /// <param name="reader">Where from.</param>
    /// <param name="name">What to call it in an error.</param>
    /// <param name="cancellationToken">Ends the wait, even for a terminal nobody types at.</param>
    /// <exception cref="InvalidDataException">It is not UTF-8.</exception>
    public static async IAsyncEnumerable<string> LinesAsync(TextReader reader, string name, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (int lines = 0; ; lines++)
        {
            string? line;
            try
            {
                line = await reader.ReadLineAsync(cancellationToken).AsTask().WaitAsync(cancellationToken);
            }
            catch (DecoderFallbackException exception)
            {
                throw new InvalidDataException($"{name} is not UTF-8 somewhere after line {lines}. Save it as UTF-8.", exception);
            }

            if (line is null)
                yield break;
            yield return line;
        }
    }

    /// <summary>A text on one line of a terminal: line breaks and other control characters become spaces.</summary>
    public static string OneLine(string text) => string.Create(text.Length, text, (line, source) =>
    {
        for (int i = 0; i < line.Length; i++)
            line[i] = char.IsControl(source[i]) ? ' ' : source[i];
    });
}
