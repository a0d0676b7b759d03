using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using Polly.Timeout;

namespace Polymodal.Providers.Cloud;

/// <summary>An answer that was read.</summary>
/// <param name="Value">The body.</param>
/// <param name="Headers">The headers; some services count tokens there.</param>
internal sealed record CloudAnswer<T>(T Value, HttpResponseHeaders Headers)
{
    /// <summary>A header that is a number; null when it is missing or none.</summary>
    public long? NumberIn(string header) =>
        Headers.TryGetValues(header, out IEnumerable<string>? values) && long.TryParse(values.FirstOrDefault(), out long number) ? number : null;
}

/// <summary>Sends requests to one service and reads its answers. Every request of every service goes through here.</summary>
/// <remarks>Safe for concurrent use. The key is put into a header here and is nowhere else.</remarks>
internal sealed class CloudClient : IDisposable
{
    // Other escapes would make every Chinese character six bytes instead of three. The body is JSON in a request, never a part of a page.
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly CloudOptions _options;
    private readonly string? _key;
    private readonly HttpClient _http;
    private readonly SemaphoreSlim _places;
    private volatile bool _disposed;

    /// <summary>Makes a client.</summary>
    /// <param name="service">The service.</param>
    /// <param name="options">Checked options.</param>
    /// <param name="model">The model's name, for messages.</param>
    /// <param name="logger">Where attempts are logged.</param>
    /// <exception cref="ArgumentException">The address or the key is missing or cannot be used.</exception>
    public CloudClient(CloudService service, CloudOptions options, string model, ILogger logger)
    {
        (Service, _options, Model) = (service, options, model);
        CloudSettings.CheckModel(service, model);
        Endpoint = CloudSettings.EndpointOf(service, options);
        _key = CloudSettings.KeyOf(service, options, Endpoint);
        HttpMessageHandler handler = options.Transport is { } transport ? new BorrowedHandler(transport) : new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        if (options.TokenProvider is { } tokens)
            handler = new BearerTokenHandler(tokens, handler);
        if (service.Signing?.Invoke(options) is { } signing)
            (signing.InnerHandler, handler) = (handler, signing);
        _http = new HttpClient(new CloudRetryHandler(service, options, logger, handler)) { Timeout = Timeout.InfiniteTimeSpan };
        _places = new SemaphoreSlim(options.MaxConcurrentRequests);
    }

    public CloudService Service { get; }

    public Uri Endpoint { get; }

    public string Model { get; }

    /// <summary>Waits for a place among the requests under way, sends, and gives the place back.</summary>
    /// <exception cref="CloudServiceException">The service failed or refused.</exception>
    public async Task<T> InPlaceAsync<T>(Func<Task<T>> send, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await send().ConfigureAwait(false);
        }
        finally
        {
            _places.Release();
        }
    }

    /// <summary>Sends a JSON request and reads the JSON answer.</summary>
    /// <param name="path">Below the base address.</param>
    /// <param name="request">What to send.</param>
    /// <param name="wire">How both are written.</param>
    /// <param name="where">Which inputs, for messages.</param>
    /// <param name="cancellationToken">Ends the call at once.</param>
    /// <exception cref="CloudServiceException">The service failed, refused, or answered what cannot be read.</exception>
    public Task<CloudAnswer<TResponse>> PostAsync<TRequest, TResponse>(string path, TRequest request, JsonSerializerContext wire, string where, CancellationToken cancellationToken)
        where TResponse : class
    {
        var body = new ArrayBufferWriter<byte>(4_096);
        using (var writer = new Utf8JsonWriter(body, Writing))
            JsonSerializer.Serialize(writer, request, Info<TRequest>(wire));
        var content = new ReadOnlyMemoryContent(body.WrittenMemory) { Headers = { ContentType = new("application/json") } };
        return PostAsync(path, content, Info<TResponse>(wire), where, cancellationToken);
    }

    /// <summary>Sends a body and reads the JSON answer.</summary>
    /// <inheritdoc cref="PostAsync{TRequest,TResponse}(string,TRequest,JsonSerializerContext,string,CancellationToken)"/>
    public async Task<CloudAnswer<TResponse>> PostAsync<TResponse>(string path, HttpContent body, JsonTypeInfo<TResponse> read, string where, CancellationToken cancellationToken)
        where TResponse : class
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, CloudEndpoint.Join(Endpoint, path)) { Content = body };
        using HttpResponseMessage response = await SendAsync(request, where, cancellationToken).ConfigureAwait(false);
        ReadOnlyMemory<byte> bytes = ((BufferedContent)response.Content).Bytes;
        if (response.StatusCode != HttpStatusCode.OK)
        {
            request.Options.TryGetValue(CloudRetryHandler.Attempts, out int attempts);
            throw CloudError.Read(response, request, bytes.Span, Service, _options.Time.GetUtcNow()).ToException(Service, Model, where, attempts);
        }

        try
        {
            TResponse? value = JsonSerializer.Deserialize(bytes.Span, read);
            return value is null ? throw new JsonException("the body is null") : new CloudAnswer<TResponse>(value, response.Headers);
        }
        catch (JsonException exception)
        {
            CloudError error = CloudError.Read(response, request, bytes.Span, Service, _options.Time.GetUtcNow());
            bool isPage = error.Message == "an HTML page";
            string found = isPage ? "an HTML page, no JSON" : $"what is not its documented JSON (at byte {exception.BytePositionInLine?.ToString() ?? "?"} of {bytes.Length})";
            throw InvalidAnswer(where, found, "Check Endpoint, and whether something stands between here and the service.", exception, error);
        }
    }

    /// <summary>Asks whether the service answers and takes the key.</summary>
    public async Task<FrameworkAvailability> ProbeAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, CloudEndpoint.Join(Endpoint, Service.ProbePath ?? ""));
            using HttpResponseMessage response = await SendAsync(request, "a probe", cancellationToken).ConfigureAwait(false);
            int status = (int)response.StatusCode;
            return Service.ProbePath is null ? FrameworkAvailability.Found($"{Endpoint.Host} answers ({status}); the key was not tried")
                : status < 300 ? FrameworkAvailability.Found($"{Endpoint.Host} answers and takes the call")
                : FrameworkAvailability.Missing($"{Endpoint.Host} answers {status}. {(status is 401 or 403 ? $"Check the key ({Service.KeyHint})." : "Check Endpoint.")}");
        }
        catch (CloudServiceException exception)
        {
            return FrameworkAvailability.Missing(exception.Message);
        }
    }

    /// <summary>The error of an answer that cannot be used.</summary>
    public CloudServiceException InvalidAnswer(string where, string found, string advice, Exception? inner = null, CloudError? error = null) =>
        new(CloudFailure.InvalidAnswer, $"{Service.Name} answered {found} for model {Model}, {where}. {advice}", error?.Status, inner) { RequestId = error?.RequestId, ResponseText = error?.Text };

    public void Dispose()
    {
        _disposed = true;
        _http.Dispose();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, string where, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        foreach ((string name, string value) in _options.Headers)
            request.Headers.TryAddWithoutValidation(name, value);
        if (_key is not null)
            Service.Authorize(request.Headers, _key);
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        }
        catch (AnswerTooLargeException exception)
        {
            throw InvalidAnswer(where, $"more than {exception.Limit} bytes", "Lower MaxInputsPerRequest, or raise MaxResponseBytes.", exception);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && !_disposed && exception is HttpRequestException or IOException or TimeoutRejectedException)
        {
            request.Options.TryGetValue(CloudRetryHandler.Attempts, out int attempts);
            string why = exception is TimeoutRejectedException ? $"there was no whole answer within {_options.AttemptTimeout.TotalSeconds} s" : exception.Message.TrimEnd('.');
            throw new CloudServiceException(
                CloudFailure.Connection, $"{Service.Name} at {Endpoint.Authority} did not answer for model {Model}, {where}, attempt {attempts}: {why}. Check Endpoint and the network, or try again later.", null, exception);
        }
        catch (Exception exception) when (_disposed && exception is not ObjectDisposedException)
        {
            throw new ObjectDisposedException("The generator was disposed during a call.", exception);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    private static JsonTypeInfo<T> Info<T>(JsonSerializerContext wire) => (JsonTypeInfo<T>)wire.GetTypeInfo(typeof(T))!;

    /// <summary>Keeps a handler that belongs to someone else from being disposed.</summary>
    private sealed class BorrowedHandler(HttpMessageHandler handler) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker _invoker = new(handler, disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => _invoker.SendAsync(request, cancellationToken);

        protected override void Dispose(bool disposing)
        {
            _invoker.Dispose();
            base.Dispose(disposing);
        }
    }
}

/// <summary>Puts a fresh access token into each attempt.</summary>
internal sealed class BearerTokenHandler(Func<CancellationToken, ValueTask<string>> tokens, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", CloudSettings.Checked(await tokens(cancellationToken).ConfigureAwait(false), "TokenProvider"));
        return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }
}
