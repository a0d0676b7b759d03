using Polymodal.VectorStore.Ingestion;

namespace Polymodal.VectorStore;

/// <summary>How a <see cref="Reembedder"/> works.</summary>
public sealed class ReembedderOptions
{
    /// <summary>Records embedded by one call and stored by one; at least 1, by default 256.</summary>
    public int BatchSize { get; set; } = 256;

    /// <summary>Which vector is made anew; by default the one without a name. The others are kept.</summary>
    public string VectorName { get; set; } = VectorCollectionDefinition.DefaultVector;

    /// <summary>What of a record is embedded, or null when there is nothing; by default its text, with the headings of a passage that a <see cref="DocumentIndexer"/> stored.</summary>
    public Func<VectorRecord, string?> TextOf { get; set; } = DocumentIndexer.EmbeddedText;

    /// <summary>A checked copy, so that later changes of the caller's object change nothing.</summary>
    internal ReembedderOptions Validated()
    {
        if (BatchSize < 1)
            throw new ArgumentOutOfRangeException(nameof(BatchSize), BatchSize, "BatchSize must be at least 1.");
        ArgumentNullException.ThrowIfNull(TextOf);
        ArgumentNullException.ThrowIfNull(VectorName);
        return new() { BatchSize = BatchSize, VectorName = VectorName, TextOf = TextOf };
    }
}
