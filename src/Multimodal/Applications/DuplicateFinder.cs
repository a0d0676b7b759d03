using System.Numerics.Tensors;
using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>Finds items that are the same or nearly the same, by their vectors.</summary>
/// <remarks>Compares every pair: some ten thousand items take seconds. Safe for concurrent use.</remarks>
public static class DuplicateFinder
{
    /// <summary>Groups of items that are linked by pairs at least as near as the threshold.</summary>
    /// <param name="items">Vectors of one space; any number.</param>
    /// <param name="threshold">Least cosine of a pair, −1 to 1.</param>
    /// <param name="identical">Tells of two places whether the items are the same for sure, e.g. byte for byte; null for nothing. Such a pair scores 1.</param>
    /// <returns>Groups of at least two, those with the nearest weakest link first; within a group in the order given.</returns>
    /// <exception cref="ArgumentException">Lengths differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threshold"/> is not from −1 to 1.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">Items are of different spaces.</exception>
    public static IReadOnlyList<DuplicateGroup> Find(IReadOnlyList<Embedding<float>> items, double threshold, Func<int, int, bool>? identical = null)
    {
        int[] group = [.. Enumerable.Range(0, items?.Count ?? 0)];
        int Root(int at)
        {
            while (group[at] != at)
                at = group[at] = group[group[at]];
            return at;
        }

        var links = new List<DuplicatePair>();
        foreach (DuplicatePair pair in Pairs(items!, threshold, identical))
        {
            links.Add(pair);
            group[Root(pair.Second)] = Root(pair.First);
        }

        return [.. links.GroupBy(link => Root(link.First))
            .Select(linked => new DuplicateGroup([.. linked.SelectMany(link => new[] { link.First, link.Second }).Distinct().Order()], linked.Min(link => link.Score)))
            .OrderByDescending(found => found.Score)];
    }

    /// <summary>All pairs at least as near as the threshold.</summary>
    /// <param name="items">As for <see cref="Find"/>.</param>
    /// <param name="threshold">As for <see cref="Find"/>.</param>
    /// <param name="identical">As for <see cref="Find"/>.</param>
    /// <returns>In the order of their places.</returns>
    /// <exception cref="ArgumentException">Lengths differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threshold"/> is not from −1 to 1.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">Items are of different spaces.</exception>
    public static IReadOnlyList<DuplicatePair> Pairs(IReadOnlyList<Embedding<float>> items, double threshold, Func<int, int, bool>? identical = null)
    {
        if (!(threshold is >= -1 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "threshold must be from -1 to 1.");
        UnitVectors.CheckAlike(items, nameof(items), least: 0);
        float[][] units = [.. items.Select(item => UnitVectors.Single(UnitVectors.Unit(item.Vector.Span)))];
        var pairs = new List<DuplicatePair>();
        for (int first = 0; first < units.Length; first++)
        {
            for (int second = first + 1; second < units.Length; second++)
            {
                float score = identical?.Invoke(first, second) == true ? 1 : Math.Clamp(TensorPrimitives.Dot<float>(units[first], units[second]), -1, 1);
                if (score >= threshold)
                    pairs.Add(new(first, second, score));
            }
        }

        return pairs;
    }
}

/// <summary>Items that are the same or nearly the same.</summary>
/// <param name="Items">Their places.</param>
/// <param name="Score">The cosine of the weakest pair that links them.</param>
public sealed record DuplicateGroup(IReadOnlyList<int> Items, float Score);

/// <summary>Two items that are the same or nearly the same.</summary>
/// <param name="First">The place of one.</param>
/// <param name="Second">The place of the other, which comes later.</param>
/// <param name="Score">Their cosine.</param>
public readonly record struct DuplicatePair(int First, int Second, float Score);
