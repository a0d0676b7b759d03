using System.Globalization;
using System.Numerics.Tensors;
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
        SpaceId = $"early({string.Join(" + ", fusion.Weights.Zip(spaces, (weight, space) => $"{Number(weight.Value)} {weight.Key.ToString().ToLowerInvariant()} {space.SpaceId}"))})",
        Fingerprint = $"early({string.Join(" + ", fusion.Weights.Zip(spaces, (weight, space) => $"{Number(weight.Value)} {space.Fingerprint}"))})",
        Dimensions = spaces.Sum(space => space.Dimensions),
        Metric = SimilarityMetric.Cosine,
        IsNormalized = true,
    };

    /// <summary>Puts the vectors of an item's parts together.</summary>
    /// <param name="parts">By kind; a kind that is missing is zeros, as is one whose vector has no length.</param>
    public Embedding<float> Fuse(IReadOnlyDictionary<EmbeddingModality, Embedding<float>> parts)
    {
        float[] whole = new float[Space.Dimensions];
        int start = 0;
        for (int i = 0; i < _weights.Length; i++)
        {
            Span<float> place = whole.AsSpan(start, spaces[i].Dimensions);
            if (parts.TryGetValue(_weights[i].Key, out Embedding<float>? part))
            {
                if (part.Vector.Length != place.Length)
                    throw new InvalidOperationException($"the vector of the item's {_weights[i].Key} has {part.Vector.Length} dimensions; its space {spaces[i].SpaceId} has {place.Length}.");
                EmbeddingSpace.EnsureSame(spaces[i].SpaceId, EmbeddingSpace.SpaceIdOf(part));
                float length = TensorPrimitives.Norm(part.Vector.Span);
                if (length > 0)
                    TensorPrimitives.Multiply(part.Vector.Span, (float)Math.Sqrt(_weights[i].Value) / length, place);
            }

            start += place.Length;
        }

        float all = TensorPrimitives.Norm(whole);
        if (all > 0)
            TensorPrimitives.Divide(whole, all, whole);
        var embedding = new Embedding<float>(whole);
        Space.Stamp(embedding);
        return embedding;
    }

    private static string Number(double weight) => weight.ToString("0.######", CultureInfo.InvariantCulture);
}
