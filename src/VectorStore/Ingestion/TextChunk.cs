namespace Polymodal.VectorStore.Ingestion;

/// <summary>A passage of a document: what is embedded and found.</summary>
/// <param name="Text">The passage; equal to the document's text from <paramref name="Start"/> on.</param>
/// <param name="Start">Where it begins in the document, in UTF-16 units.</param>
/// <param name="Heading">The headings it stands under, outermost first, joined by <c> &gt; </c>; null when there is none.</param>
public sealed record TextChunk(string Text, int Start, string? Heading)
{
    /// <summary>How long it is, in UTF-16 units.</summary>
    public int Length => Text.Length;
}

/// <summary>How a document's text is read.</summary>
public enum TextFormat
{
    /// <summary>Paragraphs between blank lines.</summary>
    Plain,

    /// <summary>Markdown: headings (<c>#</c> to <c>######</c>) and fenced code blocks are known.</summary>
    Markdown,
}
