using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Polymodal.VectorStore.Ingestion;

/// <summary>Reads JSON and lines of JSON: each member of the outermost list, or each line, is a paragraph of lines <c>path: value</c>.</summary>
public sealed class JsonReader : IDocumentReader
{
    /// <inheritdoc/>
    public IReadOnlyCollection<string> Extensions { get; } = [".json", ".jsonl"];

    /// <inheritdoc/>
    public async Task<DocumentText> ReadAsync(Stream stream, CancellationToken cancellationToken = default)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(await DocumentReaders.TextOfAsync(stream, cancellationToken).ConfigureAwait(false));
        var text = new StringBuilder();
        try
        {
            // Values one after the other are lines of JSON.
            var state = new JsonReaderState(new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, AllowMultipleValues = true });
            var reader = new Utf8JsonReader(utf8, isFinalBlock: true, state);
            while (reader.Read())
            {
                using JsonDocument document = JsonDocument.ParseValue(ref reader);
                JsonElement root = document.RootElement;
                foreach (JsonElement item in root.ValueKind == JsonValueKind.Array ? root.EnumerateArray() : (IEnumerable<JsonElement>)[root])
                {
                    int before = text.Length;
                    Append(text, item, "", before);
                }
            }
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"it is not JSON at line {exception.LineNumber + 1}"), exception);
        }

        return new(text.ToString(), TextFormat.Plain);
    }

    private static void Append(StringBuilder text, JsonElement value, string path, int paragraph)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty member in value.EnumerateObject())
                    Append(text, member.Value, path.Length == 0 ? member.Name : $"{path}.{member.Name}", paragraph);
                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in value.EnumerateArray())
                    Append(text, item, path, paragraph);
                break;
            case JsonValueKind.Null:
                break;
            default:
                string line = string.Join(' ', (value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText()).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
                if (line.Length == 0)
                    break;
                text.Append(text.Length > paragraph ? "\n" : paragraph > 0 ? "\n\n" : "");
                text.Append(path.Length == 0 ? line : $"{path}: {line}");
                break;
        }
    }
}
