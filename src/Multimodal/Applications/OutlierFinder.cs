using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>Finds items that are unlike all others: by the mean distance to their nearest neighbours, seen against that of the rest.</summary>
/// <remarks>Compares every pair. Safe for concurrent use.</remarks>
public static class OutlierFinder
{
    // Makes the median absolute deviation of normally distributed numbers their standard deviation.
    private const double ToDeviation = 1.4826;

    /// <summary>Scores items.</summary>
    /// <param name="items">Vectors of one space; at least two.</param>
    /// <param name="neighbours">How many of the nearest count; at least 1, at most as many as there are others.</param>
    /// <returns>
    /// One for each item, the most unlike first: how many standard deviations (by median and median absolute deviation, which outliers do not move) its distance to its neighbours
    /// lies above that of the median item. Above 3.5 is a usual bound. When most items have one and the same distance, an item with another has infinity.
    /// </returns>
    /// <exception cref="ArgumentException">There are fewer than two items, or lengths differ.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">Items are of different spaces.</exception>
    public static IReadOnlyList<ScoredIndex> Score(IReadOnlyList<Embedding<float>> items, int neighbours = 5)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(neighbours, 1);
        double[][] units = UnitVectors.Checked(items, nameof(items), least: 2);
        double[] distances = [.. units.Select((unit, i) => units.Where((_, other) => other != i).Select(other => 1 - UnitVectors.Dot(unit, other)).Order().Take(neighbours).Average())];
        double median = UnitVectors.Median(distances), deviation = ToDeviation * UnitVectors.Median(distances.Select(distance => Math.Abs(distance - median)));
        return [.. distances.Select((distance, i) => new ScoredIndex(i, (float)(deviation > 0 ? (distance - median) / deviation : distance == median ? 0 : double.PositiveInfinity * Math.Sign(distance - median))))
            .OrderByDescending(score => score.Score)];
    }
}
