using System.Numerics.Tensors;
using Microsoft.Extensions.AI;
using Polymodal.Providers.Local.Pooling;

namespace Polymodal.Providers.Local.LongText;

/// <summary>The vector of a text from those of its chunks.</summary>
internal static class PooledVectors
{
    /// <summary>The mean, each vector weighted by its tokens.</summary>
    /// <param name="vectors">The chunks' vectors; at least one, all of one length.</param>
    /// <param name="weights">Tokens of each chunk; a chunk without counts as one.</param>
    /// <param name="normalize">Whether the mean is scaled to unit length.</param>
    public static float[] Mean(IReadOnlyList<ReadOnlyMemory<float>> vectors, IReadOnlyList<int> weights, bool normalize)
    {
        float[] mean = new float[vectors[0].Length];
        float total = 0;
        for (int i = 0; i < vectors.Count; i++)
        {
            float weight = Math.Max(1, weights[i]);
            TensorPrimitives.MultiplyAdd(vectors[i].Span, weight, mean, mean);
            total += weight;
        }

        TensorPrimitives.Divide(mean, total, mean);
        if (normalize)
            L2.Normalize(mean, mean.Length);
        return mean;
    }

    /// <summary>The mean as a vector of the chunks' space; that of a single chunk is the chunk's own.</summary>
    public static Embedding<float> Mean(IReadOnlyList<Embedding<float>> chunks, IReadOnlyList<int> weights, bool normalize) => chunks is [var only] ? only
        : new Embedding<float>(Mean([.. chunks.Select(chunk => chunk.Vector)], weights, normalize))
        {
            ModelId = chunks[0].ModelId,
            CreatedAt = chunks[0].CreatedAt,
            AdditionalProperties = chunks[0].AdditionalProperties?.Clone(),
        };
}
