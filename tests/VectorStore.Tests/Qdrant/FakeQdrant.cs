using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Polymodal.VectorStore.Tests.Qdrant;

/// <summary>A fake Qdrant: answers the requests that <see cref="QdrantVectorStore"/> sends, out of memory stores. Every request and every answer is checked against the published interface. It knows nothing of shards, indexes or partial failure.</summary>
internal sealed class FakeQdrant : HttpMessageHandler
{
    private readonly Dictionary<string, FakeQdrantCollection> _collections = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <summary>What to do before a request is looked at: an answer or an error of its own, or null to go on.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage?>? Before { get; set; }

    /// <summary>Method and path of each request answered.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>The body of the last request with one.</summary>
    public JsonElement LastBody { get; private set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (Before?.Invoke(request) is { } answered)
            return answered;
        JsonElement? body = null;
        if (request.Content is not null)
            body = JsonDocument.Parse(await request.Content.ReadAsByteArrayAsync(cancellationToken), new() { MaxDepth = 1000 }).RootElement;
        QdrantInterface.Operation operation = QdrantInterface.Published.Check(request.Method, request.RequestUri!, body);
        JsonNode? result;
        lock (_lock)
        {
            Requests.Add($"{request.Method} {request.RequestUri!.AbsolutePath}");
            LastBody = body ?? LastBody;
            string[] path = [.. request.RequestUri.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries)];
            (HttpStatusCode status, result) = Answer(request.Method.Method + " /" + string.Join('/', path.Skip(2)), path.Length > 1 ? path[1] : "", body);
            if (result is null)
                return Message(status, $$"""{"status":{"error":"Not found: Collection `{{path[1]}}` doesn't exist!"},"time":0.0}""");
        }

        string answer = new JsonObject { ["result"] = result, ["status"] = "ok", ["time"] = 0.001 }.ToJsonString();
        using JsonDocument checkedAnswer = JsonDocument.Parse(answer, new() { MaxDepth = 1000 });
        QdrantInterface.Check(operation.Answer, checkedAnswer.RootElement, $"the answer to {request.Method} {request.RequestUri}");
        return Message(HttpStatusCode.OK, answer);
    }

    public static HttpResponseMessage Message(HttpStatusCode status, string json) => new(status) { Content = new StringContent(json, Encoding.UTF8, "application/json") };

    private (HttpStatusCode, JsonNode?) Answer(string what, string name, JsonElement? body)
    {
        FakeQdrantCollection? collection = _collections.GetValueOrDefault(name);
        switch (what)
        {
            case "GET /exists":
                return (HttpStatusCode.OK, new JsonObject { ["exists"] = collection is not null });
            case "PUT /":
                _collections.Add(name, new(body!.Value.GetProperty("vectors")));
                return (HttpStatusCode.OK, true);
            case "DELETE /":
                return (HttpStatusCode.OK, _collections.Remove(name));
        }

        if (collection is null)
            return (HttpStatusCode.NotFound, null);
        return (HttpStatusCode.OK, what switch
        {
            "PUT /index" => Updated(),
            "PUT /points" => Updated(() => collection.Upsert(body!.Value)),
            "POST /points/delete" => Updated(() => collection.Delete(body!.Value)),
            "POST /points/batch" => new JsonArray([.. body!.Value.GetProperty("operations").EnumerateArray().Select(operation => Updated(() =>
            {
                JsonProperty one = operation.EnumerateObject().Single();
                if (one.Name == "upsert")
                    collection.Upsert(one.Value);
                else
                    collection.Delete(one.Value);
            }))]),
            "POST /points" => collection.Retrieve(body!.Value),
            "POST /points/scroll" => collection.Scroll(body!.Value),
            "POST /points/count" => new JsonObject { ["count"] = collection.Matching(body!.Value).Count() },
            "POST /points/query" => collection.Query(body!.Value),
            _ => throw new NotSupportedException($"the fake does not know {what}"),
        });
    }

    private static JsonObject Updated(Action? update = null)
    {
        update?.Invoke();
        return new() { ["operation_id"] = 1, ["status"] = "completed" };
    }
}
