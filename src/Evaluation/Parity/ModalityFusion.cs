using System.Text.Json;
using Polymodal.Multimodal;

namespace Polymodal.Evaluation.Parity;

/// <summary>Items of several modalities against a query: vectors joined before they are compared, scores joined afterwards, and one space that both modalities share.</summary>
internal sealed class ModalityFusion
{
    private const string Id = "modalities";

    private static readonly Dictionary<string, (LateFusionRule Rule, bool Weighted)> Late = new(StringComparer.Ordinal)
    {
        ["late_mean"] = (LateFusionRule.Mean, false),
        ["late_weighted"] = (LateFusionRule.Mean, true),
        ["late_max"] = (LateFusionRule.Maximum, false),
        ["late_min"] = (LateFusionRule.Minimum, false),
        ["late_geometric"] = (LateFusionRule.Geometric, true),
        ["late_harmonic"] = (LateFusionRule.Harmonic, true),
        ["late_min_max_weighted"] = (LateFusionRule.MinMax, true),
        ["late_z_score_weighted"] = (LateFusionRule.ZScore, true),
        ["late_softmax_mean"] = (LateFusionRule.SoftMax, true),
        ["late_rrf_k60"] = (LateFusionRule.ReciprocalRank, true),
    };

    private readonly JsonElement _json;
    private readonly double _tolerance;
    private readonly string[] _names;
    private readonly double[] _weights;
    private readonly float[][][] _items;
    private readonly float[][] _query;
    private readonly double[][] _cosines;

    public ModalityFusion(JsonElement json, double tolerance)
    {
        _json = json;
        _tolerance = tolerance;
        _names = [.. json.GetProperty("items").EnumerateObject().Select(modality => modality.Name)];
        _weights = [.. _names.Select(name => json.GetProperty("weights").GetProperty(name).GetDouble())];
        _items = [.. _names.Select(name => Rows(json.GetProperty("items").GetProperty(name)))];
        _query = [.. _names.Select(name => Row(json.GetProperty("query").GetProperty(name)))];
        _cosines = [.. _items.Select((items, m) => items.Select(item => UnitVectors.Dot(UnitVectors.Unit(item), UnitVectors.Unit(_query[m]))).ToArray())];
    }

    /// <summary>Everything that is recorded, a row each.</summary>
    public List<ParityRow> Compare() =>
    [
        .. _json.GetProperty("expect").EnumerateObject().SelectMany(expected => Expected(expected.Name, expected.Value)),
        .. Missing(_json.GetProperty("missing_modality")),
        .. Joint(_json.GetProperty("joint_space")),
    ];

    private IEnumerable<ParityRow> Expected(string name, JsonElement recorded)
    {
        if (name == "cosines")
            return _names.Select((modality, m) => Row($"cosines/{modality}", _cosines[m], recorded.GetProperty(modality)));
        if (name.StartsWith("early_", StringComparison.Ordinal))
            return Early(name, recorded);
        return Late.TryGetValue(name, out (LateFusionRule Rule, bool Weighted) rule)
            ? [Row(name, LateFusion.Fuse(_cosines, rule.Rule, rule.Weighted ? _weights : null), recorded.ValueKind == JsonValueKind.Array ? recorded : recorded.GetProperty("scores"))]
            : [new ParityRow(Id, name, null, null, ParityVerdict.NotSupported, $"the method is not built; built: {string.Join(", ", Late.Keys)}")];
    }

    private IEnumerable<ParityRow> Early(string name, JsonElement recorded)
    {
        bool byWeight = name == "early_concat_weights";
        if (!byWeight && name != "early_concat_sqrt_weights")
        {
            yield return new ParityRow(Id, name, null, null, ParityVerdict.NotSupported, "the method is not built");
            yield break;
        }

        int[] dimensions = [.. _query.Select(part => part.Length)];
        double[] Joined(Func<int, float[]> part) => EarlyFusion.Joined([.. Enumerable.Range(0, dimensions.Length).Select(m => (ReadOnlyMemory<float>?)part(m))], dimensions, _weights, byWeight);
        double[] query = Joined(m => _query[m]);
        double[][] items = [.. Enumerable.Range(0, _items[0].Length).Select(i => Joined(m => _items[m][i]))];
        yield return Row($"{name}/vectors", [.. items.SelectMany(item => item)], recorded.GetProperty("vectors"));
        yield return Row($"{name}/scores", [.. items.Select(item => UnitVectors.Dot(item, query))], recorded.GetProperty("scores"));
    }

    // The record leaves one modality out of one item.
    private IEnumerable<ParityRow> Missing(JsonElement json)
    {
        double[][] scores = [.. _cosines.Select(modality => modality.ToArray())];
        scores[Array.IndexOf(_names, "audio")][2] = double.NaN;
        yield return Row("missing_modality", [LateFusion.Fuse(scores, LateFusionRule.Mean, _weights)[2]], json.GetProperty("late_weighted"));
    }

    private IEnumerable<ParityRow> Joint(JsonElement json)
    {
        float[][][] pairs = [.. json.GetProperty("items").EnumerateObject().Select(modality => Rows(modality.Value))];
        double[] Each(Func<float[], float[], double[]> fuse) => [.. pairs[0].Zip(pairs[1], fuse).SelectMany(vector => vector)];
        yield return Row("joint_space/mean", Each((text, image) => JointFusion.MeanOf([text, image], null)), json.GetProperty("mean"));
        yield return Row("joint_space/weighted_0.7_0.3", Each((text, image) => JointFusion.MeanOf([text, image], [0.7, 0.3])), json.GetProperty("weighted_0.7_0.3"));
        yield return Row("joint_space/slerp_0.25", Each((text, image) => JointFusion.SlerpOf(text, image, 0.25)), json.GetProperty("slerp_0.25"));
    }

    private ParityRow Row(string name, double[] ours, JsonElement recorded) => Numbers.Compare(Id, name, ours, recorded, _tolerance);

    private static float[][] Rows(JsonElement json) => [.. json.EnumerateArray().Select(Row)];

    private static float[] Row(JsonElement json) => [.. json.EnumerateArray().Select(value => (float)value.GetDouble())];
}
