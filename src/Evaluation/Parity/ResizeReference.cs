using System.Security.Cryptography;
using System.Text.Json;
using Polymodal.Providers.Local.Images;

namespace Polymodal.Evaluation.Parity;

/// <summary>Pillow's and torchvision's resizes of pictures.</summary>
internal sealed class ResizeReference(Reference reference)
{
    private static readonly Dictionary<string, ResizeFilter> Filters = Enum.GetValues<ResizeFilter>().ToDictionary(filter => filter.ToString().ToLowerInvariant(), StringComparer.Ordinal);

    public static bool Reads(Reference reference) =>
        reference.Json.TryGetProperty("cases", out JsonElement cases) && cases.ValueKind == JsonValueKind.Array && cases.EnumerateArray().All(json => json.TryGetProperty("input_sha256", out _) && json.TryGetProperty("results", out _));

    public IReadOnlyList<ParityCase> Cases() => [.. reference.Json.GetProperty("cases").EnumerateArray().Select(json => new ParityCase(json.GetProperty("id").GetString()!, null, () => Compare(json)))];

    private List<ParityRow> Compare(JsonElement json)
    {
        string id = json.GetProperty("id").GetString()!;
        int[] from = Sides(json, "in"), to = Sides(json, "out");
        byte[] rgb = json.TryGetProperty("input_tensor", out JsonElement tensor) ? Bytes(tensor.GetString()!) : Decode(json.GetProperty("input_file").GetString()!);
        byte[] grey = json.TryGetProperty("gray_tensor", out JsonElement greyTensor) ? [.. Bytes(greyTensor.GetString()!).SelectMany(value => new[] { value, value, value })] : [];
        if (Convert.ToHexStringLower(SHA256.HashData(rgb)) != json.GetProperty("input_sha256").GetString())
            return [new(id, "input", null, null, ParityVerdict.Fail, "the picture is another one")];
        return [.. json.GetProperty("results").EnumerateArray().Select(result => Compare(id, result, result.GetProperty("layout").GetString() == "gray" ? grey : rgb, from, to))];
    }

    private ParityRow Compare(string id, JsonElement result, byte[] source, int[] from, int[] to)
    {
        string by = result.GetProperty("by").GetString()!, layout = result.GetProperty("layout").GetString()!, name = $"{layout}/{result.GetProperty("filter").GetString()}/{by}";
        bool isPillow = by.StartsWith("Pillow", StringComparison.Ordinal), isTorch = by.StartsWith("torchvision uint8", StringComparison.Ordinal);
        if (!isPillow && !isTorch)
            return new(id, name, null, null, ParityVerdict.Informative, "resizes of floats are compared by the models that use them");
        if (result.TryGetProperty("error", out JsonElement error))
            return new(id, name, null, null, ParityVerdict.Informative, error.GetString());
        bool isGrey = layout == "gray";
        byte[] ours = new byte[to[0] * to[1] * 3];
        ImageResizer.Resize(source, from[0], from[1], new(to[0], to[1]), new(0, 0, to[0], to[1]), Filters[result.GetProperty("filter").GetString()!], isTorch, ours);
        if (isGrey)
            ours = [.. ours.Where((_, index) => index % 3 == 0)];
        if (isPillow)
        {
            bool isEqual = Convert.ToHexStringLower(SHA256.HashData(ours)) == result.GetProperty("sha256").GetString();
            return new(id, name, isEqual ? 0 : null, null, isEqual ? ParityVerdict.Pass : ParityVerdict.Fail, isEqual ? null : "the bytes differ");
        }

        if (!result.TryGetProperty("tensor", out JsonElement named) || named.GetString() is not { } tensor || !reference.Tensors!.Has(tensor))
            return new(id, name, null, null, ParityVerdict.Informative, "its bytes are not recorded");
        ComparisonRule? rule = reference.Rules.For(tensor);
        float[] recorded = [.. reference.Tensors.Integers(tensor).Select(value => (float)value)];
        return Comparison.Floats(id, name, [.. ours.Select(value => (float)value)], recorded, rule);
    }

    private byte[] Bytes(string tensor) => [.. reference.Tensors!.Integers(tensor).Select(value => (byte)value)];

    private byte[] Decode(string path) => ImageDecoder.Default.Decode(
        File.ReadAllBytes(RecordedMedia.Find(reference, path) ?? throw new NotSupportedException($"{path} is in no root that was given")), new()).Pixels.ToArray();

    private static int[] Sides(JsonElement json, string field) => [.. json.GetProperty(field).EnumerateArray().Select(side => side.GetInt32())];
}
