namespace Polymodal.VectorStore.Ingestion;

/// <summary>Reads the text of one kind of file.</summary>
/// <remarks>Safe for concurrent use.</remarks>
public interface IDocumentReader
{
    /// <summary>The endings of the names of its files, each with its period, in lower case.</summary>
    IReadOnlyCollection<string> Extensions { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="stream">The file's content; the caller disposes it. It can be read at any place.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What the file says; without text it is an empty document.</returns>
    /// <exception cref="InvalidDataException">The file is not of its kind, or damaged; the message says what is wrong.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    Task<DocumentText> ReadAsync(Stream stream, CancellationToken cancellationToken = default);
}

/// <summary>What a file says.</summary>
/// <param name="Text">All of its text.</param>
/// <param name="Format">How the text is read.</param>
/// <param name="Title">What it calls itself; null when it does not.</param>
public sealed record DocumentText(string Text, TextFormat Format, string? Title = null)
{
    /// <summary>What else it says about itself, e.g. its author; goes into the payload of each of its passages.</summary>
    public Payload Metadata { get; init; } = Payload.Empty;
}

/// <summary>The readers that need no further library.</summary>
public static class DocumentReaders
{
    /// <summary>Text, Markdown, HTML, CSV, JSON and Word documents.</summary>
    public static IReadOnlyList<IDocumentReader> Standard { get; } = [new PlainTextReader(), new MarkdownReader(), new HtmlReader(), new CsvReader(), new JsonReader(), new DocxReader()];

    /// <summary>All of a stream's text: UTF-8 unless a byte order mark says otherwise; invalid bytes become U+FFFD.</summary>
    internal static async Task<string> TextOfAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(stream, System.Text.Encoding.UTF8, detectEncodingFromByteOrderMarks: true, leaveOpen: true);
        return await reader.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
    }
}
