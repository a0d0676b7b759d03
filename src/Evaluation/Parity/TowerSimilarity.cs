using System.Numerics.Tensors;
using System.Text.Json;
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
        if (json.TryGetProperty("classes", out _))
        {
            rows = [.. Strings(json, "classes").Select(name => Class(name, Strings(json, "templates")))];
            ours["class_weights"] = [.. rows.SelectMany(row => row)];
        }
        else
        {
            rows = [.. texts.Vectors(Strings(json, "texts")).Select(Unit)];
            ours["text_embeds"] = [.. rows.SelectMany(row => row)];
            ours["image_embeds"] = [.. pictures.SelectMany(picture => picture)];
        }

        float scale = (float)reference.Json.GetProperty("logit_scale").GetDouble();
        bool isSigmoid = reference.Json.TryGetProperty("logit_bias", out JsonElement biased);
        float bias = isSigmoid ? (float)biased.GetDouble() : 0;
        float[][] logits = [.. pictures.Select(picture => rows.Select(row => (scale * TensorPrimitives.Dot<float>(picture, row)) + bias).ToArray())];
        ours["logits_per_image"] = ours["logits"] = [.. logits.SelectMany(row => row)];
        ours["logits_per_text"] = [.. Enumerable.Range(0, rows.Length).SelectMany(row => logits.Select(picture => picture[row]))];
        ours["probabilities"] = [.. logits.SelectMany(row => isSigmoid ? row.Select(value => 1 / (1 + MathF.Exp(-value))) : Softmax(row))];
        // What hangs on lossy pictures cannot be closer than those are.
        bool isLossy = paths.Any(RecordedMedia.IsLossy);
        return [.. json.GetProperty("tensors").EnumerateArray().Select(tensor => Row(id, tensor.GetString()![(id.Length + 1)..], ours, isLossy))];
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

    private float[] Class(string name, string[] templates)
    {
        float[][] prompts = [.. texts.Vectors([.. templates.Select(template => template.Replace("{}", name, StringComparison.Ordinal))]).Select(Unit)];
        var mean = new float[prompts[0].Length];
        foreach (float[] prompt in prompts)
            TensorPrimitives.Add(mean, prompt, mean);
        return Unit(mean);
    }

    private static float[] Unit(float[] vector)
    {
        L2.Normalize(vector, vector.Length);
        return vector;
    }

    private static float[] Softmax(float[] row)
    {
        var result = new float[row.Length];
        TensorPrimitives.SoftMax(row, result);
        return result;
    }

    private static string[] Strings(JsonElement json, string field) => [.. json.GetProperty(field).EnumerateArray().Select(value => value.GetString()!)];
}
