using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;

namespace Polymodal.Providers.Cloud.Tests;

public sealed class RerankerTests
{
    private static readonly string[] Documents = [.. Enumerable.Range(0, 7).Select(i => $"document {i}")];

    [Theory]
    [InlineData("cohere", "https://api.cohere.com/v2/rerank", """{"model":"rerank-v3.5","query":"which?","documents":["document 0","document 1","document 2"]}""")]
    [InlineData("jina", "https://api.jina.ai/v1/rerank", """{"model":"jina-reranker-v2-base-multilingual","query":"which?","documents":["document 0","document 1","document 2"],"return_documents":false}""")]
    [InlineData("voyage", "https://api.voyageai.com/v1/rerank", """{"model":"rerank-2.5","query":"which?","documents":["document 0","document 1","document 2"],"truncation":false}""")]
    [InlineData("tei", "http://localhost:8080/rerank", """{"query":"which?","texts":["document 0","document 1","document 2"],"truncate":false,"raw_scores":false}""")]
    public async Task Requests_are_the_documented_ones_and_answers_are_merged_in_order(string service, string uri, string firstBody)
    {
        using var transport = Transport(service);
        using var services = Register(service, transport, options => options.MaxInputsPerRequest = 3);
        var result = await services.GetRequiredService<IReranker>().RerankAsync("which?", Documents, top: 4);
        Assert.Equal([3, 6, 2, 5], result.Select(match => match.Index));
        Assert.Equal(result.OrderByDescending(match => match.Score), result);
        Assert.Equal(3, transport.Requests.Count);
        Assert.Equal(uri, transport.Requests[0].Uri.AbsoluteUri);
        Assert.Contains(transport.Requests, request => JsonNode.DeepEquals(JsonNode.Parse(firstBody), JsonNode.Parse(request.Body)));
        if (service == "tei")
            Assert.Equal("", OpenApiSchema.Faults("tei.json#RerankRequest", JsonNode.Parse(firstBody)!));
    }

    [Theory]
    [InlineData("""{"results":[{"index":0,"relevance_score":0.5}]}""")]
    [InlineData("""{"results":[{"index":0,"relevance_score":0.5},{"index":0,"relevance_score":0.5}]}""")]
    [InlineData("""{"results":[{"index":0,"relevance_score":0.5},{"index":2,"relevance_score":0.5}]}""")]
    [InlineData("""{"results":[{"index":0,"relevance_score":1e400},{"index":1,"relevance_score":0.5}]}""")]
    [InlineData("{}")]
    public async Task Answers_with_a_fault_are_refused(string body)
    {
        using var transport = new RecordingTransport(_ => RecordingTransport.Json(body));
        using var services = Register("cohere", transport);
        Assert.Equal(CloudFailure.InvalidAnswer, (await Assert.ThrowsAsync<CloudServiceException>(() => services.GetRequiredService<IReranker>().RerankAsync("which?", Documents[..2]))).Failure);
    }

    [Fact]
    public async Task No_document_is_a_call_without_request_and_empty_ones_are_refused()
    {
        using var transport = Transport("cohere");
        using var services = Register("cohere", transport);
        Assert.Empty(await services.GetRequiredService<IReranker>().RerankAsync("which?", []));
        await Assert.ThrowsAsync<ArgumentException>(() => services.GetRequiredService<IReranker>().RerankAsync("which?", ["a", ""]));
        await Assert.ThrowsAsync<ArgumentException>(() => services.GetRequiredService<IReranker>().RerankAsync("", ["a"]));
        Assert.Empty(transport.Requests);
    }

    /// <summary>A document's score grows with its number's place in 0, 4, 1, 5, 2, 6, 3.</summary>
    private static RecordingTransport Transport(string service) => new(request =>
    {
        JsonElement root = JsonDocument.Parse(request.Body).RootElement;
        double[] scores = [.. root.GetProperty(service == "tei" ? "texts" : "documents").EnumerateArray().Select(text => int.Parse(text.GetString()![9..], System.Globalization.CultureInfo.InvariantCulture) switch { < 4 and var n => (2 * n) + 0.5, var n => 2.0 * (n - 4) + 1 })];
        string name = service == "tei" ? "score" : "relevance_score";
        string list = $"[{string.Join(",", scores.Select((score, i) => $$"""{"index":{{i}},"{{name}}":{{score.ToString(System.Globalization.CultureInfo.InvariantCulture)}} }""").Reverse())}]";
        return RecordingTransport.Json(service switch { "tei" => list, "voyage" => $$"""{"data":{{list}} }""", _ => $$"""{"results":{{list}} }""" });
    });

    private static ServiceProvider Register(string service, HttpMessageHandler transport, Action<CloudOptions>? more = null)
    {
        void Configure(CloudOptions options)
        {
            (options.ApiKey, options.Transport) = (Services.Key, transport);
            more?.Invoke(options);
        }

        var services = new ServiceCollection();
        return (service switch
        {
            "cohere" => services.AddCohereReranker(Configure),
            "jina" => services.AddJinaReranker(Configure),
            "voyage" => services.AddVoyageReranker(Configure),
            _ => services.AddTextEmbeddingsInferenceReranker(options =>
            {
                options.Endpoint = new Uri("http://localhost:8080");
                Configure(options);
            }),
        }).BuildServiceProvider();
    }
}
