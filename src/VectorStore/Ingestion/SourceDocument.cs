namespace Polymodal.VectorStore.Ingestion;

/// <summary>A document to be indexed.</summary>
public sealed record SourceDocument
{
    /// <summary>Names the document for good, e.g. its path in a folder; 1 to 900 characters. A document of the same name replaces it.</summary>
    public required string Id { get; init; }

    /// <summary>What a person calls it.</summary>
    public required string Title { get; init; }

    /// <summary>All of its text; may be empty.</summary>
    public required string Text { get; init; }

    /// <summary>The document exists but cannot be read now: what is stored of it stays as it is, and its text counts for nothing.</summary>
    public bool IsUnreadable { get; init; }

    /// <summary>How the text is read.</summary>
    public TextFormat Format { get; init; } = TextFormat.Plain;
}
