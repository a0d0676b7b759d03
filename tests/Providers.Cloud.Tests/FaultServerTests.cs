using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Polymodal.Providers.Cloud.Tests;

/// <summary>What comes of a real connection that misbehaves.</summary>
public sealed class FaultServerTests
{
    private static readonly byte[] Good = FaultServer.Http("""{"data":[{"index":0,"embedding":[3,4]}],"usage":{"prompt_tokens":2}}""");

    [Fact]
    public async Task A_connection_that_breaks_at_any_byte_is_tried_again()
    {
        for (int length = 0; length < Good.Length; length++)
        {
            await using var server = FaultServer.Of(Good[..length], Good);
            using var services = Register(server, options => options.MaxRetryDelay = TimeSpan.Zero);
            float[] vector = (await GenerateAsync(services))[0].Vector.ToArray();
            Assert.Equal([0.6f, 0.8f], vector);
            Assert.Equal(2, server.Requests);
        }
    }

    [Fact]
    public async Task A_connection_that_always_breaks_is_an_error_that_says_so()
    {
        await using var server = FaultServer.Of(Good[..^5]);
        using var services = Register(server, options => (options.MaxRetries, options.MaxRetryDelay) = (2, TimeSpan.Zero));
        var error = await Assert.ThrowsAsync<CloudServiceException>(() => GenerateAsync(services));
        Assert.Equal(CloudFailure.Connection, error.Failure);
        Assert.Contains("attempt 3", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, server.Requests);
    }

    [Fact]
    public async Task Nobody_listening_is_an_error_that_names_the_address()
    {
        Uri endpoint;
        await using (var server = FaultServer.Of(Good))
            endpoint = server.Endpoint;
        using var services = Register(endpoint, options => options.MaxRetries = 0);
        var error = await Assert.ThrowsAsync<CloudServiceException>(() => GenerateAsync(services));
        Assert.Equal(CloudFailure.Connection, error.Failure);
        Assert.Contains(endpoint.Authority, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_drips_ends_with_the_time_of_an_attempt()
    {
        await using var server = new FaultServer(async (_, stream, cancellationToken) =>
        {
            await stream.WriteAsync(Good.AsMemory(0, Good.Length - 5), cancellationToken);
            await Task.Delay(Timeout.Infinite, cancellationToken);
        });
        using var services = Register(server, options => (options.AttemptTimeout, options.MaxRetries) = (TimeSpan.FromMilliseconds(200), 0));
        var error = await Assert.ThrowsAsync<CloudServiceException>(() => GenerateAsync(services));
        Assert.Equal(CloudFailure.Connection, error.Failure);
        Assert.Contains("no whole answer within 0.2 s", error.Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_gigantic_answer_is_refused_in_bounded_memory(bool saysItsLength)
    {
        byte[] block = Encoding.ASCII.GetBytes(new string(' ', 64 * 1024));
        long sent = 0;
        await using var server = new FaultServer(async (_, stream, cancellationToken) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\n{(saysItsLength ? "Content-Length: 9999999999\r\n" : "")}Connection: close\r\n\r\n"), cancellationToken);
            for (int i = 0; i < 1_000; i++, sent += block.Length)
                await stream.WriteAsync(block, cancellationToken);
        });
        using var services = Register(server, options => options.MaxResponseBytes = 1 << 20);
        var error = await Assert.ThrowsAsync<CloudServiceException>(() => GenerateAsync(services));
        Assert.Equal(CloudFailure.InvalidAnswer, error.Failure);
        Assert.Contains("1048576 bytes", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, server.Requests);
    }

    [Theory, InlineData("301 Moved Permanently"), InlineData("302 Found"), InlineData("307 Temporary Redirect"), InlineData("308 Permanent Redirect")]
    public async Task A_redirect_carries_the_key_nowhere(string status)
    {
        await using var other = FaultServer.Of(Good);
        await using var server = FaultServer.Of(FaultServer.Http("", status, $"Location: {other.Endpoint}/embeddings"));
        using var services = Register(server);
        var error = await Assert.ThrowsAsync<CloudServiceException>(() => GenerateAsync(services));
        Assert.Contains("Redirects are not followed", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, other.Requests);
    }

    [Theory]
    [InlineData("<html>Sign in to the network</html>", "an HTML page")]
    [InlineData("", "not its documented JSON")]
    [InlineData("null", "not its documented JSON")]
    [InlineData("[]", "not its documented JSON")]
    [InlineData("{}", "0 vectors for 1 inputs")]
    [InlineData("""{"data":[{"index":0,"embedding":[NaN,1]}]}""", "not its documented JSON")]
    [InlineData("""{"data":[{"index":0,"embedding":[1e400,1]}]}""", "is not finite")]
    [InlineData("""{"data":[{"index":0,"embedding":"AADAfwAAgD8="}]}""", "is not finite")]
    [InlineData("""{"data":[{"index":0,"embedding":"%%%"}]}""", "not its documented JSON")]
    [InlineData("""{"data":[{"index":0,"embedding":"AAA="}]}""", "not its documented JSON")]
    [InlineData("""{"data":[{"index":1,"embedding":[1,0]}]}""", "index 1")]
    [InlineData("""{"data":[{"index":-1,"embedding":[1,0]}]}""", "index -1")]
    [InlineData("""{"data":[{"index":0,"embedding":null}]}""", "no numbers")]
    [InlineData("""{"data":[{"index":0,"embedding":[]}]}""", "0 numbers")]
    [InlineData("""{"data":[{"index":0,"embedding":["1","0"]}]}""", "not its documented JSON")]
    [InlineData("""{"data":[{"index":0,"embedding":[1,0]},{"index":0,"embedding":[1,0]}]}""", "more than 1 vectors")]
    public async Task An_answer_of_success_that_is_none_is_refused(string body, string says)
    {
        await using var server = FaultServer.Of(FaultServer.Http(body));
        using var services = Register(server);
        var error = await Assert.ThrowsAsync<CloudServiceException>(() => GenerateAsync(services));
        Assert.Equal(CloudFailure.InvalidAnswer, error.Failure);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task Numbers_near_the_ends_of_floats_become_unit_vectors()
    {
        await using var server = FaultServer.Of(
            FaultServer.Http("""{"data":[{"index":0,"embedding":[3e38,0]}]}"""), FaultServer.Http("""{"data":[{"index":0,"embedding":[0,3e-38]}]}"""), FaultServer.Http("""{"data":[{"index":0,"embedding":[0,0]}]}"""));
        using var services = Register(server);
        foreach (float[] expected in (float[][])[[1, 0], [0, 1], [0, 0]])
        {
            float[] vector = (await GenerateAsync(services))[0].Vector.ToArray();
            Assert.Equal(expected, vector);
        }
    }

    private static ServiceProvider Register(FaultServer server, Action<CloudOptions>? configure = null) => Register(server.Endpoint, configure);

    private static ServiceProvider Register(Uri endpoint, Action<CloudOptions>? configure) => new ServiceCollection().AddOpenAICompatibleTextEmbeddings(options =>
    {
        options.Endpoint = endpoint;
        options.ApiKey = Services.Key;
        options.Model = "any";
        configure?.Invoke(options);
    }).BuildServiceProvider();

    private static Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IServiceProvider services) =>
        services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>().GenerateAsync(["red apple"]);
}
