using System.Text.Json;

namespace Polymodal.Evaluation.Parity;

/// <summary>Int8, uint8, binary and ubinary codes of recorded vectors.</summary>
internal sealed class QuantizationReference(Reference reference)
{
    public static bool Reads(Reference reference) =>
        reference.Tensors is not null && reference.Json.TryGetProperty("cases", out JsonElement cases)
        && cases.EnumerateArray().All(json => json.TryGetProperty("results", out _) && json.TryGetProperty("options", out _));

    public IReadOnlyList<ParityCase> Cases() =>
    [
        .. reference.Json.GetProperty("cases").EnumerateArray().Select(json => new ParityCase(json.GetProperty("id").GetString()!, null, () => Compare(json))),
        ParityCase.Unsupported("search", "recall of quantised search is not compared; stores search quantised vectors exactly"),
    ];

    private List<ParityRow> Compare(JsonElement json)
    {
        string id = json.GetProperty("id").GetString()!;
        float[][] vectors = Rows($"{id}/embeddings");
        return [.. json.GetProperty("results").EnumerateObject().Select(result => Compare(id, result.Name, result.Value.GetString()!, vectors, json.GetProperty("options")))];
    }

    private ParityRow Compare(string id, string precision, string recorded, float[][] vectors, JsonElement options)
    {
        int width = vectors[0].Length, bytes = (width + 7) / 8;
        try
        {
            QuantizationRanges? ranges = precision.EndsWith("int8", StringComparison.Ordinal) ? RangesOf(vectors, options) : null;
            long[] ours = [.. vectors.SelectMany(vector => precision switch
            {
                "uint8" => Codes<byte>(width, codes => EmbeddingQuantization.ToUInt8(vector, ranges!, codes)),
                "int8" => Codes<sbyte>(width, codes => EmbeddingQuantization.ToInt8(vector, ranges!, codes)),
                "ubinary" => Codes<byte>(bytes, codes => EmbeddingQuantization.ToUBinary(vector, codes)),
                "binary" => Codes<sbyte>(bytes, codes => EmbeddingQuantization.ToBinary(vector, codes)),
                _ => throw new NotSupportedException($"precision '{precision}' is not built; built: int8, uint8, binary, ubinary"),
            })];
            if (!reference.Tensors!.Has(recorded))
                return new(id, precision, null, null, ParityVerdict.Fail, $"it should be refused: {recorded}");
            return Comparison.Integers(id, precision, ours, reference.Tensors.Integers(recorded));
        }
        catch (ArgumentException exception)
        {
            // What the reference refuses is refused here too.
            bool isRefused = !reference.Tensors!.Has(recorded);
            return new(id, precision, null, null, isRefused ? ParityVerdict.Pass : ParityVerdict.Fail, exception.Message);
        }
    }

    private QuantizationRanges RangesOf(float[][] vectors, JsonElement options) =>
        options.TryGetProperty("ranges", out JsonElement given) && Rows(given.GetString()!) is [{ } min, { } max] ? new QuantizationRanges(min, max)
        : (options.TryGetProperty("calibration_embeddings", out JsonElement calibration) ? Rows(calibration.GetString()!) : vectors) is { Length: > 1 } measured
            ? QuantizationRanges.Of(measured.Select(row => new ReadOnlyMemory<float>(row)))
            : throw new ArgumentException("one vector alone has no ranges");

    private static long[] Codes<TCode>(int width, Action<TCode[]> quantize)
        where TCode : IConvertible
    {
        var codes = new TCode[width];
        quantize(codes);
        return Array.ConvertAll(codes, code => code.ToInt64(null));
    }

    private float[][] Rows(string tensor) => [.. reference.Tensors!.Floats(tensor).Chunk(reference.Tensors.Shape(tensor)[^1])];
}
