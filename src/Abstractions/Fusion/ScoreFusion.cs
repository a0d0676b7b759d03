namespace Polymodal;

/// <summary>How the scores of one list are brought to a scale that other lists share.</summary>
public enum ScoreNormalization
{
    /// <summary>As they are.</summary>
    None,

    /// <summary>The lowest becomes 0, the highest 1; equal scores become 1.</summary>
    MinMax,

    /// <summary>The mean becomes 0, one standard deviation (of the population) 1; equal scores become 0.</summary>
    ZScore,

    /// <summary>Three standard deviations (of the sample) below the mean become 0, three above it 1, not cut off; equal scores become 0.5.</summary>
    DistributionBased,

    /// <summary>Divided by the highest.</summary>
    Maximum,
}

/// <summary>How the scores an item has in several lists become one. A list without the item does not count.</summary>
public enum FusionRule
{
    /// <summary>CombSUM: their sum.</summary>
    Sum,

    /// <summary>CombMAX: the highest.</summary>
    Maximum,

    /// <summary>CombMIN: the lowest.</summary>
    Minimum,

    /// <summary>CombMNZ: their sum times the number of lists that have the item.</summary>
    SumTimesCount,

    /// <summary>CombANZ: their mean.</summary>
    Mean,

    /// <summary>CombMED: their median.</summary>
    Median,
}

/// <summary>Makes one ranking of several.</summary>
/// <remarks>Reference: the formulas of evaluation/fusion in the recorded references. Rank fusion: Cormack, Clarke and Buettcher, 2009; Comb rules: Fox and Shaw, 1994. Safe for concurrent use.</remarks>
public static class ScoreFusion
{
    /// <summary>Scores by rank: the sum over lists of weight / (constant + rank), rank from 1, equal scores by id.</summary>
    /// <typeparam name="TId">What names an item; its own order decides between equal scores.</typeparam>
    /// <param name="lists">Scores by id; higher is better. Lists may be empty.</param>
    /// <param name="weights">One for each list; null means 1 each.</param>
    /// <param name="rankConstant">Makes the first ranks more alike the larger it is; at least 0.</param>
    /// <returns>A score for each id that occurs.</returns>
    /// <exception cref="ArgumentException">There is another number of weights than of lists.</exception>
    public static IReadOnlyDictionary<TId, double> ReciprocalRank<TId>(IReadOnlyList<IReadOnlyDictionary<TId, double>> lists, IReadOnlyList<double>? weights = null, double rankConstant = 60)
        where TId : notnull
    {
        CheckWeights(lists, weights);
        ArgumentOutOfRangeException.ThrowIfNegative(rankConstant);
        return WeightedSum([.. lists.Select(list => Rank(list).Select((id, i) => (Id: id, Score: 1 / (rankConstant + i + 1))).ToDictionary(item => item.Id, item => item.Score))], weights);
    }

    /// <summary>The sum of weight times score over the lists; a list without the id adds nothing.</summary>
    /// <typeparam name="TId">What names an item; its own order decides between equal scores.</typeparam>
    /// <param name="lists">Scores by id.</param>
    /// <param name="weights">One for each list; null means 1 each.</param>
    /// <returns>A score for each id that occurs.</returns>
    /// <exception cref="ArgumentException">There is another number of weights than of lists.</exception>
    public static IReadOnlyDictionary<TId, double> WeightedSum<TId>(IReadOnlyList<IReadOnlyDictionary<TId, double>> lists, IReadOnlyList<double>? weights = null)
        where TId : notnull
    {
        CheckWeights(lists, weights);
        var sums = new Dictionary<TId, double>();
        for (int i = 0; i < lists.Count; i++)
        {
            foreach ((TId id, double score) in lists[i])
                sums[id] = sums.GetValueOrDefault(id) + ((weights?[i] ?? 1) * score);
        }

        return sums;
    }

    /// <summary>One score of those that each id has.</summary>
    /// <typeparam name="TId">What names an item; its own order decides between equal scores.</typeparam>
    /// <param name="lists">Scores by id.</param>
    /// <param name="rule">How.</param>
    /// <returns>A score for each id that occurs.</returns>
    public static IReadOnlyDictionary<TId, double> Combine<TId>(IReadOnlyList<IReadOnlyDictionary<TId, double>> lists, FusionRule rule)
        where TId : notnull
    {
        ArgumentNullException.ThrowIfNull(lists);
        return lists.SelectMany(list => list).GroupBy(item => item.Key, item => item.Value).ToDictionary(scores => scores.Key, scores => rule switch
        {
            FusionRule.Sum => scores.Sum(),
            FusionRule.Maximum => scores.Max(),
            FusionRule.Minimum => scores.Min(),
            FusionRule.SumTimesCount => scores.Sum() * scores.Count(),
            FusionRule.Mean => scores.Average(),
            FusionRule.Median => Median([.. scores.Order()]),
            _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, $"The rule must be one of {string.Join(", ", Enum.GetNames<FusionRule>())}."),
        });
    }

    /// <summary>Brings a list's scores to a common scale.</summary>
    /// <typeparam name="TId">What names an item; its own order decides between equal scores.</typeparam>
    /// <param name="scores">Scores by id; may be empty.</param>
    /// <param name="normalization">How.</param>
    public static IReadOnlyDictionary<TId, double> Normalize<TId>(IReadOnlyDictionary<TId, double> scores, ScoreNormalization normalization)
        where TId : notnull
    {
        ArgumentNullException.ThrowIfNull(scores);
        if (scores.Count == 0 || normalization == ScoreNormalization.None)
            return scores;
        double low, high, same;
        double mean = scores.Values.Average(), squares = scores.Values.Sum(score => (score - mean) * (score - mean));
        switch (normalization)
        {
            case ScoreNormalization.MinMax:
                (low, high, same) = (scores.Values.Min(), scores.Values.Max(), 1);
                break;
            case ScoreNormalization.ZScore:
                (low, high, same) = (mean, mean + Math.Sqrt(squares / scores.Count), 0);
                break;
            case ScoreNormalization.DistributionBased:
                double deviation = scores.Count > 1 ? Math.Sqrt(squares / (scores.Count - 1)) : 0;
                (low, high, same) = (mean - (3 * deviation), mean + (3 * deviation), 0.5);
                break;
            case ScoreNormalization.Maximum:
                (low, high, same) = (0, scores.Values.Max(), 0);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(normalization), normalization, $"The normalization must be one of {string.Join(", ", Enum.GetNames<ScoreNormalization>())}.");
        }

        double span = high - low;
        return scores.ToDictionary(item => item.Key, item => span != 0 ? (item.Value - low) / span : same);
    }

    /// <summary>The ids, best first; equal scores by id.</summary>
    /// <typeparam name="TId">What names an item; its own order decides between equal scores.</typeparam>
    /// <param name="scores">Scores by id.</param>
    public static IReadOnlyList<TId> Rank<TId>(IReadOnlyDictionary<TId, double> scores)
        where TId : notnull
    {
        ArgumentNullException.ThrowIfNull(scores);
        return [.. scores.OrderByDescending(item => item.Value).ThenBy(item => item.Key).Select(item => item.Key)];
    }

    private static double Median(double[] ordered) =>
        ordered.Length % 2 == 1 ? ordered[ordered.Length / 2] : (ordered[(ordered.Length / 2) - 1] + ordered[ordered.Length / 2]) / 2;

    private static void CheckWeights<TId>(IReadOnlyList<IReadOnlyDictionary<TId, double>> lists, IReadOnlyList<double>? weights)
        where TId : notnull
    {
        ArgumentNullException.ThrowIfNull(lists);
        if (weights is not null && weights.Count != lists.Count)
            throw new ArgumentException($"there are {weights.Count} weights for {lists.Count} lists. Give one weight for each list.", nameof(weights));
    }
}
