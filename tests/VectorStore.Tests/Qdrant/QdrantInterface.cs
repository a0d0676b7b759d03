using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace Polymodal.VectorStore.Tests.Qdrant;

/// <summary>Qdrant's published interface: which requests there are, and what they and their answers look like; unknown members are errors.</summary>
internal sealed class QdrantInterface
{
    private const string Address = "https://polymodal.test/qdrant";

    private readonly List<Operation> _operations = [];
    private readonly BuildOptions _build = new() { SchemaRegistry = new() };

    public static QdrantInterface Published { get; } = new(File.ReadAllText(Repository.PathOf("tests/Fixtures/qdrant/openapi.strict.json")));

    private QdrantInterface(string openApi)
    {
        JsonObject document = JsonNode.Parse(openApi.Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal))!.AsObject();
        var definitions = document["components"]!["schemas"]!.DeepClone().AsObject();
        var found = new List<(string Method, string[] Path, string[] Query, string? Request, string Answer)>();
        foreach ((string path, JsonNode? methods) in document["paths"]!.AsObject())
        {
            foreach ((string method, JsonNode? operation) in methods!.AsObject())
            {
                JsonNode? Schema(JsonNode? content) => content?["content"]?["application/json"]?["schema"]?.DeepClone();
                string? Add(JsonNode? schema, string kind)
                {
                    if (schema is null)
                        return null;
                    string name = $"{kind}-{found.Count}";
                    definitions[name] = schema;
                    return name;
                }

                string[] query = [.. (operation!["parameters"]?.AsArray() ?? []).Where(parameter => (string?)parameter!["in"] == "query").Select(parameter => (string)parameter!["name"]!)];
                found.Add((method.ToUpperInvariant(), path.Split('/', StringSplitOptions.RemoveEmptyEntries), query, Add(Schema(operation["requestBody"]), "request"), Add(Schema(operation["responses"]!["200"]), "answer") ?? "Payload"));
            }
        }

        JsonSchema.FromText(new JsonObject { ["$id"] = Address, ["$defs"] = definitions }.ToJsonString(), _build);
        _operations.AddRange(found.Select(operation => new Operation(operation.Method, operation.Path, operation.Query, operation.Request is null ? null : Of(operation.Request), Of(operation.Answer))));
    }

    /// <summary>The operation of a request; the test fails when there is none or the request is not as published.</summary>
    public Operation Check(HttpMethod method, Uri address, JsonElement? body)
    {
        string[] path = [.. address.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString)];
        Operation operation = _operations.Where(known => known.Method == method.Method && known.Path.Length == path.Length && known.Path.Zip(path).All(pair => pair.First[0] == '{' || pair.First == pair.Second))
            .OrderBy(known => known.Path.Count(part => part[0] == '{')).FirstOrDefault() ?? throw new InvalidOperationException($"Qdrant has no operation {method} {address.AbsolutePath}");
        foreach (string parameter in address.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!operation.Query.Contains(parameter.Split('=')[0]))
                throw new InvalidOperationException($"{method} {address.AbsolutePath} has no parameter {parameter}");
        }

        if (operation.Request is null != body is null)
            throw new InvalidOperationException($"{method} {address.AbsolutePath}: a body is {(body is null ? "missing" : "too much")}");
        if (body is { } request)
            Check(operation.Request!, request, $"the request {method} {address.AbsolutePath}");
        return operation;
    }

    /// <summary>Fails the test when JSON is not as published.</summary>
    public static void Check(JsonSchema schema, JsonElement json, string what)
    {
        if (!schema.Evaluate(json, new() { OutputFormat = OutputFormat.Flag }).IsValid)
            throw new InvalidOperationException($"{what} is not as published: {json.GetRawText()[..Math.Min(2000, json.GetRawText().Length)]}");
    }

    private JsonSchema Of(string definition) => JsonSchema.FromText($$"""{"$ref": "{{Address}}#/$defs/{{definition}}"}""", _build);

    internal sealed record Operation(string Method, string[] Path, string[] Query, JsonSchema? Request, JsonSchema Answer);
}
