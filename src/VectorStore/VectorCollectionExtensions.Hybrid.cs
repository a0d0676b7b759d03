using Microsoft.Extensions.AI;
using Polymodal.VectorStore.Exact;

namespace Polymodal.VectorStore;

public static partial class VectorCollectionExtensions
{
    private const int JudgedDepth = 10, WeightSteps = 20;

    /// <summary>Finds records by their vectors and their words together.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="query">The query's vector.</param>
    /// <param name="text">The query's text.</param>
    /// <param name="fusion">How the two rankings become one; null means <see cref="HybridFusion.Default"/>.</param>
    /// <param name="options">What to look for; null means the defaults. <see cref="VectorSearchOptions.MinScore"/> is a bound on the fused score.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Best first, with fused scores. The ranking of each kind is exact as far as the result says; it is fused over the best <see cref="HybridFusion.Candidates"/> of each.</returns>
    /// <inheritdoc cref="IVectorCollection.SearchAsync" path="/exception"/>
    public static async Task<VectorSearchResult> SearchHybridAsync(
        this IVectorCollection collection, Embedding<float> query, string text, HybridFusion? fusion = null, VectorSearchOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(collection);
        options ??= VectorSearchOptions.Default;
        VectorRules.CheckOptions(options);
        fusion ??= HybridFusion.Default;
        if (options.Mode == VectorSearchMode.Approximate && fusion.Normalization is null && collection is IServerFusion server
            && await server.SearchFusedAsync(query, text, fusion, options, cancellationToken).ConfigureAwait(false) is { } fused)
            return fused;
        HybridCandidates found = await HybridCandidates.FindAsync(collection, query, text, fusion.Candidates, options, cancellationToken).ConfigureAwait(false);
        return found.Rank(fusion, options);
    }

    /// <summary>Learns the weight of the vectors from questions whose answers are known: the one with the best mean nDCG@10, among 0, 0.05, … 1. As those include each ranking alone, the result is never worse than either on these questions.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="judgements">Questions with the records that answer them; at least one. A few dozen make a weight that also holds for others.</param>
    /// <param name="fusion">How the two rankings become one; null means <see cref="HybridFusion.Default"/>. Only its weight is learned.</param>
    /// <param name="options">What to look for; null means the defaults.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The fusion, and the mean nDCG@10 of each weight tried. Of equally good weights the middle one is taken.</returns>
    /// <exception cref="ArgumentException">There is no judgement.</exception>
    /// <inheritdoc cref="IVectorCollection.SearchAsync" path="/exception"/>
    public static async Task<FittedFusion> FitFusionAsync(
        this IVectorCollection collection, IEnumerable<JudgedQuery> judgements, HybridFusion? fusion = null, VectorSearchOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(collection);
        ArgumentNullException.ThrowIfNull(judgements);
        options = (options ?? VectorSearchOptions.Default) with { K = JudgedDepth, Offset = 0, MinScore = null };
        fusion ??= HybridFusion.Default;
        var sums = new double[WeightSteps + 1];
        int count = 0;
        foreach (JudgedQuery judged in judgements)
        {
            HybridCandidates found = await HybridCandidates.FindAsync(collection, judged.Query, judged.Text, fusion.Candidates, options, cancellationToken).ConfigureAwait(false);
            for (int step = 0; step <= WeightSteps; step++)
                sums[step] += Ndcg(found.Rank(fusion.WithDenseWeight((double)step / WeightSteps), options), judged.Relevance);
            count++;
        }

        if (count == 0)
            throw new ArgumentException("there is no judgement to learn from. Give questions with the records that answer them.", nameof(judgements));
        double best = sums.Max();
        int[] bestSteps = [.. Enumerable.Range(0, sums.Length).Where(step => sums[step] >= best - (1e-12 * count))];
        double weight = (double)bestSteps[bestSteps.Length / 2] / WeightSteps;
        return new(fusion.WithDenseWeight(weight), sums.Select((sum, step) => (Weight: (double)step / WeightSteps, Ndcg: sum / count)).ToDictionary(item => item.Weight, item => item.Ndcg).AsReadOnly());
    }

    /// <summary>nDCG as trec_eval computes it: linear gains, over all judged records.</summary>
    private static double Ndcg(IEnumerable<VectorMatch> ranking, IReadOnlyDictionary<RecordId, int> relevance)
    {
        static double Gain(IEnumerable<int> grades) => grades.Take(JudgedDepth).Select((grade, i) => Math.Max(0, grade) / Math.Log2(i + 2)).Sum();
        double ideal = Gain(relevance.Values.OrderDescending());
        return ideal > 0 ? Gain(ranking.Select(match => relevance.GetValueOrDefault(match.Record.Id))) / ideal : 0;
    }

    /// <summary>What both searches found, to be fused in one way or another.</summary>
    private sealed record HybridCandidates(Dictionary<RecordId, VectorRecord> Records, Dictionary<RecordId, double> Dense, Dictionary<RecordId, double> Words, string? Approximation)
    {
        public static async Task<HybridCandidates> FindAsync(
            IVectorCollection collection, Embedding<float> query, string text, int candidates, VectorSearchOptions options, CancellationToken cancellationToken)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(candidates, 1);
            VectorSearchOptions each = options with { K = Math.Max(candidates, Sum(options.K, options.Offset)), Offset = 0, MinScore = null };
            VectorSearchResult dense = await collection.SearchAsync(query, each, cancellationToken).ConfigureAwait(false);
            VectorSearchResult words = await collection.SearchTextAsync(text, each, cancellationToken).ConfigureAwait(false);
            Dictionary<RecordId, double> scores = dense.ToDictionary(match => match.Record.Id, match => (double)match.Score);
            Dictionary<RecordId, VectorRecord> records = dense.ToDictionary(match => match.Record.Id, match => match.Record);

            // A record that only its words found has a score by its vector too: nothing else would say how near it is.
            VectorScorer scorer = VectorRules.ToScorer(query, each, collection.Definition);
            foreach (VectorMatch match in words)
            {
                if (records.TryAdd(match.Record.Id, match.Record) && match.Record.Vectors.TryGetValue(options.VectorName, out Embedding<float>? vector))
                    scores[match.Record.Id] = scorer.Score(vector.Vector.Span, VectorScorer.Scale(vector.Vector.Span, collection.Definition.Vectors[options.VectorName].Metric));
            }

            return new(records, scores, words.ToDictionary(match => match.Record.Id, match => (double)match.Score), dense.Approximation);
        }

        public VectorSearchResult Rank(HybridFusion fusion, VectorSearchOptions options)
        {
            IReadOnlyDictionary<RecordId, double> fused = fusion.Fuse(Dense, Words);
            return new(
            [
                .. ScoreFusion.Rank(fused).Select(id => new VectorMatch(Records[id], (float)fused[id]))
                    .TakeWhile(match => options.MinScore is not { } least || match.Score >= least).Skip(options.Offset).Take(options.K),
            ], Approximation);
        }
    }
}

/// <summary>A question whose answers are known.</summary>
/// <param name="Query">The question's vector.</param>
/// <param name="Text">Its text.</param>
/// <param name="Relevance">How well records answer it, by id: 1 and above; others count 0.</param>
public sealed record JudgedQuery(Embedding<float> Query, string Text, IReadOnlyDictionary<RecordId, int> Relevance);

/// <summary>What <see cref="VectorCollectionExtensions.FitFusionAsync"/> learned.</summary>
/// <param name="Fusion">The fusion with the best weight.</param>
/// <param name="Quality">Mean nDCG@10 by weight of the vectors; 1 is the vectors alone, 0 the words alone.</param>
public sealed record FittedFusion(HybridFusion Fusion, IReadOnlyDictionary<double, double> Quality);
