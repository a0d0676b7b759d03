namespace Polymodal.Multimodal;

/// <summary>What weights of modalities must be.</summary>
internal static class FusionWeights
{
    public static void Check(IReadOnlyList<double>? weights, int count)
    {
        if (weights is null)
            return;
        if (weights.Count != count)
            throw new ArgumentException($"there are {weights.Count} weights of {count} modalities. Give one for each.", nameof(weights));
        if (weights.Any(weight => !double.IsFinite(weight) || weight < 0) || (count > 0 && weights.Sum() <= 0))
            throw new ArgumentException("a weight is below 0 or no finite number, or all are 0. Give numbers from 0 on, at least one above 0.", nameof(weights));
    }
}
