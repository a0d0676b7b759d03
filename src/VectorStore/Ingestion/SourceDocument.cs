using Microsoft.Extensions.AI;

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

    /// <summary>The document's picture or sound, when it is one: it is embedded whole, as one record, and <see cref="Text"/> is stored beside it. Needs <see cref="DocumentIndexerOptions.MediaGenerator"/>.</summary>
    public DataContent? Media { get; init; }

    /// <summary>What else is known of the document; goes into the payload of each of its passages. Keys of <see cref="ChunkPayload"/> are overwritten.</summary>
    public Payload Metadata { get; init; } = Payload.Empty;
}
