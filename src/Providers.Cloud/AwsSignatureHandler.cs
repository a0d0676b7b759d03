using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Polymodal.Providers.Cloud;

/// <summary>What signs requests to Amazon.</summary>
internal sealed record AwsCredentials(string AccessKeyId, string SecretAccessKey, string? SessionToken)
{
    /// <summary>Those of the options, else those of the environment; null when a key or a token is given, or when there are none.</summary>
    public static AwsCredentials? Of(CloudOptions options)
    {
        if (options.ApiKey is not null || options.TokenProvider is not null || CloudSettings.Variable("AWS_BEARER_TOKEN_BEDROCK") is not null)
            return null;
        var own = options as BedrockOptions;
        string? id = own?.AccessKeyId ?? CloudSettings.Variable("AWS_ACCESS_KEY_ID"), secret = own?.SecretAccessKey ?? CloudSettings.Variable("AWS_SECRET_ACCESS_KEY");
        string? session = own?.AccessKeyId is not null ? own.SessionToken : own?.SessionToken ?? CloudSettings.Variable("AWS_SESSION_TOKEN");
        return id is null || secret is null ? null : new(CloudSettings.Checked(id, "AccessKeyId"), CloudSettings.Checked(secret, "SecretAccessKey"), session is null ? null : CloudSettings.Checked(session, "SessionToken"));
    }

    /// <summary>Shows nothing of the secret.</summary>
    public override string ToString() => nameof(AwsCredentials);
}

/// <summary>Signs each attempt, with the time it is made, by Amazon's Signature Version 4.</summary>
/// <remarks>The region is the second part of the host's name. Reference: the published example of the AWS General Reference, which a test repeats.</remarks>
internal sealed class AwsSignatureHandler(AwsCredentials credentials, string service, TimeProvider time, string? region = null) : DelegatingHandler
{
    /// <summary>Carries the token of a session.</summary>
    public const string SessionHeader = "X-Amz-Security-Token";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        byte[] body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        Sign(request, body);
        return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Puts date, token and signature into the headers.</summary>
    internal void Sign(HttpRequestMessage request, byte[] body)
    {
        Uri uri = request.RequestUri!;
        string stamp = time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture), day = stamp[..8];
        request.Headers.Remove("X-Amz-Date");
        request.Headers.Add("X-Amz-Date", stamp);
        request.Headers.Remove(SessionHeader);
        if (credentials.SessionToken is { } token)
            request.Headers.Add(SessionHeader, token);

        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["host"] = uri.Authority, ["x-amz-date"] = stamp };
        if (request.Content?.Headers.ContentType is { } type)
            headers["content-type"] = type.ToString();
        if (credentials.SessionToken is { } session)
            headers["x-amz-security-token"] = session;
        string signed = string.Join(';', headers.Keys);
        string canonical = string.Join('\n',
            request.Method.Method, Path(uri), Query(uri), string.Concat(headers.Select(header => $"{header.Key}:{header.Value.Trim()}\n")), signed, Hex(SHA256.HashData(body)));
        string scope = $"{day}/{region ?? RegionOf(uri)}/{service}/aws4_request";
        string toSign = string.Join('\n', "AWS4-HMAC-SHA256", stamp, scope, Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical))));
        byte[] key = Encoding.UTF8.GetBytes("AWS4" + credentials.SecretAccessKey);
        foreach (string part in scope.Split('/'))
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        request.Headers.Remove("Authorization");
        request.Headers.TryAddWithoutValidation("Authorization",
            $"AWS4-HMAC-SHA256 Credential={credentials.AccessKeyId}/{scope}, SignedHeaders={signed}, Signature={Hex(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)))}");
    }

    private static string RegionOf(Uri uri) => uri.Host.Split('.') is { Length: >= 4 } parts ? parts[1] : CloudSettings.Variable("AWS_REGION") ?? "us-east-1";

    /// <summary>Every part of the path, escaped once more than it is sent, as all services but S3 ask for.</summary>
    private static string Path(Uri uri) => string.Join('/', uri.AbsolutePath.Split('/').Select(Uri.EscapeDataString));

    private static string Query(Uri uri) => string.Join('&', uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
