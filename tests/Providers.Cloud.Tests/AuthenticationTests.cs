using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Polymodal.Providers.Cloud.Tests;

/// <summary>Requests that are signed, and tokens.</summary>
public sealed class AuthenticationTests
{
    /// <summary>The example of the AWS General Reference, "Signature Version 4 signing process": ListUsers of IAM.</summary>
    [Fact]
    public void Amazon_signature_is_that_of_the_published_example()
    {
        var credentials = new AwsCredentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", null);
        using var handler = new AwsSignatureHandler(credentials, "iam", new FakeTimeProvider(new DateTimeOffset(2015, 8, 30, 12, 36, 0, TimeSpan.Zero)), "us-east-1");
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08") { Content = new ByteArrayContent([]) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
        handler.Sign(request, []);
        Assert.Equal(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, " +
            "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7", request.Headers.GetValues("Authorization").Single());
    }

    [Fact]
    public async Task Bedrock_signs_each_attempt_anew()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using var transport = new RecordingTransport(_ => RecordingTransport.Json("{}", System.Net.HttpStatusCode.ServiceUnavailable, ("Retry-After", "5")));
        using var services = new ServiceCollection().AddBedrockTextEmbeddings(options =>
        {
            (options.Region, options.AccessKeyId, options.SecretAccessKey, options.SessionToken) = ("eu-central-1", "AKIDEXAMPLE", "a-secret", "a-session");
            (options.Transport, options.Time, options.MaxRetries) = (transport, time, 1);
        }).BuildServiceProvider();
        Task call = services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>().GenerateAsync(["red apple"]);
        time.Advance(TimeSpan.FromSeconds(5));
        await Assert.ThrowsAsync<CloudServiceException>(() => call);
        Assert.Equal(["20260101T000000Z", "20260101T000005Z"], transport.Requests.Select(request => request.Headers["X-Amz-Date"]));
        Assert.All(transport.Requests, request => Assert.Equal("a-session", request.Headers["X-Amz-Security-Token"]));
        Assert.All(transport.Requests, request => Assert.StartsWith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/eu-central-1/bedrock/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=", request.Headers["Authorization"], StringComparison.Ordinal));
        Assert.Equal("https://bedrock-runtime.eu-central-1.amazonaws.com/model/amazon.titan-embed-text-v2%3A0/invoke", transport.Requests[0].Uri.AbsoluteUri);
    }

    [Fact]
    public async Task Google_tokens_are_asked_for_once_and_again_when_they_expire()
    {
        using var rsa = RSA.Create(2048);
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new Dictionary<string, string>
            {
                ["client_email"] = "me@p.iam.gserviceaccount.com",
                ["private_key"] = rsa.ExportPkcs8PrivateKeyPem(),
                ["token_uri"] = "https://oauth2.googleapis.com/token",
            }));
            var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
            int tokens = 0;
            using var transport = new RecordingTransport(request => RecordingTransport.Json(request.Uri.Host == "oauth2.googleapis.com" ? $$"""{"access_token":"token-{{++tokens}}","expires_in":3600}""" : "{}"));
            using var handler = new GoogleTokenHandler(file, time) { InnerHandler = transport };
            using var invoker = new HttpMessageInvoker(handler);
            foreach (int minutes in (int[])[0, 30, 40])
            {
                time.Advance(TimeSpan.FromMinutes(minutes));
                using var request = new HttpRequestMessage(HttpMethod.Get, "https://aiplatform.googleapis.com/");
                using var response = await invoker.SendAsync(request, default);
            }

            Assert.Equal(["Bearer token-1", "Bearer token-1", "Bearer token-2"], transport.Requests.Where(request => request.Uri.Host == "aiplatform.googleapis.com").Select(request => request.Headers["Authorization"]));
            string assertion = Uri.UnescapeDataString(transport.Requests[0].Text.Split("assertion=")[1]);
            string[] parts = assertion.Split('.');
            Assert.True(rsa.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), System.Buffers.Text.Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
            using JsonDocument claims = JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(parts[1]));
            Assert.Equal("https://oauth2.googleapis.com/token", claims.RootElement.GetProperty("aud").GetString());
            Assert.Equal(3600, claims.RootElement.GetProperty("exp").GetInt64() - claims.RootElement.GetProperty("iat").GetInt64());
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_token_provider_is_asked_for_each_attempt()
    {
        int tokens = 0;
        using var transport = new RecordingTransport(_ => RecordingTransport.Json("{}", System.Net.HttpStatusCode.ServiceUnavailable));
        using var services = new ServiceCollection().AddAzureOpenAITextEmbeddings(options =>
        {
            (options.Endpoint, options.Model) = (new Uri("https://res.openai.azure.com"), "d");
            options.TokenProvider = _ => ValueTask.FromResult($"entra-{++tokens}");
            (options.Transport, options.MaxRetries, options.MaxRetryDelay) = (transport, 1, TimeSpan.Zero);
        }).BuildServiceProvider();
        await Assert.ThrowsAsync<CloudServiceException>(() => services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>().GenerateAsync(["red apple"]));
        Assert.Equal(["Bearer entra-1", "Bearer entra-2"], transport.Requests.Select(request => request.Headers["Authorization"]));
        Assert.All(transport.Requests, request => Assert.DoesNotContain("api-key", request.Headers.Keys));
    }
}
