namespace Polymodal.VectorStore;

/// <summary>What a collection records of the space its vectors come from.</summary>
public sealed record VectorCollectionDefinition
{
    /// <summary>Which vectors may be compared, see <see cref="EmbeddingSpace.SpaceId"/>.</summary>
    public required string SpaceId { get; init; }

    /// <summary>Length of each vector; at least 1.</summary>
    public required int Dimensions { get; init; }

    /// <summary>How vectors are compared.</summary>
    public SimilarityMetric Metric { get; init; } = SimilarityMetric.Cosine;

    /// <summary>What gave the collection's first vectors, see <see cref="EmbeddingSpace.Fingerprint"/>; null when unknown.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>The definition of a collection for a generator's vectors.</summary>
    /// <param name="space">The generator's space.</param>
    /// <exception cref="ArgumentNullException"><paramref name="space"/> is null.</exception>
    public static VectorCollectionDefinition For(EmbeddingSpace space)
    {
        ArgumentNullException.ThrowIfNull(space);
        return new() { SpaceId = space.SpaceId, Dimensions = space.Dimensions, Metric = space.Metric, Fingerprint = space.Fingerprint };
    }
}
