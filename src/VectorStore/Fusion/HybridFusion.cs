namespace Polymodal.VectorStore;

/// <summary>How hybrid search makes one ranking of the ranking by vectors and the ranking by words.</summary>
/// <remarks>
/// The default leans on the vectors: measured on 84 questions over 300 passages with all-MiniLM-L6-v2, rank fusion with equal weights is worse
/// than the vectors alone, min-max with 0.9 better (docs/vector-store.md has the figures).
/// </remarks>
public sealed record HybridFusion
{
    private const double DefaultDenseWeight = 0.9;

    private HybridFusion()
    {
    }

    /// <summary>How the scores of each list are scaled before their weighted sum; null when ranks count instead.</summary>
    public ScoreNormalization? Normalization { get; private init; }

    /// <summary>The weight of the ranking by vectors, 0 to 1; the one by words has the rest.</summary>
    public double DenseWeight { get; private init; }

    /// <summary>See <see cref="ScoreFusion.ReciprocalRank"/>; matters only when ranks count.</summary>
    public double RankConstant { get; private init; } = 60;

    /// <summary>How many of the best of each ranking take part; at least 1, by default 100. A search for more takes as many as it looks for.</summary>
    public int Candidates { get; init; } = 100;

    /// <summary>Min-max with a dense weight of 0.9.</summary>
    public static HybridFusion Default { get; } = Scores(DefaultDenseWeight);

    /// <summary>A weighted sum of scaled scores.</summary>
    /// <param name="denseWeight">The weight of the vectors, 0 to 1.</param>
    /// <param name="normalization">How scores are scaled; min-max by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">The weight is not from 0 to 1.</exception>
    public static HybridFusion Scores(double denseWeight, ScoreNormalization normalization = ScoreNormalization.MinMax) =>
        new() { DenseWeight = Checked(denseWeight), Normalization = normalization };

    /// <summary>Reciprocal rank fusion.</summary>
    /// <param name="denseWeight">The weight of the vectors, 0 to 1; by default half.</param>
    /// <param name="rankConstant">See <see cref="ScoreFusion.ReciprocalRank"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The weight is not from 0 to 1, or the constant below 0.</exception>
    public static HybridFusion Ranks(double denseWeight = 0.5, double rankConstant = 60)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rankConstant);
        return new() { DenseWeight = Checked(denseWeight), RankConstant = rankConstant };
    }

    /// <summary>One score for each record of two rankings.</summary>
    internal IReadOnlyDictionary<RecordId, double> Fuse(IReadOnlyDictionary<RecordId, double> dense, IReadOnlyDictionary<RecordId, double> words)
    {
        double[] weights = [DenseWeight, 1 - DenseWeight];
        return Normalization is { } normalization
            ? ScoreFusion.WeightedSum([ScoreFusion.Normalize(dense, normalization), ScoreFusion.Normalize(words, normalization)], weights)
            : ScoreFusion.ReciprocalRank([dense, words], weights, RankConstant);
    }

    internal HybridFusion WithDenseWeight(double denseWeight) => this with { DenseWeight = Checked(denseWeight) };

    private static double Checked(double denseWeight) => denseWeight is >= 0 and <= 1
        ? denseWeight
        : throw new ArgumentOutOfRangeException(nameof(denseWeight), denseWeight, "The weight of the vectors must be from 0 to 1.");
}
