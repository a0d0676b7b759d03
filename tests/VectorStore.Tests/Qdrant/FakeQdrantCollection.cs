using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Polymodal.VectorStore.Tests.Qdrant;

/// <summary>A collection of the fake: payloads and sparse vectors here, vectors in a <see cref="MemoryVectorStore"/>, which ranks them.</summary>
internal sealed class FakeQdrantCollection
{
    private readonly SortedDictionary<string, (JsonObject Payload, Dictionary<string, float[]> Vectors, Dictionary<uint, float> Words)> _points = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _sizes;
    private readonly IVectorCollection? _memory;

    public FakeQdrantCollection(JsonElement vectors)
    {
        _sizes = vectors.EnumerateObject().ToDictionary(vector => vector.Name, vector => vector.Value.GetProperty("size").GetInt32());
        if (_sizes.Count > 0)
        {
            _memory = new MemoryVectorStore().GetOrCreateCollectionAsync("points", new(vectors.EnumerateObject().Select(vector => KeyValuePair.Create(Own(vector.Name), new VectorDefinition
            {
                SpaceId = "fake",
                Dimensions = vector.Value.GetProperty("size").GetInt32(),
                Metric = vector.Value.GetProperty("distance").GetString() switch { "Dot" => SimilarityMetric.DotProduct, "Euclid" => SimilarityMetric.Euclidean, var other => throw new NotSupportedException(other) },
            })))).GetAwaiter().GetResult();
        }
    }

    public void Upsert(JsonElement list)
    {
        var records = new List<VectorRecord>();
        foreach (JsonElement point in list.GetProperty("points").EnumerateArray())
        {
            string id = point.GetProperty("id").GetString()!;
            var vectors = new Dictionary<string, float[]>();
            var words = new Dictionary<uint, float>();
            foreach (JsonProperty vector in point.GetProperty("vector").EnumerateObject())
            {
                if (vector.Value.ValueKind == JsonValueKind.Object)
                {
                    uint[] indices = [.. vector.Value.GetProperty("indices").EnumerateArray().Select(index => index.GetUInt32())];
                    Assert.Equal(indices.Length, indices.Distinct().Count());
                    words = indices.Zip(vector.Value.GetProperty("values").EnumerateArray()).ToDictionary(pair => pair.First, pair => pair.Second.GetSingle());
                }
                else
                {
                    float[] numbers = [.. vector.Value.EnumerateArray().Select(number => number.GetSingle())];
                    Assert.Equal(_sizes[vector.Name], numbers.Length);
                    vectors[vector.Name] = numbers;
                }
            }

            _points[id] = (JsonNode.Parse(point.GetProperty("payload").GetRawText(), documentOptions: new() { MaxDepth = 1000 })!.AsObject(), vectors, words);
            _memory?.DeleteAsync([id]).GetAwaiter().GetResult();
            if (vectors.Count > 0)
                records.Add(new() { Id = id, Vectors = vectors.ToDictionary(vector => Own(vector.Key), vector => new Embedding<float>(vector.Value)) });
        }

        _memory?.UpsertAsync(records).GetAwaiter().GetResult();
    }

    public void Delete(JsonElement selector)
    {
        string[] ids = selector.TryGetProperty("points", out JsonElement points) ? [.. points.EnumerateArray().Select(id => id.GetString()!)] : [.. Matching(selector)];
        foreach (string id in ids)
            _points.Remove(id);
        _memory?.DeleteAsync(ids.Select(RecordId.FromText)).GetAwaiter().GetResult();
    }

    /// <summary>The ids of the points that a request's filter means.</summary>
    public IEnumerable<string> Matching(JsonElement request) =>
        request.TryGetProperty("filter", out JsonElement filter) ? _points.Keys.Where(id => Matches(id, filter)).ToList() : _points.Keys.ToList();

    public JsonArray Retrieve(JsonElement request) =>
        new([.. request.GetProperty("ids").EnumerateArray().Select(id => id.GetString()!).Where(_points.ContainsKey).Select(id => Point(id, request))]);

    public JsonObject Scroll(JsonElement request)
    {
        int limit = request.GetProperty("limit").GetInt32();
        IEnumerable<string> ids = Matching(request);
        if (request.TryGetProperty("order_by", out JsonElement order))
        {
            string key = order.GetProperty("key").GetString()!;
            return new() { ["points"] = new JsonArray([.. ids.Where(id => _points[id].Payload.ContainsKey(key)).OrderByDescending(id => (double)_points[id].Payload[key]!).Take(limit).Select(id => Point(id, request))]) };
        }

        if (request.TryGetProperty("offset", out JsonElement offset))
            ids = ids.SkipWhile(id => string.CompareOrdinal(id, offset.GetString()) < 0);
        string[] page = [.. ids.Take(limit + 1)];
        return new() { ["points"] = new JsonArray([.. page.Take(limit).Select(id => Point(id, request))]), ["next_page_offset"] = page.Length > limit ? page[limit] : null };
    }

    public JsonObject Query(JsonElement request)
    {
        IEnumerable<(string Id, float Score)> ranked = request.TryGetProperty("prefetch", out JsonElement prefetch)
            ? Fused([.. prefetch.EnumerateArray().Select(one => Ranked(one).Select(match => match.Id).ToArray())], request.GetProperty("query").GetProperty("rrf"))
            : Ranked(request);
        return new()
        {
            ["points"] = new JsonArray([.. ranked.Take((int)Math.Min(int.MaxValue, request.GetProperty("limit").GetInt64())).Select(match =>
            {
                JsonObject point = Point(match.Id, request);
                point["score"] = match.Score;
                point["version"] = 1;
                return point;
            })]),
        };
    }

    private static string Own(string name) => name == "(default)" ? "" : name;

    private static IEnumerable<(string Id, float Score)> Fused(string[][] rankings, JsonElement rrf)
    {
        float[] weights = [.. rrf.GetProperty("weights").EnumerateArray().Select(weight => weight.GetSingle())];
        double k = rrf.GetProperty("k").GetDouble();
        return rankings.SelectMany((ranking, list) => ranking.Select((id, place) => (id, Score: weights[list] / (k + place + 1))))
            .GroupBy(part => part.id).Select(group => (group.Key, (float)group.Sum(part => part.Score))).OrderByDescending(match => match.Item2);
    }

    private List<(string Id, float Score)> Ranked(JsonElement request)
    {
        string[] allowed = [.. Matching(request)];
        string vector = request.GetProperty("using").GetString()!;
        JsonElement query = request.GetProperty("query");
        int limit = (int)Math.Min(int.MaxValue, request.GetProperty("limit").GetInt64());
        if (query.ValueKind == JsonValueKind.Object)
        {
            Dictionary<uint, float> wanted = query.GetProperty("indices").EnumerateArray().Zip(query.GetProperty("values").EnumerateArray()).ToDictionary(pair => pair.First.GetUInt32(), pair => pair.Second.GetSingle());
            return [.. allowed.Select(id => (id, Score: (float)_points[id].Words.Where(word => wanted.ContainsKey(word.Key)).Sum(word =>
            {
                int having = _points.Values.Count(point => point.Words.ContainsKey(word.Key));
                return word.Value * wanted[word.Key] * Math.Log((_points.Count - having + 0.5) / (having + 0.5) + 1);
            }))).Where(match => match.Score > 0).OrderByDescending(match => match.Score).Take(limit)];
        }

        Assert.Equal(_sizes[vector], query.GetArrayLength());
        HashSet<string> mayBe = [.. allowed];
        VectorSearchResult found = _memory!.SearchAsync(
            new Embedding<float>(query.EnumerateArray().Select(number => number.GetSingle()).ToArray()), new VectorSearchOptions { K = Math.Max(1, _points.Count), VectorName = Own(vector) }).GetAwaiter().GetResult();
        bool isDistance = _memory.Definition.Vectors[Own(vector)].Metric == SimilarityMetric.Euclidean;
        return [.. found.Where(match => mayBe.Contains(match.Record.Id.AsText())).Take(limit).Select(match => (match.Record.Id.AsText(), isDistance ? -match.Score : match.Score))];
    }

    private JsonObject Point(string id, JsonElement request)
    {
        (JsonObject payload, Dictionary<string, float[]> vectors, _) = _points[id];
        var point = new JsonObject { ["id"] = id };
        JsonElement keys = request.GetProperty("with_payload");
        HashSet<string>? wanted = keys.ValueKind == JsonValueKind.Array ? [.. keys.EnumerateArray().Select(key => key.GetString()!)] : null;
        if (keys.ValueKind != JsonValueKind.False)
            point["payload"] = new JsonObject(payload.Where(pair => wanted is null || wanted.Contains(pair.Key)).Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone())));
        if (request.GetProperty("with_vector").GetBoolean())
            point["vector"] = new JsonObject(vectors.Select(vector => KeyValuePair.Create(vector.Key, (JsonNode?)new JsonArray([.. vector.Value.Select(number => (JsonNode)JsonValue.Create(number))]))));
        return point;
    }

    private bool Matches(string id, JsonElement filter)
    {
        if (filter.TryGetProperty("has_id", out JsonElement ids))
            return ids.EnumerateArray().Any(one => one.GetString() == id);
        if (filter.TryGetProperty("key", out JsonElement key))
            return Field(_points[id].Payload, key.GetString()!).Any(value => Holds(value, filter));
        return (!filter.TryGetProperty("must", out JsonElement must) || must.EnumerateArray().All(part => Matches(id, part)))
            && (!filter.TryGetProperty("should", out JsonElement should) || should.EnumerateArray().Any(part => Matches(id, part)))
            && (!filter.TryGetProperty("must_not", out JsonElement mustNot) || !mustNot.EnumerateArray().Any(part => Matches(id, part)));
    }

    private static IEnumerable<JsonNode> Field(JsonObject payload, string path)
    {
        JsonNode? value = path.Split('.').Aggregate((JsonNode?)payload, (node, part) => node is JsonObject here ? here[part] : null);
        return value is JsonArray list ? list.Select(item => item!) : value is null ? [] : [value];
    }

    private static bool Holds(JsonNode value, JsonElement condition)
    {
        if (condition.TryGetProperty("match", out JsonElement match))
        {
            return match.TryGetProperty("any", out JsonElement any)
                ? any.EnumerateArray().Any(one => one.GetString() == (string?)value)
                : match.GetProperty("value").GetString() == (string?)value;
        }

        double number = (double)value;
        JsonElement range = condition.GetProperty("range");
        return (!range.TryGetProperty("gte", out JsonElement least) || number >= least.GetDouble()) && (!range.TryGetProperty("lte", out JsonElement most) || number <= most.GetDouble());
    }
}
