using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Polymodal.VectorStore;

/// <summary>Filters as JSON and back.</summary>
internal static class JsonFilter
{
    private const int MaxLength = 1_000_000;
    private const string Forms = "{\"key\", \"equals\"}, {\"key\", \"in\"}, {\"key\", \"from\" | \"above\", \"to\" | \"below\"}, {\"key\", \"exists\"}, {\"key\", \"startsWith\"}, {\"words\"}, {\"and\"}, {\"or\"}, {\"not\"}";

    public static VectorFilter Read(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        if (json.Length > MaxLength)
            throw new ArgumentException($"the filter has {json.Length} characters. Use at most {MaxLength}.", nameof(json));
        try
        {
            // Each level of a filter takes two of JSON, a value up to two more.
            using JsonDocument document = JsonDocument.Parse(json, new() { MaxDepth = (2 * FilterRules.MaxDepth) + 4, AllowDuplicateProperties = false });
            return Read(document.RootElement, "$");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException) // the latter: half of a surrogate pair
        {
            throw new ArgumentException($"the filter cannot be read: {exception.Message} Use one of {Forms}.", nameof(json), exception);
        }
    }

    public static string Write(VectorFilter filter)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = (2 * FilterRules.MaxDepth) + 4 }))
            Write(writer, filter);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static VectorFilter Read(JsonElement json, string place)
    {
        if (json.ValueKind != JsonValueKind.Object)
            throw new JsonException($"{place} is {json.ValueKind}, not an object.");
        Dictionary<string, JsonElement> fields = json.EnumerateObject().ToDictionary(field => field.Name, field => field.Value, StringComparer.Ordinal);
        string form = string.Join(' ', fields.Keys.Order(StringComparer.Ordinal));
        return form switch
        {
            "and" => VectorFilter.And(ReadAll(fields["and"], $"{place}.and")),
            "or" => VectorFilter.Or(ReadAll(fields["or"], $"{place}.or")),
            "not" => VectorFilter.Not(Read(fields["not"], $"{place}.not")),
            "words" => VectorFilter.HasWords(Text(fields["words"], $"{place}.words")),
            "equals key" => VectorFilter.Equal(Key(), PayloadJson.ReadValue(fields["equals"], Key())),
            "in key" => VectorFilter.AnyOf(Key(), Items(fields["in"], $"{place}.in").Select(item => PayloadJson.ReadValue(item, Key()))),
            "key startsWith" => VectorFilter.StartsWith(Key(), Text(fields["startsWith"], $"{place}.startsWith")),
            "exists key" => fields["exists"].ValueKind switch
            {
                JsonValueKind.True => VectorFilter.Exists(Key()),
                JsonValueKind.False => VectorFilter.Not(VectorFilter.Exists(Key())),
                _ => throw new JsonException($"{place}.exists is {fields["exists"].ValueKind}, not true or false."),
            },
            "from key" or "key to" or "from key to" or "above key" or "below key" or "above below key" or "above key to" or "below from key" =>
                VectorFilter.Range(Key(), Bound("from", "above"), Bound("to", "below"), fields.ContainsKey("above"), fields.ContainsKey("below")),
            _ => throw new JsonException($"{place} has the fields '{VectorRules.Shown(form)}', which is no condition."),
        };

        string Key() => Text(fields["key"], $"{place}.key");

        PayloadValue Bound(string inside, string outside) =>
            fields.TryGetValue(inside, out JsonElement bound) || fields.TryGetValue(outside, out bound) ? PayloadJson.ReadValue(bound, Key()) : default;
    }

    private static IEnumerable<VectorFilter> ReadAll(JsonElement json, string place) => Items(json, place).Select((item, i) => Read(item, $"{place}[{i}]"));

    private static JsonElement.ArrayEnumerator Items(JsonElement json, string place) =>
        json.ValueKind == JsonValueKind.Array ? json.EnumerateArray() : throw new JsonException($"{place} is {json.ValueKind}, not a list.");

    private static string Text(JsonElement json, string place) =>
        json.ValueKind == JsonValueKind.String ? json.GetString()! : throw new JsonException($"{place} is {json.ValueKind}, not a text.");

    private static void Write(Utf8JsonWriter writer, VectorFilter filter)
    {
        writer.WriteStartObject();
        switch (filter)
        {
            case AnyOfFilter { Values: [{ } value] } equal:
                writer.WriteString("key", equal.Key);
                WriteValue("equals", value);
                break;
            case AnyOfFilter anyOf:
                writer.WriteString("key", anyOf.Key);
                writer.WriteStartArray("in");
                foreach (PayloadValue value in anyOf.Values)
                    PayloadJson.Write(writer, value);
                writer.WriteEndArray();
                break;
            case RangeFilter range:
                writer.WriteString("key", range.Key);
                WriteValue(range.ExcludesMin ? "above" : "from", range.Min);
                WriteValue(range.ExcludesMax ? "below" : "to", range.Max);
                break;
            case ExistsFilter exists:
                writer.WriteString("key", exists.Key);
                writer.WriteBoolean("exists", true);
                break;
            case PrefixFilter prefix:
                writer.WriteString("key", prefix.Key);
                writer.WriteString("startsWith", prefix.Prefix);
                break;
            case WordsFilter words:
                writer.WriteString("words", words.Words);
                break;
            case NotFilter not:
                writer.WritePropertyName("not");
                Write(writer, not.Filter);
                break;
            case AndFilter and:
                WriteAll("and", and.Filters);
                break;
            case OrFilter or:
                WriteAll("or", or.Filters);
                break;
        }

        writer.WriteEndObject();

        void WriteValue(string name, PayloadValue value)
        {
            if (value.Kind == PayloadKind.None)
                return;
            writer.WritePropertyName(name);
            PayloadJson.Write(writer, value);
        }

        void WriteAll(string name, IReadOnlyList<VectorFilter> filters)
        {
            writer.WriteStartArray(name);
            foreach (VectorFilter part in filters)
                Write(writer, part);
            writer.WriteEndArray();
        }
    }
}
