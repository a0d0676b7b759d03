using System.Text.Json;
using Polymodal.Providers.Local.Images;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Evaluation.Parity;

/// <summary>What the image processors of transformers, timm, open_clip and torchvision make of pictures.</summary>
internal sealed class PreprocessReference(Reference reference)
{
    // Picture objects that are resized as RGB is.
    private static readonly string[] ModesAsRgb = ["RGB", "L"];

    public static bool Reads(Reference reference) => reference.Json.TryGetProperty("configs", out _) && reference.Json.TryGetProperty("cases", out _) && reference.Tensors is not null;

    public IReadOnlyList<ParityCase> Cases() => [.. reference.Json.GetProperty("cases").EnumerateArray().Select(Case)];

    private ParityCase Case(JsonElement json)
    {
        string id = json.GetProperty("id").GetString()!;
        if (IsOpened(json) && json.GetProperty("library").GetString() == "open_clip" && !ModesAsRgb.Any(mode => json.GetProperty("given_as").GetString()!.Contains($"mode {mode},", StringComparison.Ordinal)))
            return ParityCase.Unsupported(id, "open_clip resizes a picture object of Python's before it makes it RGB; here pictures are made RGB when they are decoded");
        if (!json.TryGetProperty("config", out JsonElement config) || config.ValueKind != JsonValueKind.String)
            return json.GetProperty("library").GetString() is "timm" or "torchvision" && (json.TryGetProperty("data_config", out _) || json.TryGetProperty("transform", out _))
                ? new ParityCase(id, null, () => CompareWithoutFile(id, json))
                : ParityCase.Unsupported(id, "it names no configuration");
        string folder = Path.Combine(reference.Folder, config.GetString()!);
        if (NotRead(folder) is { } reason)
            return ParityCase.Unsupported(id, reason);
        return RecordedMedia.Find(reference, json.GetProperty("picture").GetString()!) is null
            ? ParityCase.Unsupported(id, $"{json.GetProperty("picture").GetString()} is in no root that was given")
            : new ParityCase(id, null, () => Compare(id, json, folder));
    }

    private List<ParityRow> Compare(string id, JsonElement json, string folder)
    {
        var rows = new List<ParityRow>();
        bool usesTestSize = json.TryGetProperty("use_test_size", out JsonElement test) && test.ValueKind == JsonValueKind.True;
        if (!json.TryGetProperty("backends", out JsonElement backends))
            return [Row(id, json, json.GetProperty("pixel_values"), Read(folder, ImageBackend.Default, usesTestSize))];
        foreach (JsonProperty backend in backends.EnumerateObject())
        {
            if (!backend.Value.TryGetProperty("pixel_values", out JsonElement pixels) || pixels.ValueKind != JsonValueKind.Object)
                rows.Add(new(id, backend.Name, null, null, ParityVerdict.Informative, "the library gave nothing"));
            else
                rows.AddRange(Rows(id, json, backend.Value, Read(folder, backend.Name == "pil" ? ImageBackend.Pillow : ImageBackend.Torchvision, usesTestSize)));
        }

        return rows;
    }

    // timm's settings stand in the case itself; torchvision's are told by the size.
    private List<ParityRow> CompareWithoutFile(string id, JsonElement json)
    {
        JsonElement pixels = json.GetProperty("pixel_values");
        if (json.TryGetProperty("data_config", out JsonElement data))
            return [Row(id, json, pixels, TimmTransform.Of(data.Deserialize(ImageConfigJson.Default.TimmConfig)!, id, usesTestSize: false))];
        string transform = json.GetProperty("transform").GetString()!;
        int crop = Number(transform, "crop_size=["), edge = Number(transform, "resize_size=[");
        ImageTransform made = ImageTransformFile.Torchvision(new(crop, crop));
        return [Row(id, json, pixels, made with { Sizing = new(edge, edge, SizingKind.ShortestEdge) })];
    }

    // With patches there are a mask and a grid beside the numbers.
    private IEnumerable<ParityRow> Rows(string id, JsonElement json, JsonElement backend, ImageTransform transform)
    {
        yield return Row(id, json, backend.GetProperty("pixel_values"), transform);
        if (transform.Patching is not { } patching)
            yield break;
        PixelBuffer picture = Picture(json);
        foreach (JsonProperty tensor in backend.EnumerateObject().Where(field => field.Value.ValueKind == JsonValueKind.Object && field.Value.TryGetProperty("tensor", out _) && field.Name != "pixel_values"))
        {
            string name = tensor.Value.GetProperty("tensor").GetString()!;
            yield return PatchComparison.Of(id, name[(id.Length + 1)..], tensor.Name, patching, transform.SizeOf(picture.Width, picture.Height), reference.Tensors!.Integers(name));
        }
    }

    // A picture object of Python's is not turned, and what it is made RGB with lays it on white.
    private PixelBuffer Picture(JsonElement json) => ImageDecoder.Default.Decode(File.ReadAllBytes(RecordedMedia.Find(reference, json.GetProperty("picture").GetString()!)!),
        IsOpened(json) ? new() { ApplyOrientation = false, Background = RgbColor.White } : new());

    private static bool IsOpened(JsonElement json) => json.GetProperty("given_as").GetString()?.StartsWith("decoded", StringComparison.Ordinal) != true;

    private ParityRow Row(string id, JsonElement json, JsonElement pixels, ImageTransform transform)
    {
        string path = json.GetProperty("picture").GetString()!, tensor = pixels.GetProperty("tensor").GetString()!;
        PixelBuffer picture = Picture(json);
        ImageSize size = transform.SizeOf(picture.Width, picture.Height);
        var planes = new float[transform.LengthOf(size)];
        transform.Apply(picture, planes);
        int step = pixels.TryGetProperty("step", out JsonElement thinned) ? thinned.GetInt32() : 1;
        return PixelComparison.Of(id, tensor[(id.Length + 1)..], transform, planes, reference.Tensors!.Floats(tensor), step, reference.Rules.For(tensor), RecordedMedia.IsLossy(path));
    }

    private static string? NotRead(string folder)
    {
        try
        {
            Read(folder, ImageBackend.Default, usesTestSize: false);
            return null;
        }
        catch (NotSupportedException exception)
        {
            return exception.Message;
        }
    }

    private static ImageTransform Read(string folder, ImageBackend backend, bool usesTestSize) => ImageTransformFile.Read(new ModelFolder(folder), "", backend, usesTestSize, graphSize: null);

    private static int Number(string text, string name)
    {
        int at = text.IndexOf(name, StringComparison.Ordinal) + name.Length;
        return int.Parse(text.AsSpan(at, text.IndexOf(']', at) - at), System.Globalization.CultureInfo.InvariantCulture);
    }
}
