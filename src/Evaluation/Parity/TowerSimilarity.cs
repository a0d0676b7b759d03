using System.Numerics.Tensors;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Polymodal.Multimodal;
using Polymodal.Providers.Local.Images;
using Polymodal.Providers.Local.Pooling;

namespace Polymodal.Evaluation.Parity;

/// <summary>Pictures against texts in the space that two towers share: similarities, probabilities, zero-shot classes.</summary>
internal sealed class TowerSimilarity(Reference reference, LocalImageModel model, TowerTexts texts)
{
    /// <summary>Compares a case of pictures with texts or with classes.</summary>
    public List<ParityRow> Compare(string id, JsonElement json)
    {
        string[] paths = Strings(json, "pictures");
        float[][] pictures = [.. paths.Select(Picture)];
        var ours = new Dictionary<string, float[]>();
        float[][] rows;
        ContrastiveScale scale = model.Scale ?? throw new InvalidDataException($"{model.Name} does not say its scale.");
        ZeroShotHead? head = null;
        if (json.TryGetProperty("classes", out _))
        {
            head = ZeroShotHead.Create(Strings(json, "classes"), [.. Strings(json, "classes").Select(name => texts.Vectors(PromptTemplates.Fill(Strings(json, "templates"), name)).Select(vector => new Embedding<float>(vector)).ToArray())], scale);
            rows = [.. Enumerable.Range(0, head.Labels.Count).Select(label => head.ClassVector(label).ToArray())];
            ours["class_weights"] = [.. rows.SelectMany(row => row)];
        }
        else
        {
            rows = [.. texts.Vectors(Strings(json, "texts")).Select(Unit)];
            ours["text_embeds"] = [.. rows.SelectMany(row => row)];
            ours["image_embeds"] = [.. pictures.SelectMany(picture => picture)];
        }

        double[][] logits = [.. pictures.Select(picture => head?.Logits(new Embedding<float>(picture)) ?? [.. rows.Select(row => scale.Logit(TensorPrimitives.Dot<float>(picture, row)))])];
        ours["logits_per_image"] = ours["logits"] = [.. logits.SelectMany(row => row).Select(value => (float)value)];
        ours["logits_per_text"] = [.. Enumerable.Range(0, rows.Length).SelectMany(row => logits.Select(picture => (float)picture[row]))];
        ours["probabilities"] = [.. logits.SelectMany(row => Probabilities(scale, row))];
        // What hangs on lossy pictures cannot be closer than those are.
        bool isLossy = paths.Any(RecordedMedia.IsLossy);
        return [.. Scale(id, scale), .. json.GetProperty("tensors").EnumerateArray().Select(tensor => Row(id, tensor.GetString()![(id.Length + 1)..], ours, isLossy))];
    }

    // What was read from the folder's own files against what the library's model had.
    private IEnumerable<ParityRow> Scale(string id, ContrastiveScale scale)
    {
        yield return Number("logit_scale", scale.Scale);
        if (reference.Json.TryGetProperty("logit_bias", out _))
            yield return Number("logit_bias", scale.Bias ?? double.NaN);

        ParityRow Number(string name, double ours) => Comparison.Floats(id, name, [(float)ours], [(float)reference.Json.GetProperty(name).GetDouble()], new(1e-6, 1e-6, null, Informative: false));
    }

    private ParityRow Row(string id, string name, Dictionary<string, float[]> ours, bool isLossy)
    {
        string full = $"{id}/{name}";
        if (!ours.TryGetValue(name, out float[]? values))
            return new(id, name, null, null, ParityVerdict.NotSupported, $"what '{name}' is, is not known");
        ComparisonRule? rule = reference.Rules.For(full);
        if (isLossy && name is not ("text_embeds" or "class_weights"))
            rule = new(null, null, 0.995, Informative: false);
        return Comparison.Floats(id, name, values, reference.Tensors!.Floats(full), rule, reference.Tensors.Shape(full)[^1]);
    }

    private float[] Picture(string path)
    {
        byte[] file = File.ReadAllBytes(RecordedMedia.Find(reference, path) ?? throw new NotSupportedException($"{path} is in no root that was given"));
        (float[] planes, ImageSize size) = model.Preprocess(ImageDecoder.Default.Decode(file, new()));
        return Unit(model.Run(planes, size, model.Folder.Output.Name));
    }

    private static float[] Unit(float[] vector)
    {
        L2.Normalize(vector, vector.Length);
        return vector;
    }

    private static IEnumerable<float> Probabilities(ContrastiveScale scale, double[] logits)
    {
        double[] probabilities = [.. logits];
        scale.Probabilities(logits, probabilities);
        return probabilities.Select(value => (float)value);
    }

    private static string[] Strings(JsonElement json, string field) => [.. json.GetProperty(field).EnumerateArray().Select(value => value.GetString()!)];
}
