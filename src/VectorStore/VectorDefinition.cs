namespace Polymodal.VectorStore;

/// <summary>What a collection records of the space one kind of its vectors comes from.</summary>
public sealed record VectorDefinition
{
    /// <summary>Which vectors may be compared, see <see cref="EmbeddingSpace.SpaceId"/>.</summary>
    public required string SpaceId { get; init; }

    /// <summary>Length of each vector; at least 1.</summary>
    public required int Dimensions { get; init; }

    /// <summary>How vectors are compared.</summary>
    public SimilarityMetric Metric { get; init; } = SimilarityMetric.Cosine;

    /// <summary>What gave the collection's first vectors, see <see cref="EmbeddingSpace.Fingerprint"/>; null when unknown.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Vectors of fixed inputs, by which a model that changed unnoticed is found out; by default none. See <see cref="ProbeVectors"/>.</summary>
    public IReadOnlyList<ProbeVectors> Probes { get; init; } = [];

    /// <summary>The definition for a generator's vectors, without probes.</summary>
    /// <param name="space">The generator's space.</param>
    /// <exception cref="ArgumentNullException"><paramref name="space"/> is null.</exception>
    public static VectorDefinition For(EmbeddingSpace space)
    {
        ArgumentNullException.ThrowIfNull(space);
        return new() { SpaceId = space.SpaceId, Dimensions = space.Dimensions, Metric = space.Metric, Fingerprint = space.Fingerprint };
    }

    /// <summary>Whether all that is said is equal, probes included.</summary>
    public bool Equals(VectorDefinition? other) =>
        other is not null && SpaceId == other.SpaceId && Dimensions == other.Dimensions && Metric == other.Metric
        && Fingerprint == other.Fingerprint && Probes.SequenceEqual(other.Probes);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(SpaceId, Dimensions, Metric, Fingerprint, Probes.Count);
}
