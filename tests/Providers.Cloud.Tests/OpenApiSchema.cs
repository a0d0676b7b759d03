using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace Polymodal.Providers.Cloud.Tests;

/// <summary>The schemas of <c>tests/Fixtures/http/openapi</c>, for a plain JSON Schema validator.</summary>
internal static class OpenApiSchema
{
    private static readonly string[] Foreign = ["discriminator", "example", "optional"];

    /// <summary>What is wrong with a body; empty when it is valid.</summary>
    /// <param name="reference">File and schema, e.g. <c>openai.json#CreateEmbeddingRequest</c>, or file and path, e.g. <c>voyage.json#/embeddings</c>; a file that is a JSON Schema itself has no name behind <c>#</c>.</param>
    /// <param name="body">The body.</param>
    public static string Faults(string reference, JsonNode body)
    {
        string[] parts = reference.Split('#');
        JsonObject document = JsonNode.Parse(File.ReadAllText(Path.Combine(HttpFixture.Folder, "openapi", parts[0]))
            .Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal))!.AsObject();
        JsonNode root = document;
        if (parts.Length == 2)
        {
            root = parts[1].StartsWith('/')
                ? document["paths"]![parts[1]]!["post"]!["requestBody"]!["content"]!["application/json"]!["schema"]!.DeepClone()
                : new JsonObject { ["$ref"] = $"#/$defs/{parts[1]}" };
            root["$defs"] = document["components"]?["schemas"]?.DeepClone() ?? new JsonObject();
        }

        AllowNull(root);
        JsonSchema schema = JsonSchema.FromText(root.ToJsonString());
        EvaluationResults results = schema.Evaluate(JsonSerializer.SerializeToElement(body), new EvaluationOptions { OutputFormat = OutputFormat.List });
        return results.IsValid ? "" : string.Join("; ", (results.Details ?? []).Where(detail => detail.Errors is not null)
            .SelectMany(detail => detail.Errors!.Select(error => $"{detail.InstanceLocation} {error.Key}: {error.Value}")).Distinct());
    }

    /// <summary>OpenAPI 3.0 writes <c>nullable</c>, <c>discriminator</c> and notes for people, which JSON Schema does not know.</summary>
    private static void AllowNull(JsonNode? node)
    {
        if (node is JsonObject value)
        {
            foreach (string name in value.Where(property => Foreign.Contains(property.Key) || property.Key.StartsWith("x-", StringComparison.Ordinal)).Select(property => property.Key).ToArray())
                value.Remove(name);
            value.Remove("id");
            value.Remove("$id");
            if (value["nullable"]?.GetValueKind() == JsonValueKind.True && value["type"]?.GetValueKind() == JsonValueKind.String)
                value["type"] = new JsonArray(value["type"]!.GetValue<string>(), "null");
            if (value["nullable"]?.GetValueKind() is JsonValueKind.True or JsonValueKind.False)
                value.Remove("nullable");
            foreach (JsonNode? child in value.Select(property => property.Value).ToArray())
                AllowNull(child);
        }
        else if (node is JsonArray items)
        {
            foreach (JsonNode? item in items)
                AllowNull(item);
        }
    }
}
