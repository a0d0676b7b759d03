using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Polymodal.VectorStore.Sqlite;

/// <summary>A collection's definition as JSON and back.</summary>
internal static class DefinitionJson
{
    /// <summary>The definition as one JSON object in UTF-8; the same bytes for equal definitions. Probe vectors are little-endian float32 in base 64.</summary>
    public static byte[] ToUtf8(VectorCollectionDefinition definition)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("tokenizer", definition.Tokenizer.ToString());
            writer.WriteStartObject("vectors");
            foreach ((string name, VectorDefinition vector) in definition.Vectors)
            {
                writer.WriteStartObject(name);
                writer.WriteString("space", vector.SpaceId);
                writer.WriteNumber("dimensions", vector.Dimensions);
                writer.WriteString("metric", vector.Metric.ToString());
                if (vector.Fingerprint is not null)
                    writer.WriteString("fingerprint", vector.Fingerprint);
                writer.WriteStartArray("probes");
                foreach (ProbeVectors probe in vector.Probes)
                {
                    writer.WriteStartObject();
                    writer.WriteString("set", probe.Set);
                    writer.WriteBase64String("vectors", SqliteRecords.ToLittleEndian(probe.Vectors.Span));
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The definition of bytes whose checksum was right.</summary>
    public static VectorCollectionDefinition Parse(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        using JsonDocument document = JsonDocument.ParseValue(ref reader);
        JsonElement root = document.RootElement;
        return new(root.GetProperty("vectors").EnumerateObject().Select(vector => KeyValuePair.Create(vector.Name, ParseVector(vector.Value))))
        {
            Tokenizer = Enum.Parse<LexicalTokenizer>(root.GetProperty("tokenizer").GetString()!),
        };
    }

    private static VectorDefinition ParseVector(JsonElement vector) => new()
    {
        SpaceId = vector.GetProperty("space").GetString()!,
        Dimensions = vector.GetProperty("dimensions").GetInt32(),
        Metric = Enum.Parse<SimilarityMetric>(vector.GetProperty("metric").GetString()!),
        Fingerprint = vector.TryGetProperty("fingerprint", out JsonElement fingerprint) ? fingerprint.GetString() : null,
        Probes = [.. vector.GetProperty("probes").EnumerateArray().Select(ParseProbe)],
    };

    private static ProbeVectors ParseProbe(JsonElement probe)
    {
        float[] vectors = MemoryMarshal.Cast<byte, float>(probe.GetProperty("vectors").GetBytesFromBase64()).ToArray();
        SqliteRecords.ReverseOnBigEndian(vectors);
        return new(probe.GetProperty("set").GetString()!, vectors);
    }
}
