using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace Polymodal.Providers.Cloud.Tests;

/// <summary>A request as it would have left the machine.</summary>
internal sealed record SentRequest(HttpMethod Method, Uri Uri, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);
}

/// <summary>Stands in for the network: keeps every request and answers by a function.</summary>
internal sealed class RecordingTransport(Func<SentRequest, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
{
    private readonly ConcurrentQueue<SentRequest> _requests = new();
    private int _running;

    public RecordingTransport(Func<SentRequest, HttpResponseMessage> answer)
        : this((request, _) => Task.FromResult(answer(request)))
    {
    }

    public IReadOnlyList<SentRequest> Requests => [.. _requests];

    public int MostAtOnce { get; private set; }

    public static HttpResponseMessage Json(string body, HttpStatusCode status = HttpStatusCode.OK, params (string Name, string Value)[] headers)
    {
        var response = new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        foreach ((string name, string value) in headers)
            response.Headers.TryAddWithoutValidation(name, value);
        return response;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        lock (_requests)
            MostAtOnce = Math.Max(MostAtOnce, ++_running);
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            var headers = request.Headers.Concat(request.Content?.Headers.AsEnumerable() ?? []).ToDictionary(header => header.Key, header => string.Join(",", header.Value), StringComparer.OrdinalIgnoreCase);
            var sent = new SentRequest(request.Method, request.RequestUri!, headers, request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken));
            _requests.Enqueue(sent);
            return await answer(sent, cancellationToken);
        }
        finally
        {
            lock (_requests)
                _running--;
        }
    }
}
