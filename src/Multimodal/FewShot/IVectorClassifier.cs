using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>A classifier that was learned from labelled vectors, while the model that made them stays as it is.</summary>
/// <remarks>Implementations are immutable and safe for concurrent use.</remarks>
public interface IVectorClassifier
{
    /// <summary>The classes, in ordinal order.</summary>
    IReadOnlyList<string> Labels { get; }

    /// <summary>The space of the vectors it learned from; null when they did not say.</summary>
    string? SpaceId { get; }

    /// <summary>The class of a vector.</summary>
    /// <param name="vector">Of the space it learned from.</param>
    /// <exception cref="ArgumentException">The vector has another length.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">The vector is of another space.</exception>
    string Predict(Embedding<float> vector);
}
