using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Polymodal.Providers.Cloud.Tests;

/// <summary>Pictures and sounds by way of words.</summary>
public sealed class OpenAIDescriptionTests
{
    private static readonly DataContent Picture = new(new byte[] { 1, 2, 3 }, "image/png"), Sound = new(new byte[] { 4, 5, 6 }, "audio/wav");

    [Fact]
    public async Task A_picture_is_described_then_embedded_and_the_description_is_kept()
    {
        using var transport = Transport("""{"choices":[{"message":{"content":"A red apple.","refusal":null},"finish_reason":"stop"}],"usage":{"prompt_tokens":90,"completion_tokens":5,"total_tokens":95}}""");
        using var services = Register(transport);
        var generator = services.GetRequiredKeyedService<IEmbeddingGenerator<DataContent, Embedding<float>>>("openai-image");
        var result = await generator.GenerateAsync([Picture]);
        Assert.Equal("A red apple.", result[0].AdditionalProperties![DescribingEmbeddingGenerator.DescriptionProperty]);
        Assert.Equal("openai/text-embedding-3-small/2", EmbeddingSpace.SpaceIdOf(result[0]));
        Assert.Equal("openai/text-embedding-3-small/2", generator.GetService<EmbeddingSpace>()!.SpaceId);
        Assert.Equal((2L, 90L, 5L), (result.Usage!.InputTokenCount!.Value, result.Usage.AdditionalCounts!["describe_input_tokens"], result.Usage.AdditionalCounts["describe_output_tokens"]));
        JsonNode chat = JsonNode.Parse(transport.Requests[0].Body)!;
        Assert.Equal("", OpenApiSchema.Faults("openai.json#CreateChatCompletionRequest", chat));
        Assert.Equal("data:image/png;base64,AQID", chat["messages"]![0]!["content"]![1]!["image_url"]!["url"]!.GetValue<string>());
        Assert.Contains("\"A red apple.\"", transport.Requests[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sound_is_transcribed_then_embedded()
    {
        using var transport = Transport("""{"text":"hello","usage":{"type":"tokens","input_tokens":14,"output_tokens":5,"total_tokens":19}}""");
        using var services = Register(transport);
        var result = await services.GetRequiredKeyedService<IEmbeddingGenerator<DataContent, Embedding<float>>>("openai-audio").GenerateAsync([Sound]);
        Assert.Equal("hello", result[0].AdditionalProperties![DescribingEmbeddingGenerator.DescriptionProperty]);
        Assert.Equal(14, result.Usage!.AdditionalCounts!["transcribe_input_tokens"]);
        Assert.Equal("https://api.openai.com/v1/audio/transcriptions", transport.Requests[0].Uri.AbsoluteUri);
        string form = Encoding.Latin1.GetString(transport.Requests[0].Body);
        Assert.Contains("gpt-4o-mini-transcribe", form, StringComparison.Ordinal);
        Assert.Matches("name=\"?file\"?; filename=\"?audio\\.wav", form);
        Assert.Contains("\u0004\u0005\u0006", form, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"choices":[{"message":{"content":"A red","refusal":null},"finish_reason":"length"}]}""", "MaxDescriptionTokens")]
    [InlineData("""{"choices":[{"message":{"content":null,"refusal":"I cannot"},"finish_reason":"stop"}]}""", "refusal")]
    [InlineData("""{"choices":[{"message":{"content":"x"},"finish_reason":"content_filter"}]}""", "content_filter")]
    [InlineData("""{"choices":[]}""", "no description")]
    [InlineData("""{"choices":[{"message":{"content":" "},"finish_reason":"stop"}]}""", "no description")]
    public async Task A_picture_that_was_not_described_has_no_vector(string answer, string says)
    {
        using var transport = Transport(answer);
        using var services = Register(transport);
        var error = await Assert.ThrowsAsync<CloudServiceException>(() => services.GetRequiredKeyedService<IEmbeddingGenerator<DataContent, Embedding<float>>>("openai-image").GenerateAsync([Picture]));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.Contains("gpt-4.1-mini", error.Message, StringComparison.Ordinal);
        Assert.Single(transport.Requests);
    }

    [Fact]
    public async Task What_was_described_before_a_failure_is_embedded_and_given_back()
    {
        int descriptions = 0;
        using var transport = new RecordingTransport(request => request.Uri.AbsolutePath.EndsWith("/embeddings", StringComparison.Ordinal) ? Embedded()
            : ++descriptions == 2 ? RecordingTransport.Json("{}", System.Net.HttpStatusCode.BadRequest)
            : RecordingTransport.Json("""{"choices":[{"message":{"content":"A red apple."},"finish_reason":"stop"}]}"""));
        using var services = Register(transport, options => options.MaxConcurrentRequests = 1);
        var error = await Assert.ThrowsAsync<CloudServiceException>(
            () => services.GetRequiredKeyedService<IEmbeddingGenerator<DataContent, Embedding<float>>>("openai-image").GenerateAsync([Picture, Picture, Picture]));
        Assert.Equal([0], error.Completed.Keys);
        Assert.Equal("A red apple.", error.Completed[0].AdditionalProperties![DescribingEmbeddingGenerator.DescriptionProperty]);
    }

    [Fact]
    public async Task Other_media_are_refused_before_anything_is_sent()
    {
        using var transport = Transport("{}");
        using var services = Register(transport);
        var error = await Assert.ThrowsAsync<ArgumentException>(() => services.GetRequiredKeyedService<IEmbeddingGenerator<DataContent, Embedding<float>>>("openai-image").GenerateAsync([Sound]));
        Assert.Contains("audio/wav", error.Message, StringComparison.Ordinal);
        Assert.Empty(transport.Requests);
    }

    private static RecordingTransport Transport(string described) => new(request =>
        request.Uri.AbsolutePath.EndsWith("/embeddings", StringComparison.Ordinal) ? Embedded() : RecordingTransport.Json(described));

    private static HttpResponseMessage Embedded() => RecordingTransport.Json("""{"data":[{"index":0,"embedding":[3,4]}],"usage":{"prompt_tokens":2}}""");

    private static ServiceProvider Register(HttpMessageHandler transport, Action<CloudOptions>? configure = null)
    {
        void Configure(CloudOptions options)
        {
            (options.ApiKey, options.Transport, options.Dimensions, options.MaxRetries) = (Services.Key, transport, 2, 0);
            configure?.Invoke(options);
        }

        return new ServiceCollection().AddOpenAIImageEmbeddings(Configure).AddOpenAIAudioEmbeddings(Configure).BuildServiceProvider();
    }
}
