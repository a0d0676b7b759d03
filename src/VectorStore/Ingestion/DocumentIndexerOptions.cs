using Microsoft.Extensions.AI;

namespace Polymodal.VectorStore.Ingestion;

/// <summary>How a <see cref="DocumentIndexer"/> works.</summary>
public sealed class DocumentIndexerOptions
{
    internal const int LargestChunksPerCall = 4096;

    /// <summary>How documents are cut. Changing it embeds all documents again.</summary>
    public TextChunkerOptions Chunking { get; set; } = new();

    /// <summary>Cuts documents in another way than <see cref="Chunking"/> says, which does not matter then; null, the default, for a <see cref="TextChunker"/>. Changing it embeds all documents again.</summary>
    public IDocumentChunker? Chunker { get; set; }

    /// <summary>Embeds pictures and sounds; null, the default, when documents have none. Its vectors go under <see cref="MediaVectorName"/>.</summary>
    public IEmbeddingGenerator<DataContent, Embedding<float>>? MediaGenerator { get; set; }

    /// <summary>Which vector of a record a picture or sound has; by default the one without a name, so that texts find pictures: the generators' space must be one then.</summary>
    public string MediaVectorName { get; set; } = VectorCollectionDefinition.DefaultVector;

    /// <summary>How many passages, of any number of documents, are embedded by one call and stored together; 1 to 4096, by default 128. They are held in memory.</summary>
    public int ChunksPerCall { get; set; } = 128;

    /// <summary>A checked copy, so that later changes of the caller's object change nothing.</summary>
    internal DocumentIndexerOptions Validated()
    {
        ArgumentNullException.ThrowIfNull(Chunking);
        if (ChunksPerCall is < 1 or > LargestChunksPerCall)
            throw new ArgumentOutOfRangeException(nameof(ChunksPerCall), ChunksPerCall, $"ChunksPerCall must be 1 to {LargestChunksPerCall}.");
        ArgumentNullException.ThrowIfNull(MediaVectorName);
        return new() { Chunking = Chunking.Validated(), Chunker = Chunker, MediaGenerator = MediaGenerator, MediaVectorName = MediaVectorName, ChunksPerCall = ChunksPerCall };
    }
}

/// <summary>How far an indexing run is.</summary>
/// <param name="Documents">Documents read so far; those unchanged count too.</param>
/// <param name="ChunksEmbedded">Passages embedded and stored so far.</param>
/// <param name="Document">The document read last; null at the end.</param>
public readonly record struct IndexingProgress(int Documents, int ChunksEmbedded, string? Document);

/// <summary>What an indexing run did.</summary>
/// <param name="Added">Documents that were not in the collection.</param>
/// <param name="Changed">Documents that were there in another version, or incompletely.</param>
/// <param name="Unchanged">Documents that were there as they are, those without text, and those that cannot be read now.</param>
/// <param name="Removed">Documents that were there and are no more.</param>
/// <param name="ChunksEmbedded">Passages embedded and stored.</param>
public sealed record IndexingReport(int Added, int Changed, int Unchanged, int Removed, int ChunksEmbedded);
