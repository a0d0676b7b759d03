using System.Numerics.Tensors;
using Microsoft.Extensions.AI;

namespace Polymodal;

/// <summary>Scores of vectors. Higher is always nearer.</summary>
public static class Similarity
{
    /// <summary>Scores two vectors, after checking that both come from one space.</summary>
    /// <param name="first">One vector.</param>
    /// <param name="second">The other, of the same length.</param>
    /// <param name="metric">The measure.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The lengths differ, or are 0.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">The vectors say they come from different spaces.</exception>
    public static float Of(Embedding<float> first, Embedding<float> second, SimilarityMetric metric = SimilarityMetric.Cosine)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        EmbeddingSpace.EnsureSame(EmbeddingSpace.SpaceIdOf(first), EmbeddingSpace.SpaceIdOf(second));
        return Of(first.Vector.Span, second.Vector.Span, metric);
    }

    /// <summary>Scores two vectors.</summary>
    /// <param name="first">One vector.</param>
    /// <param name="second">The other, of the same length.</param>
    /// <param name="metric">The measure.</param>
    /// <exception cref="ArgumentException">The lengths differ, or are 0; or the measure is unknown.</exception>
    public static float Of(ReadOnlySpan<float> first, ReadOnlySpan<float> second, SimilarityMetric metric = SimilarityMetric.Cosine)
    {
        if (first.Length != second.Length || first.IsEmpty)
            throw new ArgumentException($"first has {first.Length} elements, second has {second.Length}. Give two vectors of one length, at least 1.", nameof(second));
        return metric switch
        {
            SimilarityMetric.Cosine => Cosine(first, second),
            SimilarityMetric.DotProduct => TensorPrimitives.Dot(first, second),
            SimilarityMetric.Euclidean => -TensorPrimitives.Distance(first, second),
            SimilarityMetric.Manhattan => -Manhattan(first, second),
            _ => throw new ArgumentException($"metric is {metric}; known: {string.Join(", ", Enum.GetNames<SimilarityMetric>())}.", nameof(metric)),
        };
    }

    /// <summary>Scores one vector against many.</summary>
    /// <param name="query">Shape [dimensions].</param>
    /// <param name="candidates">Shape [count, dimensions], row-major.</param>
    /// <param name="scores">Receives [count].</param>
    /// <param name="metric">The measure.</param>
    /// <exception cref="ArgumentException">The three lengths disagree, or the query has length 0; or the measure is unknown.</exception>
    public static void OneToMany(ReadOnlySpan<float> query, ReadOnlySpan<float> candidates, Span<float> scores, SimilarityMetric metric = SimilarityMetric.Cosine)
    {
        if (query.IsEmpty)
            throw new ArgumentException("query has 0 elements. Give a vector of length 1 at least.", nameof(query));
        if (candidates.Length != (long)query.Length * scores.Length)
        {
            throw new ArgumentException(
                $"candidates has {candidates.Length} elements, but {scores.Length} scores of vectors with {query.Length} dimensions need {(long)scores.Length * query.Length}. " +
                "Give one score per row.", nameof(candidates));
        }

        for (int row = 0; row < scores.Length; row++)
            scores[row] = Of(query, candidates.Slice(row * query.Length, query.Length), metric);
    }

    /// <summary>The best candidates for a query.</summary>
    /// <param name="query">The query's vector.</param>
    /// <param name="candidates">The vectors to rank, all of the query's space.</param>
    /// <param name="k">How many to return at most; at least 1.</param>
    /// <param name="metric">The measure.</param>
    /// <returns>Best first; equal scores in the order of the candidates.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="query"/> or <paramref name="candidates"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="k"/> is below 1.</exception>
    /// <exception cref="ArgumentException">A candidate has another length than the query.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">A candidate comes from another space.</exception>
    public static IReadOnlyList<ScoredIndex> TopK(Embedding<float> query, IEnumerable<Embedding<float>> candidates, int k, SimilarityMetric metric = SimilarityMetric.Cosine)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(candidates);
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        return [.. candidates
            .Select((candidate, index) => new ScoredIndex(index, Of(query, candidate, metric)))
            .OrderByDescending(match => match.Score)
            .Take(k)];
    }

    private static float Manhattan(ReadOnlySpan<float> first, ReadOnlySpan<float> second)
    {
        float[] differences = new float[first.Length];
        TensorPrimitives.Subtract(first, second, differences);
        return TensorPrimitives.SumOfMagnitudes<float>(differences);
    }

    private static float Cosine(ReadOnlySpan<float> first, ReadOnlySpan<float> second)
    {
        float norms = TensorPrimitives.Norm(first) * TensorPrimitives.Norm(second);
        return norms == 0 ? 0 : Math.Clamp(TensorPrimitives.Dot(first, second) / norms, -1, 1); // Rounding alone can lead past 1.
    }
}

/// <summary>A candidate's place in the list that was ranked, and its score.</summary>
/// <param name="Index">Place in the list given, from 0.</param>
/// <param name="Score">Higher is nearer.</param>
public readonly record struct ScoredIndex(int Index, float Score);
