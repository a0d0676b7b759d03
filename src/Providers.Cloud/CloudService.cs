using System.Net.Http.Headers;
using System.Text.Json.Serialization;

namespace Polymodal.Providers.Cloud;

/// <summary>What all interfaces of a service have in common: its names, address, key and errors.</summary>
internal sealed record CloudService
{
    /// <summary>Name, beginning of service keys and of space identifiers, e.g. <c>openai</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What a person calls it.</summary>
    public required string DisplayName { get; init; }

    /// <summary>The usual base address; null when every user has one of his own.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Environment variables that may hold the base address, the first that is set wins.</summary>
    public IReadOnlyList<string> EndpointVariables { get; init; } = [];

    /// <summary>What sets the address, for messages; null for <c>Endpoint</c> and the first of its variables.</summary>
    public string? EndpointHint { get; init; }

    /// <summary>Environment variables that may hold the key, the first that is set wins.</summary>
    public IReadOnlyList<string> KeyVariables { get; init; } = [];

    /// <summary>What <c>Model</c> must name, where there is no default; for messages.</summary>
    public string ModelHint { get; init; } = "the name of the model that the server runs";

    /// <summary>Whether a call without key is pointless. Servers of one's own need none.</summary>
    public bool NeedsKey { get; init; } = true;

    /// <summary>Whether a key is needed only at <see cref="Endpoint"/>, not at servers of one's own.</summary>
    public bool NeedsKeyOnlyAtHome { get; init; }

    /// <summary>The header that carries the key; null for <c>Authorization: Bearer</c>.</summary>
    public string? KeyHeader { get; init; }

    /// <summary>A path that answers a GET with the key, for probing; null: any answer will do.</summary>
    public string? ProbePath { get; init; }

    /// <summary>Completes what a user gives as address, e.g. a host without scheme; null when nothing is to be done.</summary>
    public Func<string, string>? CompleteEndpoint { get; init; }

    /// <summary>Adds what signs each attempt; null when a key or token in a header is enough. Its argument are the checked options.</summary>
    public Func<CloudOptions, DelegatingHandler?>? Signing { get; init; }

    /// <summary>Whether the options hold what <see cref="Signing"/> needs in place of a key; null when there is no such thing.</summary>
    public Func<CloudOptions, FrameworkAvailability>? SigningDetection { get; init; }

    /// <summary>Statuses worth another attempt besides 408, 429, 500, 502, 503 and 504.</summary>
    public IReadOnlyList<int> AlsoRetry { get; init; } = [];

    /// <summary>Whether a smaller request could do what this one could not.</summary>
    public Func<CloudError, bool> IsTooMany { get; init; } = error => (int)error.Status == 413;

    /// <summary>Whether a 429 will not pass by waiting a little.</summary>
    public Func<CloudError, bool> IsFinal { get; init; } = error => error.Says("insufficient_quota");

    /// <summary>Whether the key is at fault.</summary>
    public Func<CloudError, bool> IsWrongKey { get; init; } = error => (int)error.Status is 401 or 403;

    /// <summary>Where the key comes from, for messages.</summary>
    public string KeyHint => KeyVariables is [var first, ..] ? $"ApiKey or {first}" : "ApiKey";

    /// <summary>Puts the key into a request.</summary>
    public void Authorize(HttpRequestHeaders headers, string key)
    {
        if (KeyHeader is null)
            headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        else
            headers.Add(KeyHeader, key);
    }

    /// <summary>What a request proves itself with: its key, its access token, the token of its session.</summary>
    public IEnumerable<string> Secrets(HttpRequestHeaders headers)
    {
        if (headers.Authorization?.Parameter is { Length: > 0 } token)
            yield return token;
        foreach (string name in (string[])[KeyHeader ?? "", AwsSignatureHandler.SessionHeader])
        {
            if (name.Length > 0 && headers.TryGetValues(name, out IEnumerable<string>? values) && values.FirstOrDefault() is { Length: > 0 } value)
                yield return value;
        }
    }
}

/// <summary>One input, ready to send: a text with its prefix, or bytes with their media type.</summary>
/// <param name="Text">The text; null for media.</param>
/// <param name="Base64">The bytes as base64; null for text.</param>
/// <param name="MediaType">Without parameters, in lower case.</param>
/// <param name="Bytes">The bytes as they are; empty for text.</param>
internal sealed record CloudInput(string? Text, string? Base64, string MediaType, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>The bytes as a data URI.</summary>
    public string DataUri => $"data:{MediaType};base64,{Base64}";

    /// <summary>What it adds to a request, about.</summary>
    public long Size => Base64?.Length ?? System.Text.Encoding.UTF8.GetByteCount(Text!);
}

/// <summary>What one request is about.</summary>
/// <param name="Inputs">The inputs; at least one, all text or all media.</param>
/// <param name="Model">The model.</param>
/// <param name="Dimensions">The length to ask for; null sends no such field.</param>
/// <param name="Task">The service's word for the intent; null sends no such field.</param>
/// <param name="Encoding">The form of the vectors.</param>
/// <param name="Cuts">Whether the end of too long inputs may be lost.</param>
/// <param name="Normalize">Whether unit vectors are wanted.</param>
internal sealed record CloudBatch(IReadOnlyList<CloudInput> Inputs, CloudModel Model, int? Dimensions, string? Task, CloudEncoding Encoding, bool Cuts, bool Normalize)
{
    /// <summary>The texts.</summary>
    public IReadOnlyList<string> Texts => [.. Inputs.Select(input => input.Text!)];

    /// <summary>Whether the inputs are media.</summary>
    public bool IsMedia => Inputs[0].Text is null;

    /// <summary>The only input, where a service takes one a request.</summary>
    public CloudInput Single => Inputs[0];
}

/// <summary>A vector of an answer. Without an index its place is its index.</summary>
internal readonly record struct IndexedVector(int? Index, float[]? Vector);

/// <summary>What an answer says was used.</summary>
/// <param name="Tokens">Tokens of the request; null when it does not say.</param>
/// <param name="Units">Further counts under the service's own names, e.g. <c>images</c>.</param>
internal readonly record struct CloudUsage(long? Tokens, IEnumerable<KeyValuePair<string, long>>? Units = null);

/// <summary>An answer's vectors and usage.</summary>
internal sealed record CloudVectors(IEnumerable<IndexedVector> Vectors, CloudUsage Usage);

/// <summary>One way to embed at a service: which models, where, and the shape of request and answer.</summary>
internal abstract record CloudApi
{
    public required CloudService Service { get; init; }

    /// <summary>The models known, the default of a modality first among those that take it.</summary>
    public required IReadOnlyList<CloudModel> Models { get; init; }

    /// <summary>What is assumed of a model that is not listed.</summary>
    public required CloudModel OtherModel { get; init; }

    /// <summary>Sends a batch and reads the answer.</summary>
    public abstract Task<CloudVectors> SendAsync(CloudClient client, CloudBatch batch, string where, CancellationToken cancellationToken);
}

/// <inheritdoc cref="CloudApi"/>
internal sealed record CloudApi<TRequest, TResponse> : CloudApi
    where TResponse : class
{
    /// <summary>The path below the base address.</summary>
    public required Func<CloudBatch, string> Path { get; init; }

    public required Func<CloudBatch, TRequest> ToRequest { get; init; }

    public required Func<TResponse, IEnumerable<IndexedVector>?> ToVectors { get; init; }

    /// <summary>What the answer says was used.</summary>
    public required Func<CloudAnswer<TResponse>, CloudUsage> Usage { get; init; }

    /// <summary>An error that stands in an answer of success; null for none.</summary>
    public Func<TResponse, string?>? HiddenError { get; init; }

    /// <summary>How both are written and read.</summary>
    public required JsonSerializerContext Wire { get; init; }

    public override async Task<CloudVectors> SendAsync(CloudClient client, CloudBatch batch, string where, CancellationToken cancellationToken)
    {
        CloudAnswer<TResponse> answer = await client.PostAsync<TRequest, TResponse>(Path(batch), ToRequest(batch), Wire, where, cancellationToken).ConfigureAwait(false);
        if (HiddenError?.Invoke(answer.Value) is { } error)
            throw client.InvalidAnswer(where, $"an error: \"{error}\"", "Change the input that it names.");
        return new CloudVectors(ToVectors(answer.Value) ?? [], Usage(answer));
    }
}
