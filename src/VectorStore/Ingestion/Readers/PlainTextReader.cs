namespace Polymodal.VectorStore.Ingestion;

/// <summary>Reads text files.</summary>
public sealed class PlainTextReader : IDocumentReader
{
    /// <inheritdoc/>
    public IReadOnlyCollection<string> Extensions { get; } = [".txt"];

    /// <inheritdoc/>
    public async Task<DocumentText> ReadAsync(Stream stream, CancellationToken cancellationToken = default) =>
        new(await DocumentReaders.TextOfAsync(stream, cancellationToken).ConfigureAwait(false), TextFormat.Plain);
}

/// <summary>Reads Markdown; its first heading is the title.</summary>
public sealed class MarkdownReader : IDocumentReader
{
    /// <inheritdoc/>
    public IReadOnlyCollection<string> Extensions { get; } = [".md"];

    /// <inheritdoc/>
    public async Task<DocumentText> ReadAsync(Stream stream, CancellationToken cancellationToken = default)
    {
        string text = await DocumentReaders.TextOfAsync(stream, cancellationToken).ConfigureAwait(false);
        return new(text, TextFormat.Markdown, TextBlocks.Of(text, TextFormat.Markdown).FirstOrDefault(block => block.Kind == TextBlockKind.Heading).Heading);
    }
}
