using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Polymodal.VectorStore;

/// <summary>A payload as JSON and back, nothing lost: whole numbers without, other numbers with a point or exponent; a moment as <c>{"time": "…"}</c>.</summary>
internal static class PayloadJson
{
    private const string Time = "time";

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The payload as one JSON object in UTF-8.</summary>
    public static byte[] ToUtf8(Payload payload)
    {
        if (payload.Count == 0)
            return "{}"u8.ToArray();
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Relaxed))
            Write(writer, payload);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The payload of a JSON object.</summary>
    /// <exception cref="JsonException">It is not JSON, or not of this form.</exception>
    public static Payload Parse(ReadOnlySpan<byte> utf8)
    {
        if (utf8.SequenceEqual("{}"u8))
            return Payload.Empty;
        var reader = new Utf8JsonReader(utf8);
        using JsonDocument document = JsonDocument.ParseValue(ref reader);
        return Read(document.RootElement);
    }

    /// <summary>Writes the payload as one JSON object.</summary>
    public static void Write(Utf8JsonWriter writer, Payload payload)
    {
        writer.WriteStartObject();
        foreach ((string key, PayloadValue value) in payload)
        {
            writer.WritePropertyName(key);
            Write(writer, value);
        }

        writer.WriteEndObject();
    }

    /// <summary>Writes one value.</summary>
    public static void Write(Utf8JsonWriter writer, PayloadValue value)
    {
        switch (value.Kind)
        {
            case PayloadKind.Text:
                writer.WriteStringValue((string?)value);
                break;
            case PayloadKind.Integer:
                writer.WriteNumberValue((long)value);
                break;
            case PayloadKind.Number:
                string digits = ((double)value).ToString("R", CultureInfo.InvariantCulture);
                writer.WriteRawValue(digits.AsSpan().ContainsAny('.', 'E') ? digits : digits + ".0");
                break;
            case PayloadKind.Boolean:
                writer.WriteBooleanValue((bool)value);
                break;
            case PayloadKind.Time:
                writer.WriteStartObject();
                writer.WriteString(Time, ((DateTimeOffset)value).ToString("O", CultureInfo.InvariantCulture));
                writer.WriteEndObject();
                break;
            case PayloadKind.TextList:
                writer.WriteStartArray();
                foreach (string text in value.AsList())
                    writer.WriteStringValue(text);
                writer.WriteEndArray();
                break;
        }
    }

    /// <summary>The payload of a JSON object; a value of null counts as absent.</summary>
    /// <exception cref="JsonException">It is not of this form.</exception>
    public static Payload Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
            throw new JsonException($"the payload is {json.ValueKind}, not an object. Give values by name.");
        var values = new Dictionary<string, PayloadValue>(StringComparer.Ordinal);
        foreach (JsonProperty property in json.EnumerateObject())
            values[property.Name] = ReadValue(property.Value, property.Name);
        return new(values);
    }

    /// <summary>One value; null is no value.</summary>
    /// <exception cref="JsonException">It is not of this form.</exception>
    public static PayloadValue ReadValue(JsonElement json, string key) => json.ValueKind switch
    {
        JsonValueKind.Null => default,
        JsonValueKind.String => json.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => json.GetRawText().AsSpan().ContainsAny('.', 'e', 'E') || !json.TryGetInt64(out long whole) ? (PayloadValue)json.GetDouble() : whole,
        JsonValueKind.Array when json.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) => PayloadValue.List(json.EnumerateArray().Select(item => item.GetString()!)),
        JsonValueKind.Object when json.EnumerateObject().Count() == 1 && json.TryGetProperty(Time, out JsonElement time)
            && time.ValueKind == JsonValueKind.String && time.TryGetDateTimeOffset(out DateTimeOffset moment) => moment,
        _ => throw new JsonException($"the value of '{VectorRules.Shown(key)}' is {json.ValueKind} of another form. Use a text, a number, true, false, a list of texts or {{\"time\": \"2026-01-31T12:00:00Z\"}}."),
    };
}
