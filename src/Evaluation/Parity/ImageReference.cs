using System.Text.Json;
using Polymodal.Providers.Local.Images;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Pooling;
using Polymodal.Providers.Local.Text;

namespace Polymodal.Evaluation.Parity;

/// <summary>A picture model's folder, with both towers where it has two: pixels, features, texts, similarities.</summary>
/// <param name="reference">The record.</param>
/// <param name="own">Takes charge of a loaded model.</param>
internal sealed class ImageReference(Reference reference, Action<IDisposable> own)
{
    private const string Photos = "media/photos", Pixels = "pixel_values", Normalized = "_normalized", Embeds = "image_embeds";

    private LocalImageModel? _model;
    private TowerTexts? _texts;

    public static bool Reads(Reference reference) =>
        reference.Tensors is not null && reference.Json.TryGetProperty("cases", out JsonElement cases) && cases.ValueKind == JsonValueKind.Array
        && cases.EnumerateArray().Any(json => json.TryGetProperty("picture", out _) || (json.TryGetProperty("image", out JsonElement image) && image.ValueKind == JsonValueKind.String));

    public IReadOnlyList<ParityCase> Cases() => [.. reference.Json.GetProperty("cases").EnumerateArray().Select(Case)];

    private LocalImageModel Model => _model ??= Loaded(LocalImageModel.Load(reference.Folder, new() { Backend = Backend }));

    // Which arithmetic made the recorded pixels: one case says it for all. Without a word it is the library's own.
    private ImageBackend Backend => reference.Json.GetProperty("cases").EnumerateArray().Any(json => json.TryGetProperty("pixel_values_by", out JsonElement by) && by.GetString() == "pil")
        ? ImageBackend.Pillow : ImageBackend.Default;

    private TowerTexts Texts => _texts ??= new TowerTexts(reference, Loaded(LocalTextModel.Load(reference.Folder)));

    private ParityCase Case(JsonElement json)
    {
        string id = json.GetProperty("id").GetString()!, kind = json.TryGetProperty("kind", out JsonElement named) ? named.GetString()! : "picture";
        if (reference.Json.TryGetProperty("not_runnable", out JsonElement reason))
            return PathOf(json) is { } picture ? new ParityCase(id, null, () => Preprocessed(id, json, picture, reason.GetString()!)) : ParityCase.Unsupported(id, reason.GetString()!);
        if (json.TryGetProperty("note", out JsonElement note) && note.GetString()!.StartsWith("NOT how", StringComparison.Ordinal))
            return ParityCase.Unsupported(id, note.GetString()!);
        return kind switch
        {
            "picture" => PathOf(json) is { } file ? new ParityCase(id, null, () => Picture(id, json, file)) : ParityCase.Unsupported(id, "its picture is in no root that was given"),
            "text" or "texts" or "token numbers" => new ParityCase(id, null, () => Texts.Compare(id, json)),
            "both" or "zero-shot" => new ParityCase(id, null, () => new TowerSimilarity(reference, Model, Texts).Compare(id, json)),
            _ => ParityCase.Unsupported(id, $"cases of kind '{kind}' are not built"),
        };
    }

    private string? PathOf(JsonElement json) =>
        json.TryGetProperty("picture", out JsonElement picture) ? RecordedMedia.Find(reference, picture.GetString()!) : RecordedMedia.Find(reference, $"{Photos}/{json.GetProperty("image").GetString()}");

    // Without a graph the way to its door can be compared, no more.
    private List<ParityRow> Preprocessed(string id, JsonElement json, string file, string reason)
    {
        ImageTransform transform = ImageTransformFile.Read(new ModelFolder(reference.Folder), "", Backend, usesTestSize: false, graphSize: null);
        PixelBuffer picture = ImageDecoder.Default.Decode(File.ReadAllBytes(file), new());
        ImageSize size = transform.SizeOf(picture.Width, picture.Height);
        // Where no case says whose arithmetic made the pixels, those of either are right; the nearer ones are judged.
        ParityRow Compared(string full, string name, bool isTorch)
        {
            var numbers = new float[transform.LengthOf(size)];
            (transform with { IsTorch = isTorch }).Apply(picture, numbers);
            return PixelComparison.Of(id, name, transform, numbers, reference.Tensors!.Floats(full), Step(json, name, 0, 0), reference.Rules.For(full), RecordedMedia.IsLossy(file));
        }

        bool isSaid = reference.Json.GetProperty("cases").EnumerateArray().Any(json => json.TryGetProperty("pixel_values_by", out _));
        var rows = new List<ParityRow>();
        foreach (string full in json.GetProperty("tensors").EnumerateArray().Select(tensor => tensor.GetString()!))
        {
            string name = full[(id.Length + 1)..];
            if (name == Pixels)
                rows.Add(isSaid || Compared(full, name, transform.IsTorch) is { Verdict: ParityVerdict.Pass } ? Compared(full, name, transform.IsTorch) : Compared(full, name, !transform.IsTorch));
            else if (transform.Patching is { } patching && reference.Tensors!.IsInteger(full))
                rows.Add(PatchComparison.Of(id, name, name, patching, size, reference.Tensors.Integers(full)));
            else
                rows.Add(new(id, name, null, null, ParityVerdict.NotSupported, reason));
        }

        return rows;
    }

    private List<ParityRow> Picture(string id, JsonElement json, string file)
    {
        (float[] planes, ImageSize size) = Model.Preprocess(ImageDecoder.Default.Decode(File.ReadAllBytes(file), new()));
        bool isLossy = RecordedMedia.IsLossy(file);
        return [.. json.GetProperty("tensors").EnumerateArray().Select(tensor => Tensor(id, json, tensor.GetString()![(id.Length + 1)..], planes, size, isLossy))];
    }

    private ParityRow Tensor(string id, JsonElement json, string name, float[] planes, ImageSize size, bool isLossy)
    {
        string full = $"{id}/{name}";
        ComparisonRule? rule = reference.Rules.For(full);
        if (rule is { Informative: true } || !reference.Tensors!.Has(full))
            return new(id, name, null, null, ParityVerdict.Informative, "computed by another backend");
        float[] recorded = reference.Tensors.Floats(full);
        int step = Step(json, name, recorded.Length, planes.Length);
        if (name == Pixels)
            return PixelComparison.Of(id, name, Model.Folder.Transform, planes, recorded, step, rule, isLossy);
        if (name.EndsWith("_of_opened", StringComparison.Ordinal) || name == "conse")
            return new(id, name, null, null, ParityVerdict.Informative, "another way into the model");
        float[]? ours = Values(name, planes, size);
        if (ours is null)
            return new(id, name, null, null, ParityVerdict.NotSupported, $"what '{name}' is, is not known");
        ours = [.. ours.Where((_, index) => index % step == 0)];
        int width = step > 1 ? 0 : reference.Tensors.Shape(full) is [.., 1, 1] shape && shape.Count > 2 ? shape[^3] : reference.Tensors.Shape(full)[^1];
        // Recorded pixels are thinned or not there: then only the way as a whole can be judged.
        bool isGiven = !isLossy && json.GetProperty("tensors").EnumerateArray().Any(tensor => tensor.GetString()!.EndsWith(Pixels, StringComparison.Ordinal));
        return isGiven || rule is not { Cosine: not null } ? Comparison.Floats(id, name, ours, recorded, rule, width)
            : Comparison.Floats(id, name, ours, recorded, EndToEnd(isLossy), width > 0 ? width : recorded.Length);
    }

    private ComparisonRule EndToEnd(bool isLossy) => new(null, null,
        reference.Json.TryGetProperty("end_to_end", out JsonElement whole) && whole.TryGetProperty(isLossy ? "lossy" : "lossless", out JsonElement bound) ? bound.GetProperty("cosine").GetDouble() : 0.995, Informative: false);

    private float[]? Values(string name, float[] planes, ImageSize size)
    {
        name = name.EndsWith("_fp32_torch", StringComparison.Ordinal) ? name[..^"_fp32_torch".Length] : name;
        if (Model.Folder.Onnx.Outputs.Any(port => port.Name == name))
            return Model.Run(planes, size, name);
        if (name.EndsWith(Normalized, StringComparison.Ordinal) && Values(name[..^Normalized.Length], planes, size) is { } raw)
        {
            L2.Normalize(raw, raw.Length);
            return raw;
        }

        if (name is "sentence_embedding" or "sentence_embedding_of_path")
            return Model.Run(planes, size, Embeds);
        // DINOv2's own linear heads take both, side by side.
        if (name == "cls_and_mean_of_patches" && Values("cls", planes, size) is { } token && Values("mean_of_patches", planes, size) is { } mean)
            return [.. token, .. mean];
        ImagePooling? pooling = name switch
        {
            "cls" => ImagePooling.Cls,
            "mean_of_patches" => ImagePooling.PatchMean,
            "mean_of_all_tokens" => ImagePooling.TokenMean,
            "mean_of_map" => ImagePooling.GlobalAverage,
            "max_of_map" or "max_of_patches" => ImagePooling.GlobalMax,
            _ => null,
        };
        if (pooling is { } chosen)
        {
            ImageOutput output = Model.Folder.Choose(chosen);
            return output.Vector(Model.Run(planes, size, output.Name));
        }

        // Further parts of the tokens, which no pooling is named after.
        if (name is not ("distillation" or "mean_of_all_but_cls"))
            return null;
        ImageOutput tokens = Model.Folder.Choose(ImagePooling.TokenMean);
        float[] all = Model.Run(planes, size, tokens.Name);
        return name == "distillation" ? all[tokens.Width..(2 * tokens.Width)] : (tokens with { Pooling = ImagePooling.TokenMean }).Vector(all.AsSpan(tokens.Width));
    }

    // How a tensor is thinned: said by the case, or told by the lengths.
    private static int Step(JsonElement json, string name, int recorded, int whole) =>
        json.TryGetProperty("thinned", out JsonElement thinned) && thinned.TryGetProperty(name, out JsonElement tensor) ? tensor.GetProperty("step").GetInt32()
        : name == Pixels && recorded < whole ? (whole + recorded - 1) / recorded : 1;

    private T Loaded<T>(T model)
        where T : IDisposable
    {
        own(model);
        return model;
    }
}
