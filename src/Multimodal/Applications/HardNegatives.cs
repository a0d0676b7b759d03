using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>How hard negatives are chosen.</summary>
public sealed class HardNegativeOptions
{
    /// <summary>How many for each query at most; at least 1. Default 3.</summary>
    public int Count { get; set; } = 3;

    /// <summary>How many of the nearest candidates are passed over, because they may be right without being known as such. Default 0.</summary>
    public int Skip { get; set; }

    /// <summary>A negative must be at least this much farther from the query than the nearest partner (in cosine). Default null: it may be nearer, too.</summary>
    public double? Margin { get; set; }

    /// <summary>A negative is at most this near, −1 to 1. Default 1.</summary>
    public double MaxScore { get; set; } = 1;

    internal HardNegativeOptions Copied()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Count, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(Skip);
        if (Margin is { } margin && (!double.IsFinite(margin) || margin < 0))
            throw new ArgumentOutOfRangeException(nameof(Margin), Margin, "Margin must be a finite number from 0 on.");
        if (!(MaxScore is >= -1 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(MaxScore), MaxScore, "MaxScore must be -1 to 1.");
        return new() { Count = Count, Skip = Skip, Margin = Margin, MaxScore = MaxScore };
    }
}

/// <summary>Finds wrong answers that look right: what a model or a reranker is best trained and tested with.</summary>
/// <remarks>Safe for concurrent use.</remarks>
public static class HardNegatives
{
    /// <summary>Mines.</summary>
    /// <param name="queries">Vectors of the queries; at least one.</param>
    /// <param name="candidates">Vectors of what may be found, of the same space; at least one.</param>
    /// <param name="partnersOf">For each query the places of its right answers; at least one.</param>
    /// <param name="options">How many and how far; null for the defaults.</param>
    /// <returns>For each query its negatives, the hardest first, with their cosines; fewer than asked for where no more are left.</returns>
    /// <exception cref="ArgumentException">A list is empty, lengths differ, or a partner is no candidate.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">Vectors are of different spaces.</exception>
    public static IReadOnlyList<IReadOnlyList<ScoredIndex>> Mine(
        IReadOnlyList<Embedding<float>> queries, IReadOnlyList<Embedding<float>> candidates, Func<int, IEnumerable<int>> partnersOf, HardNegativeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(partnersOf);
        HardNegativeOptions chosen = (options ?? new()).Copied();
        double[][] from = UnitVectors.Checked(queries, nameof(queries)), to = UnitVectors.Checked(candidates, nameof(candidates));
        UnitVectors.CheckAlike(queries[0], candidates[0], nameof(candidates));
        return [.. from.Select((query, i) =>
        {
            HashSet<int> partners = [.. partnersOf(i)];
            if (partners.Count == 0 || partners.Any(partner => partner < 0 || partner >= to.Length))
                throw new ArgumentException($"query {i} has no partner among the {to.Length} candidates, or one that is none. Give places from 0 to {to.Length - 1}.", nameof(partnersOf));
            double[] scores = [.. to.Select(candidate => Math.Clamp(UnitVectors.Dot(query, candidate), -1, 1))];
            double most = Math.Min(chosen.MaxScore, partners.Max(partner => scores[partner]) - chosen.Margin ?? chosen.MaxScore);
            return (IReadOnlyList<ScoredIndex>)[.. Enumerable.Range(0, to.Length).Where(candidate => !partners.Contains(candidate)).OrderByDescending(candidate => scores[candidate])
                .Skip(chosen.Skip).Where(candidate => scores[candidate] <= most).Take(chosen.Count).Select(candidate => new ScoredIndex(candidate, (float)scores[candidate]))];
        })];
    }
}
