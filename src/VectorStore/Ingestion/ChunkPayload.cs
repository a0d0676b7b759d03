namespace Polymodal.VectorStore.Ingestion;

/// <summary>The payload keys of a record that a <see cref="DocumentIndexer"/> stored.</summary>
public static class ChunkPayload
{
    /// <summary>The document's <see cref="SourceDocument.Id"/>.</summary>
    public const string Source = "source";

    /// <summary>The document's <see cref="SourceDocument.Title"/>.</summary>
    public const string Title = "title";

    /// <summary>The passage's <see cref="TextChunk.Heading"/>; absent when it has none.</summary>
    public const string Heading = "heading";

    /// <summary>The passage's <see cref="TextChunk.Start"/> in the document's text.</summary>
    public const string Start = "start";

    /// <summary>SHA-256, in lower-case hexadecimal, of the document and of how it was cut.</summary>
    public const string Hash = "hash";

    /// <summary>The passage's place in the document, from 0.</summary>
    public const string Chunk = "chunk";

    /// <summary>How many passages the document has.</summary>
    public const string Chunks = "chunks";

    /// <summary>The media type of a picture or sound; absent for text.</summary>
    public const string MediaType = "media_type";
}
