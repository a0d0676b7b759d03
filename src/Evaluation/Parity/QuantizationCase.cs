using System.Text.Json;

namespace Polymodal.Evaluation.Parity;

/// <summary>Recorded vectors, and what <c>quantize_embeddings</c> made of them. Each step starts from the recorded vectors.</summary>
internal sealed class QuantizationCase(Reference reference, string id)
{
    private static readonly HashSet<string> Given = ["embeddings", "ranges", "calibration_embeddings"];

    public static bool Reads(JsonElement json) =>
        json.TryGetProperty("tensors", out JsonElement tensors) && tensors.EnumerateArray().Select(tensor => tensor.GetString()).ToHashSet() is { } names && Given.All(names.Contains);

    public IReadOnlyList<ParityRow> Compare(IEnumerable<string> tensors) => [.. tensors.Where(tensor => !Given.Contains(tensor)).Select(Compare)];

    private ParityRow Compare(string tensor)
    {
        // int8_own_ranges: precision, then where the ranges come from; ubinary_13_dims: precision, then how many dimensions are left.
        string[] words = tensor.Split('_', 2);
        float[][] vectors = Rows("embeddings");
        if (words is [_, { } cut] && cut.EndsWith("_dims", StringComparison.Ordinal))
            vectors = [.. vectors.Select(vector => vector[..int.Parse(cut[..^5], System.Globalization.CultureInfo.InvariantCulture)])];
        QuantizationRanges ranges = words switch
        {
            [_, "calibration"] => QuantizationRanges.Of(Rows("calibration_embeddings").Select(row => new ReadOnlyMemory<float>(row))),
            [_, "own_ranges"] => QuantizationRanges.Of(vectors.Select(row => new ReadOnlyMemory<float>(row))),
            _ => new QuantizationRanges(Rows("ranges")[0], Rows("ranges")[1]),
        };
        return words[0] switch
        {
            "uint8" => Compare<byte>(tensor, vectors, vectors[0].Length, (vector, codes) => EmbeddingQuantization.ToUInt8(vector, ranges, codes)),
            "int8" => Compare<sbyte>(tensor, vectors, vectors[0].Length, (vector, codes) => EmbeddingQuantization.ToInt8(vector, ranges, codes)),
            "ubinary" => Compare<byte>(tensor, vectors, (vectors[0].Length + 7) / 8, (vector, codes) => EmbeddingQuantization.ToUBinary(vector, codes)),
            "binary" => Compare<sbyte>(tensor, vectors, (vectors[0].Length + 7) / 8, (vector, codes) => EmbeddingQuantization.ToBinary(vector, codes)),
            _ => new ParityRow(id, tensor, null, null, ParityVerdict.NotSupported, $"precision '{words[0]}' is not built"),
        };
    }

    private ParityRow Compare<TCode>(string tensor, float[][] vectors, int width, Action<float[], TCode[]> quantize)
        where TCode : struct, IConvertible
    {
        var ours = new List<long>();
        foreach (float[] vector in vectors)
        {
            var codes = new TCode[width];
            quantize(vector, codes);
            ours.AddRange(codes.Select(code => code.ToInt64(null)));
        }

        return Comparison.Integers(id, tensor, [.. ours], reference.Tensors!.Integers($"{id}/{tensor}"));
    }

    private float[][] Rows(string tensor)
    {
        float[] values = reference.Tensors!.Floats($"{id}/{tensor}");
        return [.. values.Chunk(reference.Tensors.Shape($"{id}/{tensor}")[^1])];
    }
}
