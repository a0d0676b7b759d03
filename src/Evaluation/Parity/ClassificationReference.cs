using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Polymodal.Multimodal;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Evaluation.Parity;

/// <summary>Classifiers learned from given vectors: neighbours, centroids, logistic regression. Measures of scores and of many labels are not built.</summary>
internal sealed class ClassificationReference(Reference reference)
{
    private const string Digits = "digits";
    private static readonly string[] Measures = ["score_cases", "multiclass", "multilabel"];

    private readonly Lazy<(float[][] Rows, string[] Labels)> _digits = new(() =>
    {
        SafeTensors file = SafeTensors.Read(Path.Combine(reference.Folder, reference.Json.GetProperty(Digits).GetProperty("file").GetString()!));
        return ([.. file.Floats("pixels").Chunk(file.Shape("pixels")[1])], [.. file.Integers("label").Select(label => label.ToString(CultureInfo.InvariantCulture))]);
    });

    private JsonElement Json => reference.Json.GetProperty(Digits);

    private double MeasureTolerance => reference.Json.GetProperty("tolerance").GetProperty("measures").GetDouble();

    private double OptimumTolerance => reference.Json.GetProperty("tolerance").GetProperty("optimum").GetDouble();

    public static bool Reads(Reference reference) => reference.Json.TryGetProperty("label_cases", out _) && reference.Json.TryGetProperty(Digits, out _);

    public IReadOnlyList<ParityCase> Cases() =>
    [
        .. reference.Json.GetProperty("label_cases").EnumerateArray().Select(json => new ParityCase($"labels-{json.GetProperty("id").GetString()}", null, () => Labels(json))),
        .. Json.GetProperty("knn").EnumerateArray().Select(json => new ParityCase(Neighbours(json), null, () => Knn(json))),
        new("nearest-centroid", null, Centroid),
        .. Json.GetProperty("logistic_regression_experiments").EnumerateArray().Select((json, i) => new ParityCase($"logistic-regression-{i}", null, () => Logistic($"logistic-regression-{i}", json))),
        new("binary_3_or_8", null, Binary),
        .. Measures.Where(name => reference.Json.TryGetProperty(name, out _)).Select(name => ParityCase.Unsupported(name, "measures of scores and of many labels are not built")),
    ];

    private static string Neighbours(JsonElement json) => $"knn-{json.GetProperty("metric").GetString()}-{json.GetProperty("weights").GetString()}-{json.GetProperty("k").GetInt32()}";

    private List<ParityRow> Labels(JsonElement json)
    {
        string id = $"labels-{json.GetProperty("id").GetString()}";
        int[] right = [.. json.GetProperty("true").EnumerateArray().Select(value => value.GetInt32())], predicted = [.. json.GetProperty("predicted").EnumerateArray().Select(value => value.GetInt32())];
        JsonElement expect = json.GetProperty("expect");
        var measures = new LabelMeasures(right, predicted, expect.GetProperty("confusion").GetArrayLength());
        JsonElement perLabel = expect.GetProperty("per_label");
        return
        [
            Row("accuracy", [measures.Accuracy], expect.GetProperty("accuracy")), Row("balanced_accuracy", [measures.BalancedAccuracy], expect.GetProperty("balanced_accuracy")),
            Row("matthews", [measures.Matthews], expect.GetProperty("matthews")), Row("cohen_kappa", [measures.Kappa], expect.GetProperty("cohen_kappa")),
            Comparison.Integers(id, "confusion", [.. measures.Confusion.SelectMany(row => row)], [.. Numbers.Flat(expect.GetProperty("confusion")).Select(value => (long)value)]),
            .. Average("micro", measures.Micro), .. Average("macro", measures.Macro), .. Average("weighted", measures.Weighted),
            Row("per_label/precision", measures.Precision, perLabel.GetProperty("precision")), Row("per_label/recall", measures.Recall, perLabel.GetProperty("recall")),
            Row("per_label/f1", measures.F1, perLabel.GetProperty("f1")), Row("per_label/support", [.. measures.Support.Select(count => (double)count)], perLabel.GetProperty("support")),
        ];

        ParityRow Row(string name, double[] ours, JsonElement recorded) => Numbers.Compare(id, name, ours, recorded, MeasureTolerance);

        IEnumerable<ParityRow> Average(string name, (double Precision, double Recall, double F1) ours)
        {
            JsonElement recorded = expect.GetProperty(name);
            return [Row($"{name}/precision", [ours.Precision], recorded.GetProperty("precision")), Row($"{name}/recall", [ours.Recall], recorded.GetProperty("recall")), Row($"{name}/f1", [ours.F1], recorded.GetProperty("f1"))];
        }
    }

    private List<ParityRow> Knn(JsonElement json)
    {
        string id = Neighbours(json);
        var classifier = NearestNeighborClassifier.Fit(
            Examples(Json.GetProperty("train_rows")), json.GetProperty("k").GetInt32(), json.GetProperty("metric").GetString() == "cosine", json.GetProperty("weights").GetString() == "distance");
        return Predicted(id, classifier, json);
    }

    private List<ParityRow> Centroid() => Predicted("nearest-centroid", NearestCentroidClassifier.Fit(Examples(Json.GetProperty("train_rows"))), Json.GetProperty("nearest_centroid"));

    private List<ParityRow> Predicted(string id, IVectorClassifier classifier, JsonElement json)
    {
        LabelMeasures measures = Measured(Json.GetProperty("test_rows"), classifier, out long[] predicted);
        List<ParityRow> rows = [Comparison.Integers(id, "predicted", predicted, Numbers.Whole(json.GetProperty("predicted"))), Numbers.Compare(id, "accuracy", [measures.Accuracy], json.GetProperty("accuracy"), MeasureTolerance)];
        if (json.TryGetProperty("f1_macro", out JsonElement recorded))
            rows.Add(Numbers.Compare(id, "f1_macro", [measures.Macro.F1], recorded, MeasureTolerance));
        return rows;
    }

    private List<ParityRow> Logistic(string id, JsonElement json)
    {
        JsonElement optimum = json.GetProperty("optimum");
        var classifier = LogisticRegressionClassifier.Fit(Examples(json.GetProperty("train_rows")));
        LabelMeasures measures = Measured(Json.GetProperty("test_rows"), classifier, out long[] predicted);
        var ours = new Dictionary<string, double>
        {
            ["accuracy"] = measures.Accuracy,
            ["f1"] = measures.Macro.F1,
            ["f1_weighted"] = measures.Weighted.F1,
            ["precision"] = measures.Macro.Precision,
            ["recall"] = measures.Macro.Recall,
        };
        // Where the library stopped early, its figures are of other predictions.
        bool isStopped = optimum.GetProperty("differs_from_as_mteb").GetInt32() > 0;
        return
        [
            Numbers.Compare(id, "coef_row_0", [.. classifier.Weights[0].Take(optimum.GetProperty("coef_row_0").GetArrayLength())], optimum.GetProperty("coef_row_0"), OptimumTolerance),
            Numbers.Compare(id, "intercept", classifier.Intercepts, optimum.GetProperty("intercept"), OptimumTolerance),
            Comparison.Integers(id, "predicted", predicted, Numbers.Whole(optimum.GetProperty("predicted"))),
            .. ours.Select(measure => Numbers.Compare(id, measure.Key, [measure.Value], optimum.GetProperty(measure.Key), MeasureTolerance)),
            .. ours.Select(measure => Numbers.Compare(id, $"as_mteb/{measure.Key}", [measure.Value], json.GetProperty("as_mteb").GetProperty(measure.Key), MeasureTolerance))
                .Select(row => isStopped ? row with { Verdict = ParityVerdict.Informative, Note = "recorded before the optimum was reached" } : row),
        ];
    }

    private List<ParityRow> Binary()
    {
        const string Id = "binary_3_or_8";
        JsonElement json = Json.GetProperty(Id);
        var classifier = LogisticRegressionClassifier.Fit(Examples(json.GetProperty("train_rows")), new() { C = json.GetProperty("C").GetDouble() });
        LabelMeasures measures = Measured(json.GetProperty("test_rows"), classifier, out _);
        double[] probabilities = [.. Examples(json.GetProperty("test_rows")).Select(example => classifier.Probabilities(example.Vector)[1])];
        return
        [
            Numbers.Compare(Id, "coef", [.. classifier.Weights[0]], json.GetProperty("coef"), OptimumTolerance), Numbers.Compare(Id, "intercept", classifier.Intercepts, json.GetProperty("intercept"), OptimumTolerance),
            Numbers.Compare(Id, "probability_of_8", probabilities, json.GetProperty("probability_of_8"), OptimumTolerance), Numbers.Compare(Id, "accuracy", [measures.Accuracy], json.GetProperty("accuracy"), MeasureTolerance),
        ];
    }

    private LabelMeasures Measured(JsonElement rows, IVectorClassifier classifier, out long[] predicted)
    {
        (Embedding<float> Vector, string Label)[] examples = Examples(rows);
        predicted = [.. examples.Select(example => long.Parse(classifier.Predict(example.Vector), CultureInfo.InvariantCulture))];
        return new LabelMeasures([.. examples.Select(example => int.Parse(example.Label, CultureInfo.InvariantCulture))], [.. predicted.Select(label => (int)label)], 10);
    }

    private (Embedding<float> Vector, string Label)[] Examples(JsonElement rows) =>
        [.. rows.EnumerateArray().Select(row => (new Embedding<float>(_digits.Value.Rows[row.GetInt32()]), _digits.Value.Labels[row.GetInt32()]))];
}
