using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>Arithmetic of vectors in double precision, where a mean or a sum decides and float32 would round.</summary>
internal static class UnitVectors
{
    /// <summary>A vector of unit length; zeros stay zeros.</summary>
    public static double[] Unit(ReadOnlySpan<float> vector)
    {
        var unit = new double[vector.Length];
        for (int i = 0; i < unit.Length; i++)
            unit[i] = vector[i];
        return Unit(unit);
    }

    /// <summary>Scales a vector to unit length in place; zeros stay zeros.</summary>
    public static double[] Unit(double[] vector)
    {
        double norm = Math.Sqrt(Dot(vector, vector));
        for (int i = 0; i < vector.Length && norm > 0; i++)
            vector[i] /= norm;
        return vector;
    }

    /// <summary>The sum of products, in the order of the numbers.</summary>
    public static double Dot(ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        double sum = 0;
        for (int i = 0; i < first.Length; i++)
            sum += first[i] * second[i];
        return sum;
    }

    /// <summary>The sum of squared differences.</summary>
    public static double SquaredDistance(ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        double sum = 0;
        for (int i = 0; i < first.Length; i++)
            sum += (first[i] - second[i]) * (first[i] - second[i]);
        return sum;
    }

    /// <summary>The middle one of some numbers, or the mean of the middle two.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] ordered = [.. values.Order()];
        int middle = ordered.Length / 2;
        return ordered.Length % 2 == 1 ? ordered[middle] : (ordered[middle - 1] + ordered[middle]) / 2;
    }

    /// <summary>Adds a weighted vector to a sum.</summary>
    public static void Add(double[] sum, ReadOnlySpan<double> vector, double weight)
    {
        for (int i = 0; i < sum.Length; i++)
            sum[i] += weight * vector[i];
    }

    /// <summary>In single precision, as embeddings are.</summary>
    public static float[] Single(ReadOnlySpan<double> vector)
    {
        var single = new float[vector.Length];
        for (int i = 0; i < single.Length; i++)
            single[i] = (float)vector[i];
        return single;
    }

    /// <summary>The unit vectors of a list, after checking that all are of one length and one space.</summary>
    /// <param name="vectors">The vectors.</param>
    /// <param name="name">The parameter, for messages.</param>
    /// <param name="least">How many there must be.</param>
    /// <exception cref="ArgumentException">There are too few, or lengths differ.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">Two say that they are of different spaces.</exception>
    public static double[][] Checked(IReadOnlyList<Embedding<float>> vectors, string name, int least = 1)
    {
        CheckAlike(vectors, name, least);
        return [.. vectors.Select(vector => Unit(vector.Vector.Span))];
    }

    /// <summary>Throws unless all vectors are of one length and one space.</summary>
    public static void CheckAlike(IReadOnlyList<Embedding<float>> vectors, string name, int least = 1)
    {
        ArgumentNullException.ThrowIfNull(vectors, name);
        if (vectors.Count < least)
            throw new ArgumentException($"{name} has {vectors.Count} vectors. Give at least {least}.", name);
        for (int i = 0; i < vectors.Count; i++)
            CheckAlike(vectors[0], vectors[i] ?? throw new ArgumentException($"{name} has null at {i}. Give a vector.", name), name, i);
    }

    /// <summary>Throws unless a vector is of the length and the space of another.</summary>
    public static void CheckAlike(Embedding<float> first, Embedding<float> other, string name, int index = 0)
    {
        if (first.Vector.Length != other.Vector.Length || other.Vector.IsEmpty)
            throw new ArgumentException($"vector {index} of {name} has {other.Vector.Length} dimensions, another has {first.Vector.Length}. Give vectors of one space.", name);
        EmbeddingSpace.EnsureSame(EmbeddingSpace.SpaceIdOf(first), EmbeddingSpace.SpaceIdOf(other));
    }
}
