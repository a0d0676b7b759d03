using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>A value of a JSON file together with where it stands, so that what is wrong with it can be said.</summary>
/// <param name="source">The file's name, for messages.</param>
/// <param name="path">Where the value stands, e.g. <c>model.vocab</c>; empty for the whole file.</param>
/// <param name="element">The value.</param>
internal readonly struct JsonPart(string source, string path, JsonElement element)
{
    private const int LongestQuote = 40, LongestPath = 120, LongestEnd = 40;

    /// <summary>The file's name.</summary>
    public string Source { get; } = source;

    /// <summary>A field that must be there and not be null.</summary>
    public JsonPart Required(string name) => Optional(name) ?? throw new InvalidDataException($"{Where(name)} is missing or null. Export the tokenizer again.");

    /// <summary>A field, or null where it is missing or null.</summary>
    public JsonPart? Optional(string name) => TryGet(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? Child(PathOf(name), value) : null;

    /// <summary>Whether a field is there, be it null.</summary>
    public bool Has(string name) => TryGet(name, out _);

    /// <summary>The fields of an object; of those with one name the last counts.</summary>
    public IEnumerable<(string Name, JsonPart Value)> Properties()
    {
        JsonPart self = this;
        return Object().EnumerateObject().Select(property => (property.Name, self.Child(self.PathOf(property.Name), property.Value)));
    }

    /// <summary>The fields of an object that holds whole numbers; of those with one name the last counts.</summary>
    public Dictionary<string, int> IntegersByName()
    {
        var integers = new Dictionary<string, int>(Object().GetPropertyCount());
        foreach (JsonProperty property in Object().EnumerateObject())
        {
            string name = property.Name;
            integers[name] = IsWhole(property.Value, out ulong value) && value <= int.MaxValue ? (int)value : Child(PathOf(name), property.Value).Integer();
        }

        return integers;
    }

    /// <summary>The values of a list.</summary>
    public IEnumerable<JsonPart> Items()
    {
        if (element.ValueKind != JsonValueKind.Array)
            throw Invalid("is not a list");
        JsonPart self = this;
        return element.EnumerateArray().Select((item, index) => self.Child($"{self.PathOf("")}[{index}]", item));
    }

    /// <summary>Whether the value is an object.</summary>
    public bool IsObject => element.ValueKind == JsonValueKind.Object;

    /// <summary>The values of a list, or of an object's fields.</summary>
    public IEnumerable<JsonPart> ItemsOrValues() => IsObject ? Properties().Select(property => property.Value) : Items();

    /// <summary>The value as text.</summary>
    public string Text() => element.ValueKind == JsonValueKind.String ? element.GetString()! : throw Invalid("is not text");

    /// <summary>The value as one code point.</summary>
    public System.Text.Rune Character() =>
        System.Text.Rune.DecodeFromUtf16(Text(), out System.Text.Rune character, out int length) == System.Buffers.OperationStatus.Done && length == Text().Length
            ? character : throw Invalid("is not one character");

    /// <summary>Whether the value is text.</summary>
    public bool IsText => element.ValueKind == JsonValueKind.String;

    /// <summary>The value as a finite number, to the bit as the reference reads it.</summary>
    public double Number() =>
        element.ValueKind == JsonValueKind.Number && JsonNumber.Read(JsonMarshal.GetRawUtf8Value(element)) is var value && double.IsFinite(value)
            ? value
            : throw Invalid("is not a number, or too large for one");

    /// <summary>The value as true or false.</summary>
    public bool Boolean() => element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Invalid("is neither true nor false"),
    };

    /// <summary>The value as a whole number from 0 to 2147483647.</summary>
    public int Integer() => IsWhole(element, out ulong value) && value <= int.MaxValue ? (int)value : throw Invalid("is not a whole number from 0 to 2147483647");

    /// <summary>The value as a whole number from 0, where anything beyond 2147483647 means no limit.</summary>
    public int Limit() => IsWhole(element, out ulong value) ? (int)Math.Min(value, int.MaxValue) : throw Invalid("is not a whole number from 0");

    /// <summary>The value as one of an enumeration's names.</summary>
    public T Name<T>()
        where T : struct, Enum =>
        Array.IndexOf(Enum.GetNames<T>(), Text()) is var index and >= 0 ? Enum.GetValues<T>()[index] : throw Invalid($"is not one of {string.Join(", ", Enum.GetNames<T>())}");

    /// <summary>A field of the value, or null where the value is no object or does not have it.</summary>
    public JsonPart? FieldOrNull(string name) => element.ValueKind == JsonValueKind.Object ? Optional(name) : null;

    /// <summary>An error that quotes the value.</summary>
    /// <param name="problem">What is wrong with it, e.g. <c>is not a list</c>.</param>
    public InvalidDataException Invalid(string problem)
    {
        string quote = element.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? $"a JSON {element.ValueKind.ToString().ToLowerInvariant()}" : element.GetRawText();
        return new InvalidDataException($"{(path.Length == 0 ? $"{Source}: the file" : Where(""))}, {Shortened(quote)}, {problem}. Export the tokenizer again.");
    }

    /// <summary>A text from the file as messages quote it.</summary>
    public static string Shortened(string text) => text.Length <= LongestQuote ? text : string.Concat(text.AsSpan(0, LongestQuote), "…");

    /// <summary>The file, and where in it a field of this value stands, as messages name it: of a long way the beginning and the end.</summary>
    public string Where(string name)
    {
        string place = PathOf(name);
        return $"{Source}: {(place.Length <= LongestPath ? place : $"{place[..(LongestPath - LongestEnd)]}…{place[^LongestEnd..]}")}";
    }

    private string PathOf(string name) => path.Length == 0 || name.Length == 0 ? path + name : $"{path}.{name}";

    private static bool IsWhole(JsonElement element, out ulong value)
    {
        value = 0;
        return element.ValueKind == JsonValueKind.Number && element.TryGetUInt64(out value);
    }

    private bool TryGet(string name, [MaybeNullWhen(false)] out JsonElement value) => Object().TryGetProperty(name, out value);

    private JsonElement Object() => element.ValueKind == JsonValueKind.Object ? element : throw Invalid("is not an object");

    private JsonPart Child(string childPath, JsonElement value) => new(Source, childPath, value);
}
