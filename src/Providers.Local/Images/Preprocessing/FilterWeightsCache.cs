using System.Collections.Concurrent;

namespace Polymodal.Providers.Local.Images;

/// <summary>Keeps weights, because pictures of a folder mostly have a few sizes only: most weights are computed, and their memory taken, once.</summary>
/// <remarks>Safe for concurrent use. Bounded: at most 64 lists of 16,384 weights; when it is full, it begins anew.</remarks>
internal static class FilterWeightsCache
{
    private const int Lists = 64, LongestList = 16_384;

    private static readonly ConcurrentDictionary<Key, FilterWeights> Known = new();

    /// <summary>The weights of some positions, see <see cref="FilterWeights"/>.</summary>
    public static FilterWeights Get(int inSize, int outSize, Range range, ResizeFilter filter, bool isTorch)
    {
        var key = new Key(inSize, outSize, range.Start.Value, range.End.Value, filter, isTorch);
        if (Known.TryGetValue(key, out FilterWeights? known))
            return known;
        var weights = new FilterWeights(inSize, outSize, range, filter, isTorch);
        if (weights.Exact.Length > LongestList)
            return weights;
        if (Known.Count >= Lists)
            Known.Clear();
        Known[key] = weights;
        return weights;
    }

    private readonly record struct Key(int InSize, int OutSize, int First, int End, ResizeFilter Filter, bool IsTorch);
}
