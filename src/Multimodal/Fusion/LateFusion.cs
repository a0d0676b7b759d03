namespace Polymodal.Multimodal;

/// <summary>How the scores that items have in several modalities become one.</summary>
public enum LateFusionRule
{
    /// <summary>The weighted mean of the scores.</summary>
    Mean,

    /// <summary>The highest.</summary>
    Maximum,

    /// <summary>The lowest.</summary>
    Minimum,

    /// <summary>The weighted geometric mean of (1 + score) / 2; for cosines.</summary>
    Geometric,

    /// <summary>The weighted harmonic mean of (1 + score) / 2; for cosines.</summary>
    Harmonic,

    /// <summary>The weighted mean of scores that were scaled over the items: the lowest of a modality becomes 0, the highest 1.</summary>
    MinMax,

    /// <summary>The weighted mean of scores that were scaled over the items: the mean of a modality becomes 0, its deviation 1.</summary>
    ZScore,

    /// <summary>The weighted mean of each modality's softmax over the items, of score / temperature.</summary>
    SoftMax,

    /// <summary>The weighted sum of 1 / (60 + rank), the rank within the modality from 1.</summary>
    ReciprocalRank,
}

/// <summary>Makes one score of those that items have in several modalities. An item without a modality is judged by the others.</summary>
/// <remarks>Reference: evaluation/fusion in the recorded references. Safe for concurrent use.</remarks>
public static class LateFusion
{
    /// <summary>The temperature of <see cref="LateFusionRule.SoftMax"/> unless another is given.</summary>
    public const double DefaultTemperature = 0.1;

    private static readonly Dictionary<LateFusionRule, Func<Column[], double, double>> Rules = new()
    {
        [LateFusionRule.Mean] = Mean,
        [LateFusionRule.Maximum] = (parts, _) => parts.Max(part => part.Score),
        [LateFusionRule.Minimum] = (parts, _) => parts.Min(part => part.Score),
        [LateFusionRule.Geometric] = (parts, sum) => Math.Exp(parts.Sum(part => part.Weight * Math.Log((1 + part.Score) / 2)) / sum),
        [LateFusionRule.Harmonic] = (parts, sum) => sum / parts.Sum(part => part.Weight / ((1 + part.Score) / 2)),
        [LateFusionRule.MinMax] = Mean,
        [LateFusionRule.ZScore] = Mean,
        [LateFusionRule.SoftMax] = Mean,
        [LateFusionRule.ReciprocalRank] = (parts, _) => parts.Sum(part => part.Weight * part.Score),
    };

    /// <summary>Fuses scores.</summary>
    /// <param name="scores">For each modality the score of each item, higher is better; NaN where an item has none.</param>
    /// <param name="rule">How.</param>
    /// <param name="weights">For each modality what it counts, 0 or more; null means 1 each. Those of what an item has are divided by their sum.</param>
    /// <param name="temperature">Of <see cref="LateFusionRule.SoftMax"/>: below 1 the best stand out more. Above 0.</param>
    /// <returns>One score an item; NaN for an item that has none.</returns>
    /// <exception cref="ArgumentException">The modalities have different numbers of items, or weights do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The temperature is not above 0, or the rule is unknown.</exception>
    public static double[] Fuse(IReadOnlyList<IReadOnlyList<double>> scores, LateFusionRule rule, IReadOnlyList<double>? weights = null, double temperature = DefaultTemperature)
    {
        ArgumentNullException.ThrowIfNull(scores);
        FusionWeights.Check(weights, scores.Count);
        if (!double.IsFinite(temperature) || temperature <= 0)
            throw new ArgumentOutOfRangeException(nameof(temperature), temperature, "The temperature must be a finite number above 0.");
        if (!Rules.TryGetValue(rule, out Func<Column[], double, double>? fuse))
            throw new ArgumentOutOfRangeException(nameof(rule), rule, $"The rule must be one of {string.Join(", ", Enum.GetNames<LateFusionRule>())}.");
        int items = scores.Count == 0 ? 0 : scores[0].Count;
        if (scores.Any(modality => modality.Count != items))
            throw new ArgumentException($"the modalities have {string.Join(", ", scores.Select(modality => modality.Count))} scores. Give one for each item, NaN where it has none.", nameof(scores));
        double[][] scaled = [.. scores.Select(modality => Scaled(modality, rule, temperature))];
        return [.. Enumerable.Range(0, items).Select(item =>
        {
            Column[] parts = [.. scaled.Select((modality, i) => new Column(modality[item], weights?[i] ?? 1)).Where(part => !double.IsNaN(part.Score))];
            double sum = parts.Sum(part => part.Weight);
            return parts.Length == 0 ? double.NaN : sum == 0 ? Mean([.. parts.Select(part => part with { Weight = 1 })], parts.Length) : fuse(parts, sum);
        })];
    }

    private static double Mean(Column[] parts, double sum) => parts.Sum(part => part.Weight * part.Score) / sum;

    // What is done to a modality as a whole, before its scores meet those of others.
    private static double[] Scaled(IReadOnlyList<double> modality, LateFusionRule rule, double temperature) => rule switch
    {
        LateFusionRule.MinMax => Over(modality, there => ScoreFusion.Normalize(there, ScoreNormalization.MinMax)),
        LateFusionRule.ZScore => Over(modality, there => ScoreFusion.Normalize(there, ScoreNormalization.ZScore)),
        LateFusionRule.ReciprocalRank => Over(modality, there => ScoreFusion.ReciprocalRank([there])),
        LateFusionRule.SoftMax => Over(modality, there => SoftMax(there, temperature)),
        _ => [.. modality],
    };

    private static double[] Over(IReadOnlyList<double> modality, Func<IReadOnlyDictionary<int, double>, IReadOnlyDictionary<int, double>> scale)
    {
        var there = new Dictionary<int, double>();
        for (int item = 0; item < modality.Count; item++)
        {
            if (!double.IsNaN(modality[item]))
                there[item] = modality[item];
        }

        IReadOnlyDictionary<int, double> scaled = scale(there);
        return [.. Enumerable.Range(0, modality.Count).Select(item => scaled.TryGetValue(item, out double score) ? score : double.NaN)];
    }

    private static Dictionary<int, double> SoftMax(IReadOnlyDictionary<int, double> scores, double temperature)
    {
        if (scores.Count == 0)
            return [];
        double highest = scores.Values.Max(), sum = scores.Values.Sum(score => Math.Exp((score - highest) / temperature));
        return scores.ToDictionary(score => score.Key, score => Math.Exp((score.Value - highest) / temperature) / sum);
    }

    private readonly record struct Column(double Score, double Weight);
}
