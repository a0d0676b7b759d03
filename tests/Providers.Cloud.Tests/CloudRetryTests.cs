using System.Net;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Polymodal.Providers.Cloud.Tests;

/// <summary>When a request is made again, and after which wait. The clock is one that stands still until the test moves it.</summary>
public sealed class CloudRetryTests
{
    private const string Good = """{"data":[{"index":0,"embedding":[1,0]}]}""";

    [Theory]
    [InlineData("retry-after-ms", "1500", 1.5)]
    [InlineData("x-ms-retry-after-ms", "2500", 2.5)]
    [InlineData("Retry-After", "7", 7)]
    [InlineData("Retry-After", "Thu, 01 Jan 2026 00:00:09 GMT", 9)]
    [InlineData("RateLimit", "\"api\";r=0;t=11", 11)]
    [InlineData("x-ratelimit-reset", "1767225613", 13)]
    [InlineData("x-ratelimit-reset", "3", 3)]
    public async Task The_wait_is_the_one_that_the_service_asks_for(string header, string value, double seconds)
    {
        var time = Clock();
        int calls = 0;
        using var transport = new RecordingTransport(_ => ++calls == 1 ? RecordingTransport.Json("{}", HttpStatusCode.TooManyRequests, (header, value)) : RecordingTransport.Json(Good));
        using var services = Register(transport, time);
        Task<GeneratedEmbeddings<Embedding<float>>> call = GenerateAsync(services);
        time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
        Assert.False(call.IsCompleted);
        Assert.Equal(1, calls);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Single(await call);
        Assert.Equal(2, calls);
    }

    [Theory]
    [InlineData(408, true), InlineData(409, true), InlineData(429, true), InlineData(500, true), InlineData(502, true), InlineData(503, true), InlineData(504, true)]
    [InlineData(400, false), InlineData(401, false), InlineData(403, false), InlineData(404, false), InlineData(413, false), InlineData(422, false), InlineData(501, false)]
    public async Task Statuses_that_may_pass_are_tried_again_and_no_others(int status, bool again)
    {
        int calls = 0;
        using var transport = new RecordingTransport(_ => ++calls < 4 ? RecordingTransport.Json("{}", (HttpStatusCode)status) : RecordingTransport.Json(Good));
        using var services = Register(transport, TimeProvider.System, options => options.MaxRetryDelay = TimeSpan.Zero);
        if (again)
            Assert.Single(await GenerateAsync(services));
        else
            await Assert.ThrowsAsync<CloudServiceException>(() => GenerateAsync(services));
        Assert.Equal(again ? 4 : 1, calls);
    }

    [Fact]
    public async Task A_quota_that_is_used_up_is_not_asked_again()
    {
        using var transport = new RecordingTransport(_ => RecordingTransport.Json("""{"error":{"code":"insufficient_quota","message":"pay"}}""", HttpStatusCode.TooManyRequests, ("Retry-After", "0")));
        using var services = Register(transport, Clock());
        Assert.Equal(CloudFailure.Quota, (await Assert.ThrowsAsync<CloudServiceException>(() => GenerateAsync(services))).Failure);
        Assert.Single(transport.Requests);
    }

    [Theory, InlineData(61), InlineData(100_000)]
    public async Task A_wait_beyond_the_limit_is_not_begun(int seconds)
    {
        using var transport = new RecordingTransport(_ => RecordingTransport.Json("{}", HttpStatusCode.ServiceUnavailable, ("Retry-After", $"{seconds}")));
        using var services = Register(transport, Clock());
        var error = await Assert.ThrowsAsync<CloudServiceException>(() => GenerateAsync(services));
        Assert.Equal(TimeSpan.FromSeconds(seconds), error.RetryAfter);
        Assert.Single(transport.Requests);
    }

    [Fact]
    public async Task All_attempts_and_waits_end_within_the_total_time()
    {
        var time = Clock();
        using var transport = new RecordingTransport(_ => RecordingTransport.Json("{}", HttpStatusCode.ServiceUnavailable, ("Retry-After", "40")));
        using var services = Register(transport, time, options => (options.MaxRetries, options.TotalTimeout) = (20, TimeSpan.FromSeconds(100)));
        Task call = GenerateAsync(services);
        while (!call.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        var error = await Assert.ThrowsAsync<CloudServiceException>(() => call);
        Assert.Contains("after 3 attempts", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, transport.Requests.Count);
    }

    [Fact]
    public async Task Cancelling_ends_a_wait_at_once()
    {
        using var transport = new RecordingTransport(_ => RecordingTransport.Json("{}", HttpStatusCode.ServiceUnavailable, ("Retry-After", "40")));
        using var services = Register(transport, Clock());
        using var cancellation = new CancellationTokenSource();
        Task call = GenerateAsync(services, cancellation.Token);
        Assert.False(call.IsCompleted);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Single(transport.Requests);
    }

    [Fact]
    public async Task A_list_that_is_too_long_for_the_service_is_halved_until_it_fits()
    {
        using var transport = new RecordingTransport(request =>
        {
            int count = System.Text.Json.JsonDocument.Parse(request.Body).RootElement.GetProperty("input").GetArrayLength();
            return count > 3
                ? RecordingTransport.Json("""{"error":{"message":"Requested 453357 tokens, max 300000 tokens per request","type":"max_tokens_per_request","code":"max_tokens_per_request"}}""", HttpStatusCode.BadRequest)
                : RecordingTransport.Json($$"""{"data":[{{string.Join(",", Enumerable.Range(0, count).Select(i => $$"""{"index":{{i}},"embedding":[1,{{i}}] }"""))}}]}""");
        });
        using var services = Register(transport, Clock());
        var result = await services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>().GenerateAsync(Enumerable.Range(0, 10).Select(i => $"{i}"));
        Assert.Equal(10, result.Count);
        Assert.Equal(3 + 4, transport.Requests.Count);
    }

    private static FakeTimeProvider Clock() => new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private static ServiceProvider Register(HttpMessageHandler transport, TimeProvider time, Action<CloudOptions>? configure = null) => new ServiceCollection().AddOpenAITextEmbeddings(options =>
    {
        options.ApiKey = Services.Key;
        options.ModelDetails = OpenAI.TextEmbedding3Small with { Dimensions = 2 };
        options.Transport = transport;
        options.Time = time;
        configure?.Invoke(options);
    }).BuildServiceProvider();

    private static Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IServiceProvider services, CancellationToken cancellationToken = default) =>
        services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>().GenerateAsync(["red apple"], cancellationToken: cancellationToken);
}
