using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>How well queries of one kind find their partners of another, e.g. captions their pictures.</summary>
/// <remarks>Immutable. Reference: open_clip, get_clip_metrics; evaluation/clip-style in the recorded references.</remarks>
public sealed class CrossModalRetrieval
{
    private readonly int[][] _ranksOfAll;

    private CrossModalRetrieval(int[][] ranksOfAll)
    {
        _ranksOfAll = ranksOfAll;
        Ranks = [.. ranksOfAll.Select(ranks => ranks.Min())];
    }

    /// <summary>For each query the rank of its best partner, from 0; equal scores in the order of the candidates.</summary>
    public IReadOnlyList<int> Ranks { get; }

    /// <summary>The mean of the ranks, from 1.</summary>
    public double MeanRank => Ranks.Average() + 1;

    /// <summary>The median of the ranks, from 1; of an even number of queries it may end in .5.</summary>
    public double MedianRank => UnitVectors.Median(Ranks.Select(rank => (double)rank)) + 1;

    /// <summary>The median as open_clip prints it: a half is cut off.</summary>
    public int MedianRankFloored => (int)Math.Floor(MedianRank);

    /// <summary>The mean of 1 / rank, rank from 1.</summary>
    public double MeanReciprocalRank => Ranks.Average(rank => 1.0 / (rank + 1));

    /// <summary>Ranks all candidates for each query by cosine.</summary>
    /// <param name="queries">At least one.</param>
    /// <param name="candidates">Of the same space; at least one.</param>
    /// <param name="partnersOf">For each query the places of its partners among the candidates; at least one.</param>
    /// <exception cref="ArgumentException">A list is empty, lengths differ, or a partner is no candidate.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">Vectors are of different spaces.</exception>
    public static CrossModalRetrieval Evaluate(IReadOnlyList<Embedding<float>> queries, IReadOnlyList<Embedding<float>> candidates, Func<int, IEnumerable<int>> partnersOf)
    {
        ArgumentNullException.ThrowIfNull(partnersOf);
        double[][] from = UnitVectors.Checked(queries, nameof(queries)), to = UnitVectors.Checked(candidates, nameof(candidates));
        UnitVectors.CheckAlike(queries[0], candidates[0], nameof(candidates));
        return new([.. from.Select((query, i) =>
        {
            double[] scores = [.. to.Select(candidate => UnitVectors.Dot(query, candidate))];
            int[] partners = [.. partnersOf(i).Distinct()];
            if (partners.Length == 0 || partners.Any(partner => partner < 0 || partner >= scores.Length))
                throw new ArgumentException($"query {i} has no partner among the {scores.Length} candidates, or one that is none. Give places from 0 to {scores.Length - 1}.", nameof(partnersOf));
            return partners.Select(partner => Rank(scores, partner)).ToArray();
        })]);
    }

    /// <summary>The share of queries with at least one partner among the first candidates.</summary>
    /// <param name="k">How many candidates count; at least 1.</param>
    public double RecallAt(int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        return Ranks.Average(rank => rank < k ? 1.0 : 0);
    }

    /// <summary>The share of a query's partners among the first candidates, on average over the queries.</summary>
    /// <param name="k">How many candidates count; at least 1.</param>
    public double ShareOfPartnersAt(int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        return _ranksOfAll.Average(ranks => ranks.Average(rank => rank < k ? 1.0 : 0));
    }

    private static int Rank(double[] scores, int partner)
    {
        int rank = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            if (scores[i] > scores[partner] || (scores[i] == scores[partner] && i < partner))
                rank++;
        }

        return rank;
    }
}
