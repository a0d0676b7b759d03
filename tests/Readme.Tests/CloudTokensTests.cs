using System.Net;
using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Readme.Tests;

/// <summary>The example of docs/cloud.md that counts a service's tokens with a tokenizer of this library.</summary>
public class CloudTokensTests
{
    [Fact]
    public async Task The_example_counts_exactly_and_stands_in_the_page()
    {
        string folder = Repository.MiniLM;
        using var server = new Server();
        var services = new ServiceCollection();

        // docs begin
        var tokenizer = Tokenizer.FromFolder(folder);
        services.AddOpenAITextEmbeddings(o => o.CountTokens = text => tokenizer.Encode(text).InputIds.Count);
        // docs end
        services.Clear();
        services.AddOpenAITextEmbeddings(o => (o.ApiKey, o.Dimensions, o.Transport, o.CountTokens) = ("key", 2, server, text => tokenizer.Encode(text).InputIds.Count));
        using ServiceProvider provider = services.BuildServiceProvider();
        var generator = provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();

        // A word a token, and two special ones: 8,192 are what the model takes.
        Assert.Single(await generator.GenerateAsync([Words(8_190)]));
        Assert.Contains("has 8193 tokens", (await Assert.ThrowsAsync<ArgumentException>(() => generator.GenerateAsync([Words(8_191)]))).Message, StringComparison.Ordinal);
        Assert.Equal(1, server.Requests);

        string[] file = await File.ReadAllLinesAsync(Repository.PathOf("tests/Readme.Tests/CloudTokensTests.cs"));
        string[] lines = [.. file.SkipWhile(line => line.Trim() != "// docs begin").Skip(1).TakeWhile(line => line.Trim() != "// docs end").Select(line => line.Trim())];
        Assert.Contains($"```csharp\n{string.Join('\n', lines)}\n```", (await File.ReadAllTextAsync(Repository.PathOf("docs/cloud.md"))).ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    private static string Words(int count) => string.Join(' ', Enumerable.Repeat("a", count));

    private sealed class Server : HttpMessageHandler
    {
        public int Requests { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests++;
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("""{"data":[{"index":0,"embedding":[1,0]}]}""", Encoding.UTF8, "application/json") });
        }
    }
}
