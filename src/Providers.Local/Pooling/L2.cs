using System.Numerics.Tensors;

namespace Polymodal.Providers.Local.Pooling;

/// <summary>Scaling to unit length.</summary>
public static class L2
{
    // torch.nn.functional.normalize divides by max(norm, eps) with this eps.
    private const float Epsilon = 1e-12f;

    /// <summary>Scales each vector to unit length, in place.</summary>
    /// <param name="vectors">Shape [count, dimensions], row-major. A vector of zeros stays zeros.</param>
    /// <param name="dimensions">Length of one vector; at least 1.</param>
    /// <exception cref="ArgumentException">The length is no multiple of <paramref name="dimensions"/>.</exception>
    /// <remarks>Reference: torch.nn.functional.normalize, p = 2, eps = 1e-12.</remarks>
    public static void Normalize(Span<float> vectors, int dimensions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        if (vectors.Length % dimensions != 0)
            throw new ArgumentException($"vectors has {vectors.Length} elements, which is no multiple of {dimensions}. Give [count, dimensions].", nameof(vectors));
        for (int start = 0; start < vectors.Length; start += dimensions)
        {
            Span<float> vector = vectors.Slice(start, dimensions);
            TensorPrimitives.Divide(vector, Math.Max(TensorPrimitives.Norm(vector), Epsilon), vector);
        }
    }
}
