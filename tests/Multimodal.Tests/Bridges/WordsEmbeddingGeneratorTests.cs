using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal.Tests.Bridges;

[Collection(ShippedModels.Name)]
public sealed class WordsEmbeddingGeneratorTests(ShippedModels models)
{
    private static readonly DataContent Picture = new(new byte[] { 7 }, "image/png"), Sound = new(new byte[] { 9 }, "audio/wav");

    [Fact]
    public async Task Recorded_speech_is_found_by_what_was_said_and_the_bridge_is_far_above_chance()
    {
        // One recording of each of the four sentences.
        (string Name, DataContent Content)[] files = ShippedModels.Files("models/speech", "flite-slt-*.wav", "audio/wav");
        string[] questions = ["a fox and a dog", "what shall I buy on the way home", "will it rain tomorrow", "switch on the kitchen lights"];
        Bridge bridge = await Multimodal.Bridges.Transcribe(models.Speech, models.Text).MeasuredAsync(models.Text, [.. files.Zip(questions, (file, question) => new BridgeExample(file.Content, question))]);
        Assert.Equal(1, bridge.Quality!.RecallAt1);
        Assert.Equal(models.Text.GetService<EmbeddingSpace>()!.SpaceId, bridge.Space.SpaceId);
        Embedding<float> said = (await bridge.Generator.GenerateAsync([files[1].Content]))[0];
        Assert.Contains("milk and bread", said.AdditionalProperties![WordsEmbeddingGenerator.DescriptionProperty]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Descriptions_are_embedded_kept_and_paid_for()
    {
        var text = Texts();
        using WordsEmbeddingGenerator generator = WordsEmbeddingGenerator.Describing(new FakeChat(_ => new(new ChatMessage(ChatRole.Assistant, " a red door ")) { FinishReason = ChatFinishReason.Stop, Usage = new() { InputTokenCount = 5, OutputTokenCount = 2 } }), text, new() { Prompt = "What is it?" });
        GeneratedEmbeddings<Embedding<float>> found = await generator.GenerateAsync([Picture, Picture]);
        Assert.Equal(["a red door", "a red door"], text.Inputs);
        Assert.All(found, vector => Assert.Equal("a red door", vector.AdditionalProperties![WordsEmbeddingGenerator.DescriptionProperty]));
        Assert.All(found, vector => Assert.Equal("text", EmbeddingSpace.SpaceIdOf(vector)));
        Assert.Equal(10, found.Usage!.InputTokenCount);
        Assert.Contains("described by seer", generator.GetService<EmbeddingSpace>()!.Fingerprint, StringComparison.Ordinal);
    }

    [Theory, InlineData("", "stop"), InlineData("a red", "length"), InlineData("I cannot", "content_filter")]
    public async Task A_description_that_is_missing_or_broke_off_is_an_error(string words, string reason)
    {
        using WordsEmbeddingGenerator generator = WordsEmbeddingGenerator.Describing(new FakeChat(_ => new(new ChatMessage(ChatRole.Assistant, words)) { FinishReason = new ChatFinishReason(reason) }), Texts());
        Exception fault = await Assert.ThrowsAsync<InvalidDataException>(() => generator.GenerateAsync([Picture]));
        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("red", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silence_is_near_nothing_and_stays_in_its_place()
    {
        using WordsEmbeddingGenerator generator = WordsEmbeddingGenerator.Transcribing(new FakeSpeech(bytes => bytes[0] == 9 ? "hello" : " "), Texts());
        GeneratedEmbeddings<Embedding<float>> found = await generator.GenerateAsync([new DataContent(new byte[] { 0 }, "audio/wav"), Sound]);
        Assert.Equal([0, 0], found[0].Vector.ToArray());
        Assert.Equal([1, 0], found[1].Vector.ToArray());
        Assert.Equal("", found[0].AdditionalProperties![WordsEmbeddingGenerator.DescriptionProperty]);
    }

    [Fact]
    public async Task Another_medium_is_refused_before_any_model_is_asked()
    {
        int asked = 0;
        using WordsEmbeddingGenerator generator = WordsEmbeddingGenerator.Transcribing(new FakeSpeech(_ => $"{asked++}"), Texts());
        Assert.Contains("input 1 is image/png", (await Assert.ThrowsAsync<ArgumentException>(() => generator.GenerateAsync([Sound, Picture]))).Message, StringComparison.Ordinal);
        Assert.Equal(0, asked);
        Assert.Empty(await generator.GenerateAsync([]));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => generator.GenerateAsync([Sound], cancellationToken: new(canceled: true)));
    }

    private static VectorFunctionGenerator<string> Texts() => new("text", 2, _ => [1, 0], isUnit: true);

    private sealed class FakeChat(Func<IEnumerable<ChatMessage>, ChatResponse> answer) : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => Task.FromResult(answer(messages));

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("fake", null, "seer") : null;

        public void Dispose()
        {
        }
    }

    private sealed class FakeSpeech(Func<byte[], string> transcript) : ISpeechToTextClient
    {
        public Task<SpeechToTextResponse> GetTextAsync(Stream audioSpeechStream, SpeechToTextOptions? options = null, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var copy = new MemoryStream();
            audioSpeechStream.CopyTo(copy);
            return Task.FromResult(new SpeechToTextResponse(transcript(copy.ToArray())));
        }

        public IAsyncEnumerable<SpeechToTextResponseUpdate> GetStreamingTextAsync(Stream audioSpeechStream, SpeechToTextOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
