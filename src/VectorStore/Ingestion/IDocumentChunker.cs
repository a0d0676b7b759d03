namespace Polymodal.VectorStore.Ingestion;

/// <summary>Cuts a document into passages.</summary>
/// <remarks>Safe for concurrent use.</remarks>
public interface IDocumentChunker
{
    /// <summary>Says how it cuts, in few characters: when it changes, all documents are cut and embedded again.</summary>
    string Signature { get; }

    /// <summary>The passages of a text, in order; they may overlap, and each is a part of the text.</summary>
    /// <param name="text">Any text; blank text has no passages.</param>
    /// <param name="format">How the text is read.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    ValueTask<IReadOnlyList<TextChunk>> ChunkAsync(string text, TextFormat format, CancellationToken cancellationToken = default);
}
