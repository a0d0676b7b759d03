using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Polymodal.Providers.Cloud.Tests;

/// <summary>Keys, addresses and models: where they come from, what is refused, and that keys go into a header and nowhere else.</summary>
public sealed class CloudSettingsTests
{
    [Theory]
    [InlineData("http://api.example.com/v1", "is not https")]
    [InlineData("ftp://api.example.com/v1", "is not https")]
    [InlineData("https://user:secret-password@api.example.com/v1", "holds a name or password")]
    [InlineData("https://api.example.com/v1?key=secret-password", "query")]
    [InlineData("https://api.example.com/v1#x", "fragment")]
    [InlineData("/v1", "is relative")]
    public void Addresses_that_would_give_something_away_are_refused(string endpoint, string says)
    {
        var error = Assert.Throws<ArgumentException>(() => CloudEndpoint.Validated(new Uri(endpoint, UriKind.RelativeOrAbsolute), allowInsecure: false));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-password", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://api.example.com/v1", "https://api.example.com/v1/embeddings")]
    [InlineData("https://api.example.com/v1/", "https://api.example.com/v1/embeddings")]
    [InlineData("https://api.example.com", "https://api.example.com/embeddings")]
    [InlineData("http://localhost:8000/a/b", "http://localhost:8000/a/b/embeddings")]
    [InlineData("http://[::1]:8000/", "http://[::1]:8000/embeddings")]
    public void Paths_are_joined_with_and_without_a_slash(string endpoint, string joined) =>
        Assert.Equal(joined, CloudEndpoint.Join(CloudEndpoint.Validated(new Uri(endpoint), allowInsecure: false), "embeddings").AbsoluteUri);

    [Theory]
    [InlineData("myhost:8080", "http://myhost:8080/")]
    [InlineData("myhost", "http://myhost:11434/")]
    [InlineData("0.0.0.0", "http://127.0.0.1:11434/")]
    [InlineData("http://myhost:8080", "http://myhost:8080/")]
    [InlineData("https://ollama.com", "https://ollama.com/")]
    public void Ollama_hosts_are_completed(string host, string address) => Assert.Equal(address, Ollama.Complete(host));

    [Theory, InlineData("two words"), InlineData("line\nend"), InlineData("quote“"), InlineData(" ")]
    public void A_key_that_no_header_can_carry_is_refused_without_being_shown(string key)
    {
        using var services = new ServiceCollection().AddOpenAITextEmbeddings(options => options.ApiKey = key).BuildServiceProvider();
        var error = Assert.Throws<ArgumentException>(() => services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>());
        Assert.DoesNotContain(key.Trim() is { Length: > 0 } shown ? shown : "no such", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_address_and_model_may_stand_in_configuration()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Cloud:ApiKey"] = " from-configuration\n",
            ["Cloud:Endpoint"] = "https://proxy.example.com/openai/v1",
            ["Cloud:Model"] = "text-embedding-3-large",
        }).Build();
        using var transport = new RecordingTransport(_ => RecordingTransport.Json("""{"data":[{"index":0,"embedding":[1,0]}]}"""));
        using var services = new ServiceCollection().AddOpenAITextEmbeddings(options => (options.Configuration, options.Transport, options.Dimensions) = (configuration.GetSection("Cloud"), transport, 2)).BuildServiceProvider();
        Assert.True(services.GetRequiredService<EmbeddingFramework>().Detect().IsAvailable);
        await services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>().GenerateAsync(["red apple"]);
        Assert.Equal("https://proxy.example.com/openai/v1/embeddings", transport.Requests[0].Uri.AbsoluteUri);
        Assert.Equal("Bearer from-configuration", transport.Requests[0].Headers["Authorization"]);
        Assert.Contains("text-embedding-3-large", transport.Requests[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Detection_says_what_is_missing()
    {
        static string Reason(IServiceCollection services) => services.BuildServiceProvider().GetRequiredService<EmbeddingFramework>().Detect() is { IsAvailable: false } missing ? missing.Reason : "available";
        Assert.Contains("Set Model", Reason(new ServiceCollection().AddTextEmbeddingsInferenceTextEmbeddings(options => options.Endpoint = new Uri("http://localhost"))), StringComparison.Ordinal);
        Assert.Contains("Set Endpoint or TEI_ENDPOINT", Reason(new ServiceCollection().AddTextEmbeddingsInferenceTextEmbeddings(options => options.Model = "m")), StringComparison.Ordinal);
        Assert.Equal("mistral: MISTRAL_API_KEY is not set. Set it, or ApiKey.", Reason(new ServiceCollection().AddMistralTextEmbeddings()));
        Assert.Equal("vertex has no address. Set Project or GOOGLE_CLOUD_PROJECT.", Reason(new ServiceCollection().AddVertexTextEmbeddings()));
        Assert.Equal("available", Reason(new ServiceCollection().AddOllamaTextEmbeddings()));
    }

    [Theory, InlineData(200, true), InlineData(401, false), InlineData(500, false)]
    public async Task Probing_asks_the_service_with_the_key(int status, bool available)
    {
        using var transport = new RecordingTransport(_ => RecordingTransport.Json("{}", (HttpStatusCode)status));
        using var services = new ServiceCollection().AddOpenAITextEmbeddings(options => (options.ApiKey, options.Transport, options.MaxRetries) = (Services.Key, transport, 0)).BuildServiceProvider();
        FrameworkAvailability found = await services.GetRequiredService<EmbeddingFramework>().ProbeAsync();
        Assert.Equal(available, found.IsAvailable);
        Assert.Equal(("GET", "https://api.openai.com/v1/models"), (transport.Requests[0].Method.Method, transport.Requests[0].Uri.AbsoluteUri));
        Assert.DoesNotContain(Services.Key, found.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_transport_that_follows_redirects_is_refused()
    {
        using var handler = new SocketsHttpHandler();
        var error = Assert.Throws<ArgumentException>(() => new ServiceCollection().AddOpenAITextEmbeddings(options => options.Transport = handler));
        Assert.Contains("AllowAutoRedirect", error.Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(0), InlineData(1537)]
    public async Task Lengths_that_the_model_has_not_are_refused_before_anything_is_sent(int dimensions)
    {
        using var transport = new RecordingTransport(_ => RecordingTransport.Json("{}"));
        using var services = new ServiceCollection().AddOpenAITextEmbeddings(options => (options.ApiKey, options.Transport) = (Services.Key, transport)).BuildServiceProvider();
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>().GenerateAsync(["a"], new() { Dimensions = dimensions }));
        Assert.Empty(transport.Requests);
    }

    /// <summary>Every service, with every kind of failure: the key is in no log, exception, span, measurement, description or result.</summary>
    [Fact]
    public async Task The_key_is_in_a_header_and_nowhere_else()
    {
        var written = new ConcurrentBag<string>();
        using var activities = new ActivityListener
        {
            ShouldListenTo = source => source.Name == CloudTelemetry.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => written.Add($"{activity.DisplayName} {string.Join(" ", activity.TagObjects)}"),
        };
        ActivitySource.AddActivityListener(activities);
        using var meters = new MeterListener { InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument) };
        meters.SetMeasurementEventCallback<long>((_, _, tags, _) => written.Add(string.Join(" ", tags.ToArray())));
        meters.SetMeasurementEventCallback<double>((_, _, tags, _) => written.Add(string.Join(" ", tags.ToArray())));
        meters.Start();

        foreach ((string name, Registration registration) in Services.All.Where(pair => !pair.Key.Contains("-image") && !pair.Key.Contains("-audio") && !pair.Key.Contains("-video")))
        {
            foreach (HttpStatusCode status in (HttpStatusCode[])[HttpStatusCode.OK, HttpStatusCode.BadRequest, HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests, HttpStatusCode.ServiceUnavailable])
                await CallAsync(name, registration, _ => RecordingTransport.Json($$"""{"error":{"message":"your key {{Services.Key}} is bad","code":"{{Services.Key}}"},"request_id":"{{Services.Key}}"}""", status));
            await CallAsync(name, registration, _ => throw new HttpRequestException("no route to host"));
        }

        Assert.NotEmpty(written);
        Assert.All(written, text => Assert.DoesNotContain(Services.Key, text, StringComparison.Ordinal));

        async Task CallAsync(string name, Registration registration, Func<SentRequest, HttpResponseMessage> answer)
        {
            using var transport = new RecordingTransport(answer);
            var collection = new ServiceCollection();
            collection.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(new WritingLoggers(written)));
            registration.Register(collection, options =>
            {
                options.ApiKey = Services.Key;
                registration.Prepare?.Invoke(options);
                (options.Transport, options.MaxRetries, options.MaxRetryDelay) = (transport, 1, TimeSpan.Zero);
            });
            using var services = collection.BuildServiceProvider();
            var generator = services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
            var error = await Assert.ThrowsAsync<CloudServiceException>(() => generator.GenerateAsync(["red apple"]));
            written.Add($"{error} {error.Code} {error.RequestId} {error.ResponseText} {error.Data.Count}");
            written.Add($"{services.GetRequiredService<EmbeddingFramework>()} {services.GetRequiredService<EmbeddingFramework>().Detect()}");
            written.Add($"{generator} {generator.GetService<EmbeddingGeneratorMetadata>()?.ProviderUri} {generator.GetService<EmbeddingSpace>()} {generator.GetService<CloudModel>()}");
            Assert.All(transport.Requests, request => Assert.DoesNotContain(Services.Key, request.Uri.AbsoluteUri + request.Text, StringComparison.Ordinal));
            Assert.All(transport.Requests, request => Assert.Single(request.Headers, header => header.Value.Contains(Services.Key, StringComparison.Ordinal)));
            Assert.NotEmpty(transport.Requests);
            Assert.False(string.IsNullOrEmpty(name));
        }
    }

    private sealed class WritingLoggers(ConcurrentBag<string> written) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => written.Add($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
