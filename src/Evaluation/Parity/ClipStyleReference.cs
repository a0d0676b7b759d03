using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Polymodal.Multimodal;

namespace Polymodal.Evaluation.Parity;

/// <summary>What models of pictures and texts are measured by, on given vectors: zero-shot classes, retrieval both ways, CLIPScore.</summary>
internal sealed class ClipStyleReference(Reference reference)
{
    private double Tolerance => reference.Json.GetProperty("tolerance").GetDouble();

    public static bool Reads(Reference reference) => reference.Json.TryGetProperty("zero_shot", out _) && reference.Json.TryGetProperty("clip_score", out _);

    public IReadOnlyList<ParityCase> Cases() =>
    [
        new("zero_shot", null, () => ZeroShot(reference.Json.GetProperty("zero_shot"))),
        new("retrieval_one_caption", null, () => Retrieval("retrieval_one_caption", 1)),
        new("retrieval_five_captions", null, () => Retrieval("retrieval_five_captions", 5)),
        new("clip_score", null, () => Scores(reference.Json.GetProperty("clip_score"))),
    ];

    private List<ParityRow> ZeroShot(JsonElement json)
    {
        JsonElement expect = json.GetProperty("expect"), siglip = expect.GetProperty("siglip_probabilities_first_3");
        Embedding<float>[][] prompts = [.. json.GetProperty("prompt_embeddings").EnumerateArray().Select(Vectors)];
        string[] labels = [.. Enumerable.Range(0, prompts.Length).Select(i => i.ToString(CultureInfo.InvariantCulture))];
        Embedding<float>[] pictures = Vectors(json.GetProperty("image_embeddings"));
        int[] right = [.. json.GetProperty("true").EnumerateArray().Select(value => value.GetInt32())];
        ZeroShotHead Head(ContrastiveScale scale) => ZeroShotHead.Create(labels, prompts, scale);
        ZeroShotHead head = Head(new(json.GetProperty("logit_scale").GetDouble()));
        ZeroShotHead sigmoid = Head(new(siglip.GetProperty("logit_scale").GetDouble(), siglip.GetProperty("logit_bias").GetDouble()));
        ZeroShotResult[] results = [.. pictures.Select(picture => head.Classify(picture, labels.Length))];
        long[] predicted = [.. results.Select(result => (long)result.Classes[0].Index)];
        double Top(int k) => results.Zip(right, (result, label) => result.Classes.Take(k).Any(found => found.Index == label) ? 1.0 : 0).Average();
        double[] recalls = [.. right.Distinct().Select(label => right.Zip(predicted).Where(pair => pair.First == label).Average(pair => pair.Second == label ? 1.0 : 0))];
        double[] ByClass(ZeroShotResult result) => [.. result.Classes.OrderBy(found => found.Index).Select(found => found.Probability)];
        return
        [
            Row("class_embeddings", [.. Enumerable.Range(0, labels.Length).SelectMany(label => head.ClassVector(label).ToArray()).Select(value => (double)value)], expect),
            // Logits of 100 and more are recorded in single precision.
            Numbers.Compare("zero_shot", "logits_first_10", [.. pictures.Take(10).SelectMany(head.Logits)], expect.GetProperty("logits_first_10"), 10 * Tolerance),
            Row("probabilities_first_10", [.. results.Take(10).SelectMany(ByClass)], expect),
            Comparison.Integers("zero_shot", "predicted", predicted, Numbers.Whole(expect.GetProperty("predicted"))),
            Row("top_1", [Top(1)], expect),
            Row("top_5", [Top(5)], expect),
            Row("mean_per_class_recall", [recalls.Average()], expect),
            Numbers.Compare("zero_shot", "siglip_probabilities_first_3", [.. pictures.Take(3).SelectMany(picture => ByClass(sigmoid.Classify(picture, labels.Length)))], siglip.GetProperty("values"), Tolerance),
        ];

        ParityRow Row(string name, double[] ours, JsonElement of) => Numbers.Compare("zero_shot", name, ours, of.GetProperty(name), Tolerance);
    }

    private List<ParityRow> Retrieval(string id, int captions)
    {
        JsonElement json = reference.Json.GetProperty(id), expect = json.GetProperty("expect");
        Embedding<float>[] pictures = Vectors(json.GetProperty("image_embeddings")), texts = Vectors(json.GetProperty("text_embeddings"));
        CrossModalRetrieval toText = CrossModalRetrieval.Evaluate(pictures, texts, picture => Enumerable.Range(captions * picture, captions));
        CrossModalRetrieval toPicture = CrossModalRetrieval.Evaluate(texts, pictures, text => [text / captions]);
        List<ParityRow> rows = [.. Direction("image_to_text", toText), .. Direction("text_to_image", toPicture)];
        if (expect.TryGetProperty("open_clip_get_clip_metrics", out JsonElement library))
        {
            rows.AddRange(library.EnumerateObject().Select(recorded =>
            {
                (CrossModalRetrieval found, string direction) = recorded.Name.StartsWith("image_to_text_", StringComparison.Ordinal) ? (toText, "image_to_text_") : (toPicture, "text_to_image_");
                string measure = recorded.Name[direction.Length..];
                return Row(recorded.Name, measure == "median_rank" ? found.MedianRankFloored : Measure(found, measure) ?? double.NaN, recorded.Value);
            }));
        }

        return rows;

        IEnumerable<ParityRow> Direction(string direction, CrossModalRetrieval found) => expect.GetProperty(direction).EnumerateObject().Select(recorded =>
            recorded.Name == "ranks" ? Comparison.Integers(id, $"{direction}/ranks", [.. found.Ranks.Select(rank => (long)rank)], Numbers.Whole(recorded.Value))
            : Measure(found, recorded.Name) is { } ours ? Row($"{direction}/{recorded.Name}", ours, recorded.Value)
            : new ParityRow(id, $"{direction}/{recorded.Name}", null, null, ParityVerdict.NotSupported, "the measure is not built"));

        ParityRow Row(string name, double ours, JsonElement recorded) => Numbers.Compare(id, name, [ours], recorded, Tolerance);
    }

    private static double? Measure(CrossModalRetrieval found, string name) => name.Split('@') switch
    {
        ["R", var k] => found.RecallAt(int.Parse(k, CultureInfo.InvariantCulture)),
        ["fraction_of_captions", var k] => found.ShareOfPartnersAt(int.Parse(k, CultureInfo.InvariantCulture)),
        ["mean_rank"] => found.MeanRank,
        ["median_rank"] => found.MedianRank,
        ["median_rank_floor_as_open_clip"] => found.MedianRankFloored,
        ["mrr"] => found.MeanReciprocalRank,
        _ => null,
    };

    private List<ParityRow> Scores(JsonElement json)
    {
        JsonElement expect = json.GetProperty("expect");
        Embedding<float>[] pictures = Vectors(json.GetProperty("image_embeddings")), captions = Vectors(json.GetProperty("caption_embeddings"));
        Embedding<float>[][] references = [.. json.GetProperty("reference_embeddings").EnumerateArray().Select(Vectors)];
        double[] scores = [.. pictures.Zip(captions, ClipScore.Of)], withReferences = [.. pictures.Select((picture, i) => ClipScore.WithReferences(picture, captions[i], references[i]))];
        return
        [
            Row("clip_score", scores), Row("clip_score_mean", [scores.Average()]), Row("ref_clip_score", withReferences), Row("ref_clip_score_mean", [withReferences.Average()]),
            // torchmetrics gives hundredths of the cosine: 100 in place of 2.5.
            Numbers.Compare("clip_score", "torchmetrics_style", [.. scores.Select(score => score * 40)], expect.GetProperty("torchmetrics_style"), 100 * Tolerance),
        ];

        ParityRow Row(string name, double[] ours) => Numbers.Compare("clip_score", name, ours, expect.GetProperty(name), Tolerance);
    }

    private static Embedding<float>[] Vectors(JsonElement json) =>
        [.. json.EnumerateArray().Select(row => new Embedding<float>(row.EnumerateArray().Select(value => (float)value.GetDouble()).ToArray()))];
}
