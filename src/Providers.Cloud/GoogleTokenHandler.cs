using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Polymodal.Providers.Cloud;

/// <summary>The key file of a service account.</summary>
internal sealed record GoogleServiceAccount(string? ClientEmail, string? PrivateKey, string? TokenUri)
{
    /// <summary>The file that the environment names; null when it names none.</summary>
    public static string? File => CloudSettings.Variable("GOOGLE_APPLICATION_CREDENTIALS");

    /// <summary>Shows nothing of the key.</summary>
    public override string ToString() => nameof(GoogleServiceAccount);
}

internal sealed record GoogleToken(string? AccessToken, int ExpiresIn);

/// <summary>Puts an access token into each attempt. It is asked for with the service account's key, over the same connection settings, and kept until shortly before it expires.</summary>
/// <remarks>Reference: RFC 7523, as Google's token endpoint takes it.</remarks>
internal sealed class GoogleTokenHandler(string file, TimeProvider time) : DelegatingHandler
{
    private const string Scope = "https://www.googleapis.com/auth/cloud-platform";
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);
    private readonly SemaphoreSlim _asking = new(1);
    private string? _token;
    private DateTimeOffset _validUntil;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = new("Bearer", await TokenAsync(cancellationToken).ConfigureAwait(false));
        return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        _asking.Dispose();
        base.Dispose(disposing);
    }

    private async Task<string> TokenAsync(CancellationToken cancellationToken)
    {
        await _asking.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_token is { } kept && time.GetUtcNow() + Margin < _validUntil)
                return kept;
            GoogleServiceAccount? account = JsonSerializer.Deserialize(await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false), GoogleWire.Default.GoogleServiceAccount);
            if (account is not { ClientEmail: { } email, PrivateKey: { } key, TokenUri: { } uri } || !Uri.TryCreate(uri, UriKind.Absolute, out Uri? address) || address.Scheme != Uri.UriSchemeHttps)
                throw new InvalidDataException("GOOGLE_APPLICATION_CREDENTIALS: the file is no service account's key (client_email, private_key, token_uri). Create one, or set TokenProvider.");

            using var request = new HttpRequestMessage(HttpMethod.Post, address)
            {
                Content = new FormUrlEncodedContent([new("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), new("assertion", Assertion(email, key, uri))]),
            };
            using HttpResponseMessage response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            GoogleToken? answer = response.IsSuccessStatusCode
                ? JsonSerializer.Deserialize(await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false), GoogleWire.Default.GoogleToken)
                : throw new HttpRequestException(HttpRequestError.UserAuthenticationError, $"{address.Host} answered {(int)response.StatusCode} when asked for an access token");
            _validUntil = time.GetUtcNow() + TimeSpan.FromSeconds(answer?.ExpiresIn ?? 0);
            return _token = CloudSettings.Checked(answer?.AccessToken ?? "", address.Host);
        }
        finally
        {
            _asking.Release();
        }
    }

    private string Assertion(string email, string privateKey, string audience)
    {
        long now = time.GetUtcNow().ToUnixTimeSeconds();
        var claims = new Dictionary<string, JsonElement>
        {
            ["iss"] = JsonSerializer.SerializeToElement(email, GoogleWire.Default.String),
            ["scope"] = JsonSerializer.SerializeToElement(Scope, GoogleWire.Default.String),
            ["aud"] = JsonSerializer.SerializeToElement(audience, GoogleWire.Default.String),
            ["iat"] = JsonSerializer.SerializeToElement(now, GoogleWire.Default.Int64),
            ["exp"] = JsonSerializer.SerializeToElement(now + 3600, GoogleWire.Default.Int64),
        };
        string unsigned = $"{Base64Url.EncodeToString("""{"alg":"RS256","typ":"JWT"}"""u8)}.{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims, GoogleWire.Default.DictionaryStringJsonElement))}";
        using var rsa = RSA.Create();
        rsa.ImportFromPem(privateKey);
        return $"{unsigned}.{Base64Url.EncodeToString(rsa.SignData(Encoding.ASCII.GetBytes(unsigned), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(GoogleServiceAccount)), JsonSerializable(typeof(GoogleToken)), JsonSerializable(typeof(Dictionary<string, JsonElement>)), JsonSerializable(typeof(string)), JsonSerializable(typeof(long))]
internal sealed partial class GoogleWire : JsonSerializerContext;
