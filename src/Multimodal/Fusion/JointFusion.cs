namespace Polymodal.Multimodal;

/// <summary>Makes one vector of an item's vectors in one space (a model with several towers); the result lies in that space.</summary>
/// <remarks>Reference: evaluation/fusion in the recorded references. Safe for concurrent use.</remarks>
public static class JointFusion
{
    /// <summary>The weighted mean of the unit vectors, scaled to unit length.</summary>
    /// <param name="vectors">Of one space; at least one.</param>
    /// <param name="weights">What each counts, 0 or more; null means 1 each.</param>
    /// <returns>Of unit length; zeros when the vectors cancel out.</returns>
    /// <exception cref="ArgumentException">There are no vectors, lengths differ, or weights do not fit.</exception>
    public static float[] Mean(IReadOnlyList<ReadOnlyMemory<float>> vectors, IReadOnlyList<double>? weights = null) => UnitVectors.Single(MeanOf(vectors, weights));

    /// <summary>The vector on the shortest way over the sphere from one direction to the other.</summary>
    /// <param name="from">Where <paramref name="part"/> 0 is.</param>
    /// <param name="to">Where <paramref name="part"/> 1 is; of the same space.</param>
    /// <param name="part">How far to go, 0 to 1.</param>
    /// <returns>Of unit length. Between opposite directions there is no shortest way: the mean is taken, which is zeros halfway.</returns>
    /// <exception cref="ArgumentException">Lengths differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="part"/> is not from 0 to 1.</exception>
    public static float[] Slerp(ReadOnlyMemory<float> from, ReadOnlyMemory<float> to, double part) => UnitVectors.Single(SlerpOf(from, to, part));

    internal static double[] MeanOf(IReadOnlyList<ReadOnlyMemory<float>> vectors, IReadOnlyList<double>? weights)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        FusionWeights.Check(weights, vectors.Count);
        if (vectors.Count == 0 || vectors.Any(vector => vector.Length != vectors[0].Length))
            throw new ArgumentException($"there are vectors of {string.Join(", ", vectors.Select(vector => vector.Length))} dimensions. Give at least one, all of one space.", nameof(vectors));
        double[] mean = new double[vectors[0].Length];
        for (int i = 0; i < vectors.Count; i++)
            UnitVectors.Add(mean, UnitVectors.Unit(vectors[i].Span), weights?[i] ?? 1);
        return UnitVectors.Unit(mean);
    }

    internal static double[] SlerpOf(ReadOnlyMemory<float> from, ReadOnlyMemory<float> to, double part)
    {
        if (from.Length != to.Length)
            throw new ArgumentException($"the vectors have {from.Length} and {to.Length} dimensions. Give vectors of one space.", nameof(to));
        if (!(part is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(part), part, "part must be from 0 to 1.");
        double[] first = UnitVectors.Unit(from.Span), second = UnitVectors.Unit(to.Span), between = new double[first.Length];
        double angle = Math.Acos(Math.Clamp(UnitVectors.Dot(first, second), -1, 1)), sine = Math.Sin(angle);
        // Of directions that are the same or opposite the sine says nothing.
        const double Smallest = 1e-9;
        UnitVectors.Add(between, first, sine < Smallest ? 1 - part : Math.Sin((1 - part) * angle) / sine);
        UnitVectors.Add(between, second, sine < Smallest ? part : Math.Sin(part * angle) / sine);
        return sine < Smallest ? UnitVectors.Unit(between) : between;
    }
}
