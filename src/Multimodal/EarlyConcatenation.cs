using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>The kinds of part of an early fusion with the spaces of their vectors: where each stands in the whole.</summary>
/// <param name="fusion">The weights.</param>
/// <param name="spaces">The space of each kind's vectors, in the order of the weights.</param>
internal sealed class EarlyConcatenation(CompositeFusion fusion, IReadOnlyList<EmbeddingSpace> spaces)
{
    private readonly KeyValuePair<EmbeddingModality, double>[] _weights = [.. fusion.Weights];

    /// <summary>The space of the whole: unit vectors, compared by cosine.</summary>
    public EmbeddingSpace Space { get; } = new()
    {
        SpaceId = EarlyFusion.SpaceIdOf([.. spaces.Select(space => space.SpaceId)], [.. fusion.Weights.Select(weight => weight.Value)]),
        Fingerprint = EarlyFusion.SpaceIdOf([.. spaces.Select(space => space.Fingerprint)], [.. fusion.Weights.Select(weight => weight.Value)]),
        Dimensions = spaces.Sum(space => space.Dimensions),
        Metric = SimilarityMetric.Cosine,
        IsNormalized = true,
    };

    /// <summary>Puts the vectors of an item's parts together.</summary>
    /// <param name="parts">By kind; a kind that is missing is zeros, as is one whose vector has no length.</param>
    public Embedding<float> Fuse(IReadOnlyDictionary<EmbeddingModality, Embedding<float>> parts)
    {
        var vectors = new ReadOnlyMemory<float>?[_weights.Length];
        for (int i = 0; i < _weights.Length; i++)
        {
            if (!parts.TryGetValue(_weights[i].Key, out Embedding<float>? part))
                continue;
            if (part.Vector.Length != spaces[i].Dimensions)
                throw new InvalidOperationException($"the vector of the item's {_weights[i].Key} has {part.Vector.Length} dimensions; its space {spaces[i].SpaceId} has {spaces[i].Dimensions}.");
            EmbeddingSpace.EnsureSame(spaces[i].SpaceId, EmbeddingSpace.SpaceIdOf(part));
            vectors[i] = part.Vector;
        }

        var embedding = new Embedding<float>(EarlyFusion.Concatenate(vectors, [.. spaces.Select(space => space.Dimensions)], [.. _weights.Select(weight => weight.Value)]));
        Space.Stamp(embedding);
        return embedding;
    }
}
