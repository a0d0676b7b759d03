using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Polymodal.VectorStore.Ordered;

namespace Polymodal.VectorStore.Qdrant;

/// <summary>A filter in Qdrant's terms.</summary>
/// <param name="Json">The filter; null for every point.</param>
/// <param name="IsExact">Whether it means the same. Otherwise it means more, and <see cref="VectorFilter.Matches"/> has the last word.</param>
/// <remarks>
/// Each point has a list of keywords <c>fields</c>: a token for each payload key and one for each value, equal values of both kinds of numbers being equal tokens. So
/// equality needs neither a path, which odd keys have none of, nor an index for each key. Ranges of numbers are narrowed by <c>numbers.key</c>; ranges of other values and beginnings only by the key.
/// </remarks>
internal sealed record QdrantFilter(JsonNode? Json, bool IsExact)
{
    private const int LongestToken = 1_000;

    /// <summary>Translates.</summary>
    public static QdrantFilter Of(VectorFilter? filter, LexicalTokenizer tokenizer) => filter switch
    {
        null or AndFilter { Filters.Count: 0 } => new(null, true),
        AnyOfFilter { Values.Count: 0 } or OrFilter { Filters.Count: 0 } => new(Nothing(), true),
        AnyOfFilter anyOf => new(AnyToken(anyOf.Values.Select(value => Token(anyOf.Key, value))), true),
        ExistsFilter exists => new(AnyToken([KeyToken(exists.Key)]), true),
        PrefixFilter prefix => new(AnyToken([KeyToken(prefix.Key)]), false),
        RangeFilter range => Range(range),
        WordsFilter words => Words([.. LexicalTokens.Of(words.Words, tokenizer).Distinct(StringComparer.Ordinal)]),
        AndFilter and => And([.. and.Filters.Select(part => Of(part, tokenizer))]),
        OrFilter or => Or([.. or.Filters.Select(part => Of(part, tokenizer))]),
        NotFilter not => Not(Of(not.Filter, tokenizer)),
        _ => new(null, false),
    };

    /// <summary>Both conditions.</summary>
    public QdrantFilter With(JsonNode condition) => And([this, new(condition, true)]);

    /// <summary>A fresh copy of the filter, to stand in a request.</summary>
    public JsonNode? ToNode() => Json?.DeepClone();

    /// <summary>The list <c>fields</c> of a payload.</summary>
    public static IEnumerable<string> TokensOf(Payload payload) =>
        payload.SelectMany(pair => pair.Value.Kind == PayloadKind.TextList ? pair.Value.AsList().Select(text => Token(pair.Key, text)) : [Token(pair.Key, pair.Value)])
            .Concat(payload.Keys.Select(KeyToken)).Distinct(StringComparer.Ordinal);

    /// <summary>Points of which a list has a keyword.</summary>
    public static JsonObject Has(string list, string keyword) => Must(Condition(list, new JsonObject { ["value"] = keyword }));

    /// <summary>Points of which a list has one of some keywords.</summary>
    public static JsonObject HasAny(string list, IEnumerable<string> keywords) => Must(Condition(list, new JsonObject { ["any"] = Array(keywords) }));

    /// <summary>Points with one of some ids.</summary>
    public static JsonObject HasId(IEnumerable<string> ids) => Must(new JsonObject { ["has_id"] = Array(ids) });

    /// <summary>Whether a key can stand in a path as it is.</summary>
    public static bool IsPath(string key) => key.Length > 0 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');

    private static QdrantFilter Range(RangeFilter range)
    {
        PayloadValue known = range.Min.Kind == PayloadKind.None ? range.Max : range.Min;
        if (range.Min.Kind != PayloadKind.None && range.Max.Kind != PayloadKind.None && PayloadValue.Compare(range.Min, range.Max) is null)
            return new(Nothing(), true);
        if (known.Kind is not (PayloadKind.Integer or PayloadKind.Number) || !IsPath(range.Key))
            return new(AnyToken([KeyToken(range.Key)]), false);
        // Bounds and values are rounded to double alike, which keeps their order but may make them equal: so the bounds are always inside.
        var bounds = new JsonObject();
        if (range.Min.Kind != PayloadKind.None)
            bounds["gte"] = (double)range.Min;
        if (range.Max.Kind != PayloadKind.None)
            bounds["lte"] = (double)range.Max;
        return new(Must(new JsonObject { ["key"] = "numbers." + range.Key, ["range"] = bounds }), false);
    }

    private static QdrantFilter Words(string[] tokens) =>
        tokens.Length == 0 ? new(Nothing(), true) : new(Must([.. tokens.Select(token => Condition("words", new JsonObject { ["value"] = token }))]), true);

    private static QdrantFilter And(QdrantFilter[] parts)
    {
        JsonNode[] conditions = [.. parts.Where(part => part.Json is not null).Select(part => part.ToNode()!)];
        return new(conditions.Length == 0 ? null : Must(conditions), parts.All(part => part.IsExact));
    }

    private static QdrantFilter Or(QdrantFilter[] parts)
    {
        bool isExact = parts.All(part => part.IsExact);
        return parts.Any(part => part.Json is null) ? new(null, isExact) : new(new JsonObject { ["should"] = new JsonArray([.. parts.Select(part => part.ToNode())]) }, isExact);
    }

    private static QdrantFilter Not(QdrantFilter part) => (part.IsExact, part.Json) switch
    {
        (false, _) => new(null, false), // what is not among more than was meant may still be meant
        (true, null) => new(Nothing(), true),
        _ => new(new JsonObject { ["must_not"] = new JsonArray(part.ToNode()) }, true),
    };

    private static JsonObject Nothing() => HasId([]);

    private static JsonObject AnyToken(IEnumerable<string> tokens) => HasAny("fields", tokens.Distinct(StringComparer.Ordinal));

    private static JsonObject Must(params JsonNode[] conditions) => new() { ["must"] = new JsonArray(conditions) };

    private static JsonObject Condition(string key, JsonObject match) => new() { ["key"] = key, ["match"] = match };

    private static JsonArray Array(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)JsonValue.Create(text))]);

    // The length in front keeps a key that looks like another with a value apart from it.
    private static string KeyToken(string key) => Short(FormattableString.Invariant($"{key.Length}:{key}"));

    private static string Token(string key, PayloadValue value) => Short(FormattableString.Invariant($"{key.Length}:{key}=") +
        (value.Kind == PayloadKind.Text ? "\"" + (string)value! : Convert.ToHexStringLower(OrderedBytes.Single(value))));

    private static string Short(string token) => token.Length <= LongestToken ? token : "#" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
