using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Polymodal.VectorStore;

/// <summary>Records and definitions as lines of JSON, to move collections between stores and programs.</summary>
/// <remarks>
/// A record is <c>{"id": "a", "text": "…", "payload": {…}, "vector": […]}</c>; named vectors stand in <c>"vectors": {"name": […]}</c>. An id is a text, a number or
/// <c>{"guid": "…"}</c>, a moment in the payload <c>{"time": "…"}</c>. A definition is <c>{"collection": {"tokenizer": "Words", "vectors": {"": {"space": "…", "dimensions": 384, "metric": "Cosine", "fingerprint": "…"}}}}</c>; probes are not moved.
/// Vectors come back bit for bit. Safe for concurrent use.
/// </remarks>
public static class RecordJson
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A record as one line.</summary>
    /// <param name="record">The record.</param>
    /// <param name="withVectors">Whether its vectors go with it; they may be kept elsewhere, see <see cref="NpyFile"/>.</param>
    public static string Write(VectorRecord record, bool withVectors = true)
    {
        ArgumentNullException.ThrowIfNull(record);
        return Line(writer =>
        {
            WriteId(writer, record.Id);
            if (record.Text is not null)
                writer.WriteString("text", record.Text);
            if (record.Payload.Count > 0)
            {
                writer.WritePropertyName("payload");
                PayloadJson.Write(writer, record.Payload);
            }

            if (!withVectors)
                return;
            if (record.Vectors.TryGetValue(VectorCollectionDefinition.DefaultVector, out Embedding<float>? vector))
                WriteVector(writer, "vector", vector);
            (string Name, Embedding<float> Vector)[] named = [.. record.Vectors.Where(pair => pair.Key.Length > 0).Select(pair => (pair.Key, pair.Value))];
            if (named.Length == 0)
                return;
            writer.WriteStartObject("vectors");
            foreach ((string name, Embedding<float> namedVector) in named)
                WriteVector(writer, name, namedVector);
            writer.WriteEndObject();
        });
    }

    /// <summary>A definition as one line.</summary>
    /// <param name="definition">The definition.</param>
    public static string Write(VectorCollectionDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        return Line(writer =>
        {
            writer.WriteStartObject("collection");
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
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        });
    }

    /// <summary>The record of a line.</summary>
    /// <param name="line">One line.</param>
    /// <exception cref="FormatException">It is not JSON, or not a record.</exception>
    public static VectorRecord ReadRecord(string line) => Parsed(line, json =>
    {
        var vectors = new Dictionary<string, Embedding<float>>(StringComparer.Ordinal);
        VectorRecord record = new() { Id = ReadId(json) };
        foreach (JsonProperty field in json.EnumerateObject())
        {
            switch (field.Name)
            {
                case "id":
                    break;
                case "text":
                    record = record with { Text = field.Value.GetString() };
                    break;
                case "payload":
                    record = record with { Payload = PayloadJson.Read(field.Value) };
                    break;
                case "vector":
                    vectors[VectorCollectionDefinition.DefaultVector] = ReadVector(field.Value);
                    break;
                case "vectors":
                    foreach (JsonProperty named in field.Value.EnumerateObject())
                        vectors[named.Name] = ReadVector(named.Value);
                    break;
                default:
                    throw new JsonException($"'{VectorRules.Shown(field.Name)}' is no field of a record; known: id, text, payload, vector, vectors.");
            }
        }

        return record with { Vectors = vectors };
    });

    /// <summary>The definition of a line; null when the line is something else.</summary>
    /// <param name="line">One line.</param>
    /// <exception cref="FormatException">It is not JSON, or a definition that is not whole.</exception>
    public static VectorCollectionDefinition? ReadDefinition(string line) => Parsed(line, json => !json.TryGetProperty("collection", out JsonElement definition)
        ? null
        : new VectorCollectionDefinition(definition.GetProperty("vectors").EnumerateObject().Select(vector => KeyValuePair.Create(vector.Name, new VectorDefinition
        {
            SpaceId = vector.Value.GetProperty("space").GetString() ?? "",
            Dimensions = vector.Value.GetProperty("dimensions").GetInt32(),
            Metric = Enum.Parse<SimilarityMetric>(vector.Value.GetProperty("metric").GetString() ?? ""),
            Fingerprint = vector.Value.TryGetProperty("fingerprint", out JsonElement fingerprint) ? fingerprint.GetString() : null,
        })))
        { Tokenizer = Enum.Parse<LexicalTokenizer>(definition.GetProperty("tokenizer").GetString() ?? "") });

    private static T Parsed<T>(string line, Func<JsonElement, T> read)
    {
        ArgumentNullException.ThrowIfNull(line);
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return read(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentException or FormatException)
        {
            throw new FormatException($"the line is no record: {exception.Message} Give {{\"id\": …, \"text\": …, \"payload\": {{…}}, \"vector\": […]}}.", exception);
        }
    }

    private static string Line(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Relaxed))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteId(Utf8JsonWriter writer, RecordId id)
    {
        writer.WritePropertyName("id");
        switch (id.Kind)
        {
            case RecordIdKind.Integer:
                writer.WriteNumberValue(id.AsInteger());
                break;
            case RecordIdKind.Guid:
                writer.WriteStartObject();
                writer.WriteString("guid", id.ToString());
                writer.WriteEndObject();
                break;
            default:
                writer.WriteStringValue(id.ToString());
                break;
        }
    }

    private static RecordId ReadId(JsonElement record)
    {
        JsonElement id = record.GetProperty("id");
        return id.ValueKind switch
        {
            JsonValueKind.String => id.GetString()!,
            JsonValueKind.Number => id.GetInt64(),
            JsonValueKind.Object => id.GetProperty("guid").GetGuid(),
            _ => throw new JsonException($"the id is {id.ValueKind}; known: a text, a whole number, {{\"guid\": …}}."),
        };
    }

    private static void WriteVector(Utf8JsonWriter writer, string name, Embedding<float> vector)
    {
        writer.WriteStartArray(name);
        foreach (float value in vector.Vector.Span)
            writer.WriteRawValue(value.ToString("R", CultureInfo.InvariantCulture)); // also −0
        writer.WriteEndArray();
    }

    private static Embedding<float> ReadVector(JsonElement vector) => new(vector.EnumerateArray().Select(value => value.GetSingle()).ToArray());
}
