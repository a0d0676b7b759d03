using System.Text.Json;
using Polymodal.Multimodal;
using Polymodal.VectorStore;

namespace Polymodal.Evaluation.Parity;

/// <summary>Rankings made one by rank, by score and by the Comb rules; maximal marginal relevance; early and late fusion of modalities.</summary>
internal sealed class FusionReference(Reference reference)
{
    private static readonly Dictionary<string, Func<Lists, IReadOnlyDictionary<RecordId, double>>> Methods = new(StringComparer.Ordinal)
    {
        ["rrf_k60"] = lists => ScoreFusion.ReciprocalRank(lists.All),
        ["rrf_k60_weights"] = lists => ScoreFusion.ReciprocalRank(lists.All, [.. new[] { 2, 1, 0.5 }.Take(lists.All.Count)]),
        ["rrf_k1"] = lists => ScoreFusion.ReciprocalRank(lists.All, rankConstant: 1),
        ["min_max_weighted_sum"] = lists => lists.Sum(ScoreNormalization.MinMax, lists.Weights),
        ["z_score_weighted_sum"] = lists => lists.Sum(ScoreNormalization.ZScore, lists.Weights),
        ["distribution_based_sum"] = lists => lists.Sum(ScoreNormalization.DistributionBased, null),
        ["raw_weighted_sum"] = lists => lists.Sum(ScoreNormalization.None, lists.Weights),
        ["max_normalised_sum"] = lists => lists.Sum(ScoreNormalization.Maximum, null),
        ["comb_sum_of_min_max"] = lists => lists.Combine(FusionRule.Sum),
        ["comb_max_of_min_max"] = lists => lists.Combine(FusionRule.Maximum),
        ["comb_min_of_min_max"] = lists => lists.Combine(FusionRule.Minimum),
        ["comb_mnz_of_min_max"] = lists => lists.Combine(FusionRule.SumTimesCount),
        ["comb_anz_of_min_max"] = lists => lists.Combine(FusionRule.Mean),
        ["comb_med_of_min_max"] = lists => lists.Combine(FusionRule.Median),
    };

    public static bool Reads(Reference reference) => reference.Json.TryGetProperty("mmr_cases", out _) && reference.Json.TryGetProperty("cases", out _);

    public IReadOnlyList<ParityCase> Cases() =>
    [
        .. reference.Json.GetProperty("cases").EnumerateArray().Select(json => new ParityCase(IdOf(json), null, () => CompareFusion(json))),
        .. reference.Json.GetProperty("mmr_cases").EnumerateArray().Select(json => new ParityCase($"mmr-{IdOf(json)}", null, () => CompareMmr(json))),
        .. reference.Json.TryGetProperty("modalities", out JsonElement modalities) ? [new ParityCase("modalities", null, () => new ModalityFusion(modalities, Tolerance).Compare())] : Array.Empty<ParityCase>(),
    ];

    private List<ParityRow> CompareFusion(JsonElement json)
    {
        string id = IdOf(json);
        var lists = new Lists([.. json.GetProperty("runs").EnumerateArray().Select(Scores)], Numbers(json.GetProperty("weights")));
        var rows = new List<ParityRow>();
        foreach (JsonProperty expected in json.GetProperty("expect").EnumerateObject())
        {
            if (!Methods.TryGetValue(expected.Name, out Func<Lists, IReadOnlyDictionary<RecordId, double>>? method))
            {
                rows.Add(new(id, expected.Name, null, null, ParityVerdict.NotSupported, $"the method is not built; built: {string.Join(", ", Methods.Keys)}"));
                continue;
            }

            IReadOnlyDictionary<RecordId, double> ours = method(lists), recorded = Scores(expected.Value.GetProperty("scores"));
            bool sameIds = ours.Count == recorded.Count && recorded.Keys.All(ours.ContainsKey);
            double largest = sameIds ? recorded.Select(item => Math.Abs(item.Value - ours[item.Key])).DefaultIfEmpty(0).Max() : double.NaN;
            bool sameOrder = ScoreFusion.Rank(recorded).SequenceEqual(expected.Value.GetProperty("order").EnumerateArray().Select(item => (RecordId)item.GetString()!));
            bool agrees = largest <= Tolerance && sameOrder;
            rows.Add(new(id, expected.Name, largest, null, agrees ? ParityVerdict.Pass : ParityVerdict.Fail, agrees ? null : sameIds ? "scores or their order differ" : "other ids than recorded"));
        }

        return rows;
    }

    private List<ParityRow> CompareMmr(JsonElement json)
    {
        string id = $"mmr-{IdOf(json)}";
        ReadOnlyMemory<float>[] documents = [.. json.GetProperty("documents").EnumerateArray().Select(Floats)];
        var chosen = MaximalMarginalRelevance.Choose(Floats(json.GetProperty("query")), documents, json.GetProperty("k").GetInt32(), json.GetProperty("lambda").GetDouble());
        double[] scores = Numbers(json.GetProperty("scores"));
        double largest = chosen.Count == scores.Length ? chosen.Zip(scores, (ours, recorded) => Math.Abs(ours.Score - recorded)).Max() : double.NaN;
        return
        [
            Comparison.Integers(id, "chosen", [.. chosen.Select(choice => (long)choice.Index)], [.. json.GetProperty("chosen").EnumerateArray().Select(value => value.GetInt64())]),
            new(id, "scores", largest, null, largest <= Tolerance ? ParityVerdict.Pass : ParityVerdict.Fail),
        ];
    }

    private double Tolerance => reference.Json.GetProperty("tolerance").GetDouble();

    private static string IdOf(JsonElement json) => json.GetProperty("id").GetString()!;

    private static Dictionary<RecordId, double> Scores(JsonElement json) => json.EnumerateObject().ToDictionary(item => (RecordId)item.Name, item => item.Value.GetDouble());

    private static double[] Numbers(JsonElement json) => [.. json.EnumerateArray().Select(value => value.GetDouble())];

    private static ReadOnlyMemory<float> Floats(JsonElement json) => json.EnumerateArray().Select(value => (float)value.GetDouble()).ToArray();

    private sealed record Lists(IReadOnlyList<IReadOnlyDictionary<RecordId, double>> All, double[] Weights)
    {
        private IEnumerable<IReadOnlyDictionary<RecordId, double>> Full => All.Where(list => list.Count > 0);

        public IReadOnlyDictionary<RecordId, double> Sum(ScoreNormalization normalization, double[]? weights) =>
            ScoreFusion.WeightedSum([.. Full.Select(list => ScoreFusion.Normalize(list, normalization))], weights);

        public IReadOnlyDictionary<RecordId, double> Combine(FusionRule rule) => ScoreFusion.Combine([.. Full.Select(list => ScoreFusion.Normalize(list, ScoreNormalization.MinMax))], rule);
    }
}
