namespace Polymodal.Multimodal;

/// <summary>
/// Makes one vector of an item's vectors in several spaces: for each modality √weight times its unit vector, one after the other, so that the cosine of two such vectors is the
/// weighted mean of the modalities' cosines. What an item lacks is zeros. The result is a space of its own.
/// </summary>
/// <remarks>Reference: evaluation/fusion in the recorded references. Safe for concurrent use.</remarks>
public static class EarlyFusion
{
    /// <summary>Joins the vectors of an item.</summary>
    /// <param name="parts">For each modality, always in one order: its vector, or null where the item has none.</param>
    /// <param name="dimensions">For each modality the length of its vectors.</param>
    /// <param name="weights">For each modality what it counts, 0 or more, at least one above 0; null means 1 each.</param>
    /// <returns>Of unit length; zeros when every part is missing or zeros.</returns>
    /// <exception cref="ArgumentException">The counts or lengths disagree, or a weight is below 0 or not finite.</exception>
    public static float[] Concatenate(IReadOnlyList<ReadOnlyMemory<float>?> parts, IReadOnlyList<int> dimensions, IReadOnlyList<double>? weights = null) =>
        UnitVectors.Single(Joined(parts, dimensions, weights, square: false));

    /// <summary>The name of the space that such vectors lie in: it follows from the parts' spaces, their order and their weights.</summary>
    /// <param name="spaceIds">For each modality its space.</param>
    /// <param name="weights">For each modality what it counts; null means 1 each.</param>
    public static string SpaceIdOf(IReadOnlyList<string> spaceIds, IReadOnlyList<double>? weights = null)
    {
        ArgumentNullException.ThrowIfNull(spaceIds);
        return "early(" + string.Join(" + ", spaceIds.Select((space, i) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{weights?[i] ?? 1:R} × {space}"))) + ")";
    }

    // The record has the weight itself before each part too, which counts each modality by the square of its weight.
    internal static double[] Joined(IReadOnlyList<ReadOnlyMemory<float>?> parts, IReadOnlyList<int> dimensions, IReadOnlyList<double>? weights, bool square)
    {
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentNullException.ThrowIfNull(dimensions);
        FusionWeights.Check(weights, dimensions.Count);
        if (parts.Count != dimensions.Count)
            throw new ArgumentException($"there are {parts.Count} parts of {dimensions.Count} modalities. Give a vector or null for each.", nameof(parts));
        double[] joined = new double[dimensions.Sum()];
        for (int i = 0, start = 0; i < parts.Count; start += dimensions[i++])
        {
            if (parts[i] is not { } part)
                continue;
            if (part.Length != dimensions[i])
                throw new ArgumentException($"part {i} has {part.Length} dimensions, its modality {dimensions[i]}. Give vectors of one model for each modality.", nameof(parts));
            double weight = weights?[i] ?? 1, factor = square ? weight : Math.Sqrt(weight);
            double[] unit = UnitVectors.Unit(part.Span);
            for (int k = 0; k < unit.Length; k++)
                joined[start + k] = factor * unit[k];
        }

        return UnitVectors.Unit(joined);
    }
}
