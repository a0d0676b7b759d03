using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>How well a caption fits a picture, by the vectors of a model with both towers.</summary>
/// <remarks>Reference: Hessel et al., "CLIPScore", 2021; evaluation/clip-style in the recorded references. Safe for concurrent use.</remarks>
public static class ClipScore
{
    private const double Weight = 2.5;

    /// <summary>2.5 · max(cosine, 0): 0 to 2.5.</summary>
    /// <param name="picture">The picture's vector.</param>
    /// <param name="caption">The caption's vector, of the same space.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">The vectors are of different spaces.</exception>
    public static double Of(Embedding<float> picture, Embedding<float> caption) => Weight * Math.Max(Cosine(picture, caption), 0);

    /// <summary>The harmonic mean of <see cref="Of"/> and the caption's best cosine (at least 0) with captions that people wrote; 0 when both are.</summary>
    /// <param name="picture">The picture's vector.</param>
    /// <param name="caption">The caption's vector.</param>
    /// <param name="references">Vectors of captions that are right; at least one.</param>
    /// <exception cref="ArgumentException">There are no references, or lengths differ.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">The vectors are of different spaces.</exception>
    public static double WithReferences(Embedding<float> picture, Embedding<float> caption, IReadOnlyList<Embedding<float>> references)
    {
        ArgumentNullException.ThrowIfNull(references);
        if (references.Count == 0)
            throw new ArgumentException("there are no references. Give at least one.", nameof(references));
        double score = Of(picture, caption), best = Math.Max(references.Max(reference => Cosine(caption, reference)), 0);
        return score + best > 0 ? 2 * score * best / (score + best) : 0;
    }

    private static double Cosine(Embedding<float> first, Embedding<float> second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        UnitVectors.CheckAlike(first, second, nameof(second));
        return UnitVectors.Dot(UnitVectors.Unit(first.Vector.Span), UnitVectors.Unit(second.Vector.Span));
    }
}
