using System.Net;
using System.Numerics.Tensors;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Polymodal.Providers.Cloud.Tests;

/// <summary>Every pair of request and answer in <c>tests/Fixtures/http</c>.</summary>
public sealed class HttpFixtureTests
{
    public static TheoryData<string> Fixtures => new(HttpFixture.Names);

    [Theory, MemberData(nameof(Fixtures))]
    public async Task Request_and_answer_are_the_documented_ones(string name)
    {
        HttpFixture fixture = HttpFixture.Read(name);
        using var transport = new RecordingTransport(_ => Answer(fixture.Response));
        using ServiceProvider services = Register(fixture, transport);

        GeneratedEmbeddings<Embedding<float>>? result = null;
        CloudServiceException? error = null;
        try
        {
            result = await GenerateAsync(services, fixture);
        }
        catch (CloudServiceException exception)
        {
            error = exception;
        }

        SentRequest request = transport.Requests[^1];
        Assert.Equal(fixture.Request["uri"]!.GetValue<string>(), request.Uri.AbsoluteUri);
        foreach ((string header, JsonNode? value) in fixture.Request["headers"]?.AsObject() ?? [])
            Assert.Equal(value!.GetValue<string>().Replace("{key}", Services.Key, StringComparison.Ordinal), request.Headers[header]);
        if (fixture.Request["bytes"] is { } bytes)
            Assert.Equal(bytes.GetValue<string>(), Convert.ToBase64String(request.Body));
        if (fixture.Request["body"] is { } body)
        {
            JsonNode sent = JsonNode.Parse(request.Body)!;
            Assert.True(JsonNode.DeepEquals(body, sent), $"expected {body.ToJsonString()}\nfound    {sent.ToJsonString()}");
            if (fixture.Schema is { } schema)
                Assert.Equal("", OpenApiSchema.Faults(schema, sent));
        }

        if (fixture.Error is { } expected)
            AssertError(expected, error);
        else
            AssertVectors(fixture, error is null ? result! : throw error);
    }

    [Theory, MemberData(nameof(Fixtures))]
    public async Task Answers_may_have_members_that_nobody_knows(string name)
    {
        HttpFixture fixture = HttpFixture.Read(name);
        if (fixture.Error is not null || fixture.Response["body"] is not JsonObject body)
            return; // Errors are read leniently by their own tests; a bare array has no members.
        body = body.DeepClone().AsObject();
        body["polymodal_unknown"] = new JsonObject { ["deep"] = new JsonArray(1, "two", null) };
        var response = fixture.Response.DeepClone().AsObject();
        response["body"] = body;
        using var transport = new RecordingTransport(_ => Answer(response));
        using ServiceProvider services = Register(fixture, transport);
        AssertVectors(fixture, await GenerateAsync(services, fixture));
    }

    [Fact]
    public void Schemas_refuse_known_bad_requests()
    {
        Assert.NotEqual("", OpenApiSchema.Faults("openai.json#CreateEmbeddingRequest", JsonNode.Parse("""{"model":"text-embedding-3-small","input":["a"],"input_type":"query"}""")!));
        Assert.NotEqual("", OpenApiSchema.Faults("mistral.json#EmbeddingRequest", JsonNode.Parse("""{"model":"mistral-embed","input":["a"],"dimensions":3}""")!));
        Assert.NotEqual("", OpenApiSchema.Faults("jina.own.json#TextV3", JsonNode.Parse("""{"model":"jina-embeddings-v3","input":["a"],"task":"clustering"}""")!));
        Assert.NotEqual("", OpenApiSchema.Faults("jina.own.json#ClipV2", JsonNode.Parse("""{"model":"jina-clip-v2","input":["a"],"task":"retrieval.passage"}""")!));
        Assert.NotEqual("", OpenApiSchema.Faults("gemini.own.json#BatchEmbed", JsonNode.Parse("""{"requests":[{"model":"models/m","content":{"parts":[{"text":"a","inlineData":{"mimeType":"image/png","data":"AA=="}}]}}]}""")!));
    }

    private static ServiceProvider Register(HttpFixture fixture, HttpMessageHandler transport)
    {
        Registration registration = Services.All[fixture.Framework];
        var services = new ServiceCollection();
        registration.Register(services, options =>
        {
            options.ApiKey = Services.Key;
            registration.Prepare?.Invoke(options);
            options.Transport = transport;
            options.MaxRetries = 0;
            options.Normalize = fixture.Options["normalize"]?.GetValue<bool>() ?? false;
            options.Dimensions = fixture.Options["dimensions"]?.GetValue<int>();
            options.Encoding = fixture.Options["encoding"] is { } encoding ? Enum.Parse<CloudEncoding>(encoding.GetValue<string>()) : null;
            options.Truncation = fixture.Options["truncation"] is { } truncation ? Enum.Parse<CloudTruncation>(truncation.GetValue<string>()) : CloudTruncation.Error;
            if (fixture.Options["endpoint"] is { } endpoint)
                options.Endpoint = new Uri(endpoint.GetValue<string>());
            string? name = fixture.Options["model"]?.GetValue<string>();
            if (fixture.VectorLength is not { } length)
            {
                options.Model = name ?? options.Model;
                return;
            }

            // Documented answers are shown with few numbers: the same model, with vectors of that length.
            bool isText = fixture.Inputs[0] is string;
            CloudApi api = registration.Api(name ?? options.Model);
            CloudModel model = api.Models.FirstOrDefault(known => name is null ? known.Takes(isText ? EmbeddingModality.Text : Enum.Parse<EmbeddingModality>(MediaKind(fixture), true)) : known.Id == name)
                ?? api.OtherModel with { Id = name ?? options.Model! };
            options.Model = null;
            options.ModelDetails = model with { Dimensions = length, DimensionChoices = [], MinDimensions = options.Dimensions is null ? model.MinDimensions : 1 };
        });
        return services.BuildServiceProvider();
    }

    private static string MediaKind(HttpFixture fixture) => ((DataContent)fixture.Inputs[0]).MediaType.Split('/')[0];

    private static Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IServiceProvider services, HttpFixture fixture)
    {
        EmbeddingGenerationOptions? options = fixture.Intent is { } intent ? new EmbeddingGenerationOptions().WithIntent(intent) : null;
        return fixture.Inputs[0] is string
            ? services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>().GenerateAsync(fixture.Inputs.Cast<string>(), options)
            : services.GetRequiredService<IEmbeddingGenerator<DataContent, Embedding<float>>>().GenerateAsync(fixture.Inputs.Cast<DataContent>(), options);
    }

    private static HttpResponseMessage Answer(JsonObject response)
    {
        string body = response["body"]?.ToJsonString() ?? response["text"]?.GetValue<string>() ?? "";
        return RecordingTransport.Json(body, (HttpStatusCode)(response["status"]?.GetValue<int>() ?? 200),
            [.. (response["headers"]?.AsObject() ?? []).Select(header => (header.Key, header.Value!.GetValue<string>()))]);
    }

    private static void AssertVectors(HttpFixture fixture, GeneratedEmbeddings<Embedding<float>> result)
    {
        Assert.Equal(fixture.Inputs.Count, result.Count);
        float[][] expected = fixture.Vectors!;
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i].Length, result[i].Vector.Length);
            Assert.True(TensorPrimitives.Distance(expected[i], result[i].Vector.Span) < 1e-6f, $"vector {i}: {string.Join(", ", result[i].Vector.ToArray())}");
        }

        Assert.Equal(fixture.Usage, result.Usage?.InputTokenCount);
        foreach ((string unit, long count) in fixture.Units ?? new Dictionary<string, long>())
            Assert.Equal(count, result.Usage!.AdditionalCounts![unit]);
    }

    private static void AssertError(JsonObject expected, CloudServiceException? error)
    {
        Assert.NotNull(error);
        Assert.Equal(expected["failure"]!.GetValue<string>(), error.Failure.ToString());
        foreach (JsonNode? part in expected["says"]?.AsArray() ?? [])
            Assert.Contains(part!.GetValue<string>(), error.Message, StringComparison.Ordinal);
        Assert.Equal(expected["code"]?.GetValue<string>(), error.Code);
        Assert.Equal(expected["requestId"]?.GetValue<string>(), error.RequestId);
        Assert.Equal(expected["retryAfter"]?.GetValue<double>(), error.RetryAfter?.TotalSeconds);
        Assert.DoesNotContain(Services.Key, error.ToString(), StringComparison.Ordinal);
    }
}
