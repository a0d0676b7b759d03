using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Polymodal.Providers.Cloud.Tests;

/// <summary>A pair in <c>tests/Fixtures/http</c>: what is asked for, the request that must leave, the documented answer, and what must come of it.</summary>
internal sealed class HttpFixture
{
    private readonly JsonObject _json;

    private HttpFixture(JsonObject json) => _json = json;

    public static string Folder => Repository.PathOf("tests/Fixtures/http");

    public static IEnumerable<string> Names => Directory.EnumerateDirectories(Folder).Where(folder => Path.GetFileName(folder) != "openapi")
        .SelectMany(folder => Directory.EnumerateFiles(folder, "*.json")).Select(file => Path.GetRelativePath(Folder, file).Replace('\\', '/')).Order(StringComparer.Ordinal);

    public string Framework => Text("framework")!;

    public IReadOnlyList<object> Inputs => [.. _json["inputs"]!.AsArray().Select(Input)];

    public EmbeddingIntent? Intent => Text("intent") is { } intent ? Enum.Parse<EmbeddingIntent>(intent, ignoreCase: true) : null;

    public JsonObject Options => _json["options"]?.AsObject() ?? [];

    public JsonObject Request => _json["request"]!.AsObject();

    public JsonObject Response => _json["response"]!.AsObject();

    /// <summary>E.g. <c>openai.json#CreateEmbeddingRequest</c>; null where there is no machine-readable contract.</summary>
    public string? Schema => Text("schema");

    public float[][]? Vectors => _json["vectors"]?.Deserialize<float[][]>();

    public int? VectorLength => _json["length"]?.GetValue<int>();

    public long? Usage => _json["usage"]?.GetValue<long>();

    public IReadOnlyDictionary<string, long>? Units => _json["units"]?.Deserialize<Dictionary<string, long>>();

    public JsonObject? Error => _json["error"]?.AsObject();

    public static HttpFixture Read(string name) => new(JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, name)))!.AsObject());

    private string? Text(string name) => _json[name]?.GetValue<string>();

    private static object Input(JsonNode? node) => node is JsonObject media
        ? new DataContent(Convert.FromBase64String(media["base64"]!.GetValue<string>()), media["mediaType"]!.GetValue<string>())
        : node!.GetValue<string>();
}
