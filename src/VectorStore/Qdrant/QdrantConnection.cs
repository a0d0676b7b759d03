using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Polymodal.VectorStore.Qdrant;

/// <summary>Sends requests to a server: JSON there and back, tried again where that may help, errors worded.</summary>
/// <remarks>Every request may be sent twice: writes name the ids they are about. Safe for concurrent use.</remarks>
internal sealed class QdrantConnection(HttpClient client, QdrantVectorStoreOptions options)
{
    private const int MaxDepth = 1_000, ShownAnswer = 200;

    private volatile bool _disposed;

    public QdrantVectorStoreOptions Options => options;

    /// <summary>Host and port.</summary>
    public string Server { get; } = options.Endpoint.Authority;

    public void Dispose() => _disposed = true;

    public void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_disposed, typeof(QdrantVectorStore));

    /// <summary>The member <c>result</c> of the answer.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">Behind the address, without a slash.</param>
    /// <param name="body">Writes the request; null for none.</param>
    /// <param name="collection">The collection in use, for messages; null outside of one.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<JsonElement> SendAsync(HttpMethod method, string path, Action<Utf8JsonWriter>? body, string? collection, CancellationToken cancellationToken) =>
        SendAsync(method, path, body is null ? default : ToUtf8(body), collection, cancellationToken);

    /// <inheritdoc cref="SendAsync(HttpMethod, string, Action{Utf8JsonWriter}?, string?, CancellationToken)"/>
    public async Task<JsonElement> SendAsync(HttpMethod method, string path, ReadOnlyMemory<byte> body, string? collection, CancellationToken cancellationToken)
    {
        for (int attempt = 0; ; attempt++)
        {
            ThrowIfDisposed();
            (JsonElement? result, VectorStoreException? error, bool mayRepeat) = await TryAsync(method, path, body, collection, cancellationToken).ConfigureAwait(false);
            if (result is { } answer)
                return answer;
            if (!mayRepeat || attempt == options.Retries)
                throw error!;
            await Task.Delay(TimeSpan.FromMilliseconds(200 << attempt), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>JSON in UTF-8.</summary>
    public static ReadOnlyMemory<byte> ToUtf8(Action<Utf8JsonWriter> body)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
            body(writer);
        return buffer.WrittenMemory;
    }

    private async Task<(JsonElement? Result, VectorStoreException? Error, bool MayRepeat)> TryAsync(HttpMethod method, string path, ReadOnlyMemory<byte> body, string? collection, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(options.Endpoint.AbsoluteUri.TrimEnd('/') + "/" + path));
        if (options.ApiKey is not null)
            request.Headers.TryAddWithoutValidation("api-key", options.ApiKey);
        if (!body.IsEmpty)
        {
            request.Content = new ReadOnlyMemoryContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Timeout);
        try
        {
            using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token).ConfigureAwait(false);
            Stream content = await response.Content.ReadAsStreamAsync(limit.Token).ConfigureAwait(false);
            await using (content.ConfigureAwait(false))
            {
                if (!response.IsSuccessStatusCode)
                    return (null, await ErrorAsync(response.StatusCode, content, collection, limit.Token).ConfigureAwait(false), IsPassing(response.StatusCode));
                using JsonDocument answer = await JsonDocument.ParseAsync(content, new() { MaxDepth = MaxDepth }, limit.Token).ConfigureAwait(false);
                return answer.RootElement.ValueKind == JsonValueKind.Object && answer.RootElement.TryGetProperty("result", out JsonElement result)
                    ? (result.Clone(), null, false)
                    : (null, new($"{Server} does not answer like Qdrant: there is no result. Check Endpoint."), false);
            }
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, new($"Qdrant at {Server} did not answer within {options.Timeout.TotalSeconds:0.###} s. Look at its load, or raise Timeout. A write that was under way may or may not be stored; writing the same records again is safe.", exception), false);
        }
        catch (HttpRequestException exception)
        {
            return (null, exception.HttpRequestError == HttpRequestError.SecureConnectionError
                ? new($"Qdrant at {Server}: the TLS connection failed. Check the certificate, or use http where the server speaks it.", exception)
                : new($"Qdrant at {Server} cannot be reached: {exception.Message} Check that it runs, and Endpoint.", exception), exception.HttpRequestError != HttpRequestError.SecureConnectionError);
        }
        catch (IOException exception)
        {
            return (null, new($"the connection to Qdrant at {Server} broke. A write that was under way may or may not be stored; writing the same records again is safe.", exception), true);
        }
        catch (JsonException exception)
        {
            return (null, new($"{Server} does not answer like Qdrant: the answer is no JSON. Check Endpoint.", exception), false);
        }
    }

    private static bool IsPassing(HttpStatusCode status) => (int)status is 429 or 500 or 502 or 503 or 504;

    private async Task<VectorStoreException> ErrorAsync(HttpStatusCode status, Stream content, string? collection, CancellationToken cancellationToken)
    {
        string said = "";
        try
        {
            using JsonDocument answer = await JsonDocument.ParseAsync(content, cancellationToken: cancellationToken).ConfigureAwait(false);
            if (answer.RootElement.TryGetProperty("status", out JsonElement state) && state.ValueKind == JsonValueKind.Object && state.TryGetProperty("error", out JsonElement error) && error.GetString() is { } text)
                said = $": \"{(text.Length <= ShownAnswer ? text : text[..ShownAnswer] + "…")}\"";
        }
        catch (JsonException)
        {
            // A proxy's page: the status says it all.
        }

        return status switch
        {
            HttpStatusCode.NotFound when collection is not null => VectorRules.Removed(collection),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new($"Qdrant at {Server} answered {(int)status}: it refused the API key. Check ApiKey and its rights."),
            HttpStatusCode.RequestEntityTooLarge => new($"Qdrant at {Server} answered 413: the request is larger than it takes. Store smaller batches, or raise max_request_size_mb in its settings."),
            HttpStatusCode.TooManyRequests => new($"Qdrant at {Server} answered 429{said}. Lower the load, or raise the limits of its strict mode."),
            _ when (int)status >= 500 => new($"Qdrant at {Server} answered {(int)status}{said}. See its log; writing the same records again is safe."),
            _ => new($"Qdrant at {Server} answered {(int)status}{said}. Nothing was changed. Check that the collection has the dimensions and vectors asked for and was made by this program, and that the server is 1.10 or newer."),
        };
    }
}
