using Microsoft.Extensions.AI;

namespace Polymodal.Delegating;

/// <summary>Keeps the first numbers of each vector, as Matryoshka models are trained for, for generators that cannot do it themselves.</summary>
/// <typeparam name="TInput">What the generator takes.</typeparam>
/// <remarks>
/// Safe for concurrent use. Where the generator's space is of unit length, the cut vectors are scaled to it again. The space is another one
/// (<c>…/cut-256</c>), the same that a generator gives that cuts by itself.
/// </remarks>
public sealed class TruncatingEmbeddingGenerator<TInput> : VectorChangingEmbeddingGenerator<TInput>
{
    private readonly int _dimensions;

    /// <summary>Wraps a generator, which it owns from then on.</summary>
    /// <param name="inner">The generator.</param>
    /// <param name="dimensions">How many numbers are left; at least 1.</param>
    /// <exception cref="ArgumentNullException"><paramref name="inner"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dimensions"/> is below 1, or more than the generator's space has.</exception>
    public TruncatingEmbeddingGenerator(IEmbeddingGenerator<TInput, Embedding<float>> inner, int dimensions)
        : base(inner)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        if (inner.GetService<EmbeddingSpace>() is { } space)
            ArgumentOutOfRangeException.ThrowIfGreaterThan(dimensions, space.Dimensions);
        _dimensions = dimensions;
    }

    /// <summary>Embeds inputs and cuts their vectors.</summary>
    /// <param name="values">The inputs.</param>
    /// <param name="options">Passed on; <c>Dimensions</c> may ask for fewer than this generator leaves.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ArgumentNullException"><paramref name="values"/> is null.</exception>
    /// <exception cref="ArgumentException"><c>Dimensions</c> is below 1 or more than this generator leaves, or the inner generator gave fewer.</exception>
    public override Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<TInput> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        int dimensions = options?.Dimensions ?? _dimensions;
        if (dimensions < 1 || dimensions > _dimensions)
            throw new ArgumentOutOfRangeException(nameof(options), dimensions, $"Dimensions must be 1 to {_dimensions}, which this generator is made for.");
        if (options?.Dimensions is not null)
        {
            options = options.Clone();
            options.Dimensions = null;
        }

        EmbeddingSpace? space = InnerGenerator.GetService<EmbeddingSpace>();
        return space?.Dimensions == dimensions
            ? InnerGenerator.GenerateAsync(values, options, cancellationToken)
            : GenerateAsync(values, options, vector => Cut(vector, dimensions, space is { IsNormalized: true }), Suffix(dimensions), cancellationToken);
    }

    private static ReadOnlyMemory<float> Cut(ReadOnlyMemory<float> vector, int dimensions, bool normalize)
    {
        if (vector.Length < dimensions)
            throw new ArgumentException($"the inner generator gave {vector.Length} dimensions; {dimensions} cannot be cut from them. Ask for fewer.", nameof(dimensions));
        return normalize ? NormalizingEmbeddingGenerator<TInput>.Normalized(vector[..dimensions]) : vector[..dimensions];
    }

    private static string Suffix(int dimensions) => $"/cut-{dimensions}";

    private protected override EmbeddingSpace Change(EmbeddingSpace space) =>
        space.Cut(_dimensions);
}
