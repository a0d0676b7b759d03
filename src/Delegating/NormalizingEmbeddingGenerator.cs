using System.Numerics.Tensors;
using Microsoft.Extensions.AI;

namespace Polymodal.Delegating;

/// <summary>Scales the vectors of a generator to unit length. Vectors of a space that is of unit length already stay as they are, in their space.</summary>
/// <typeparam name="TInput">What the generator takes.</typeparam>
/// <remarks>Safe for concurrent use. A vector of zeros stays zeros.</remarks>
/// <param name="inner">The generator, which it owns from then on.</param>
public sealed class NormalizingEmbeddingGenerator<TInput>(IEmbeddingGenerator<TInput, Embedding<float>> inner) : VectorChangingEmbeddingGenerator<TInput>(inner)
{
    private const string Suffix = "/unit";

    /// <inheritdoc/>
    public override Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<TInput> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        InnerGenerator.GetService<EmbeddingSpace>() is { IsNormalized: true }
            ? InnerGenerator.GenerateAsync(values, options, cancellationToken)
            : GenerateAsync(values, options, Normalized, Suffix, cancellationToken);

    internal static ReadOnlyMemory<float> Normalized(ReadOnlyMemory<float> vector)
    {
        float[] unit = new float[vector.Length];
        if (TensorPrimitives.Norm(vector.Span) is var norm and > 0)
            TensorPrimitives.Divide(vector.Span, norm, unit);
        return unit;
    }

    private protected override EmbeddingSpace Change(EmbeddingSpace space) => space.IsNormalized ? space : VectorChange.Renamed(space, Suffix) with { IsNormalized = true };
}
