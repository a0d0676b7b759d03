using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Polymodal;
using Polymodal.Providers.Cloud;

namespace Polymodal.Providers.Cloud
{
    /// <summary>How OpenAI describes pictures before it embeds the descriptions. The other options are those of the text model.</summary>
    public sealed class OpenAIImageOptions : CloudOptions
    {
        /// <summary>The model that describes. Default <c>gpt-4.1-mini</c>.</summary>
        public string DescribingModel { get; set; } = "gpt-4.1-mini";

        /// <summary>What it is asked for.</summary>
        public string Prompt { get; set; } = "Describe the picture in one paragraph, so that a search for what it shows would find it: objects, people, actions, place, colours, style, and any text in it.";

        /// <summary>Tokens of a description at most; one that is longer is an error, not a cut text. Default 400.</summary>
        public int MaxDescriptionTokens { get; set; } = 400;

        /// <summary><c>low</c>, <c>high</c> or <c>auto</c>: how closely the picture is looked at. Default <c>low</c>.</summary>
        public string Detail { get; set; } = "low";
    }

    /// <summary>How OpenAI transcribes sound before it embeds the words. The other options are those of the text model.</summary>
    public sealed class OpenAIAudioOptions : CloudOptions
    {
        /// <summary>The model that transcribes. Default <c>gpt-4o-mini-transcribe</c>.</summary>
        public string TranscribingModel { get; set; } = "gpt-4o-mini-transcribe";

        /// <summary>The language, as two letters (ISO 639-1); null: found out by the model.</summary>
        public string? Language { get; set; }
    }

    /// <summary>OpenAI embeds only text: pictures are described by a chat model, sounds are transcribed. Source: openai/openai-openapi, spec 2.3.0, read 2026-11-22.</summary>
    internal static class OpenAIDescriptions
    {
        /// <summary>26,214,400 bytes, the file itself.</summary>
        private const int MaxAudioBytes = 26_214_400;

        private static readonly Dictionary<string, string> Extensions = new()
        {
            ["audio/flac"] = "flac",
            ["audio/mpeg"] = "mp3",
            ["audio/mp3"] = "mp3",
            ["audio/mp4"] = "m4a",
            ["audio/m4a"] = "m4a",
            ["audio/x-m4a"] = "m4a",
            ["audio/ogg"] = "ogg",
            ["audio/wav"] = "wav",
            ["audio/x-wav"] = "wav",
            ["audio/webm"] = "webm",
        };

        public static CloudModel DescribingModel(OpenAIImageOptions options) => new(options.DescribingModel) { MediaTypes = ["image/png", "image/jpeg", "image/webp", "image/gif"] };

        public static CloudModel TranscribingModel(OpenAIAudioOptions options) => new(options.TranscribingModel) { MediaTypes = [.. Extensions.Keys] };

        public static CloudDescriber Describe(OpenAIImageOptions options) => async (client, input, where, cancellationToken) =>
        {
            var request = new ChatRequest(options.DescribingModel, options.MaxDescriptionTokens,
                [new("user", [new("text", options.Prompt, null), new("image_url", null, new(input.DataUri, options.Detail))])]);
            ChatAnswer answer = (await client.PostAsync<ChatRequest, ChatAnswer>("chat/completions", request, OpenAIDescriptionWire.Default, where, cancellationToken).ConfigureAwait(false)).Value;
            ChatChoice? choice = answer.Choices is [var first, ..] ? first : null;
            string? text = choice?.Message?.Content;
            if (choice?.Message?.Refusal is { } refusal)
                throw client.InvalidAnswer(where, $"a refusal to describe the picture: \"{refusal}\"", "Leave the picture out.");
            if (choice?.FinishReason is { } reason and not "stop")
                throw client.InvalidAnswer(where, $"a description that ended with '{reason}'", reason == "length" ? "Raise MaxDescriptionTokens." : "Leave the picture out.");
            return string.IsNullOrWhiteSpace(text)
                ? throw client.InvalidAnswer(where, "no description", "Choose another DescribingModel.")
                : (text, Units(("describe_input_tokens", answer.Usage?.PromptTokens), ("describe_output_tokens", answer.Usage?.CompletionTokens)));
        };

        public static CloudDescriber Transcribe(OpenAIAudioOptions options) => async (client, input, where, cancellationToken) =>
        {
            if (input.Bytes.Length > MaxAudioBytes)
                throw new ArgumentException($"{where}: the file has {input.Bytes.Length} bytes; the service takes {MaxAudioBytes}. Compress or cut it.");
            var form = new MultipartFormDataContent { { new StringContent(options.TranscribingModel), "model" }, { new StringContent("json"), "response_format" } };
            if (options.Language is { } language)
                form.Add(new StringContent(language), "language");
            var file = new ReadOnlyMemoryContent(input.Bytes) { Headers = { ContentType = new(input.MediaType) } };
            form.Add(file, "file", $"audio.{Extensions[input.MediaType]}");
            TranscriptAnswer answer = (await client.PostAsync("audio/transcriptions", form, OpenAIDescriptionWire.Default.TranscriptAnswer, where, cancellationToken).ConfigureAwait(false)).Value;
            return string.IsNullOrWhiteSpace(answer.Text)
                ? throw client.InvalidAnswer(where, "no words", "The sound holds no speech that was understood: leave it out.")
                : (answer.Text, Units(
                    ("transcribe_input_tokens", answer.Usage?.InputTokens), ("transcribe_output_tokens", answer.Usage?.OutputTokens), ("transcribe_seconds", (long?)answer.Usage?.Seconds)));
        };

        /// <summary>Registers a way by words: the text model's generator behind a describing one.</summary>
        public static IServiceCollection Add<TOptions>(
            IServiceCollection services, EmbeddingModality modality, string? key, Action<TOptions>? configure, Func<TOptions, CloudModel> describingModel, Func<TOptions, CloudDescriber> describer)
            where TOptions : CloudOptions, new()
        {
            (CloudApi api, CloudModel text, TOptions options) = CloudServiceCollectionExtensions.Configured(services, _ => OpenAI.Api, EmbeddingModality.Text, configure);
            CloudModel describing = describingModel(options);
            EmbeddingFramework framework = CloudServiceCollectionExtensions.Framework(
                api.Service, key ?? CloudServiceCollectionExtensions.KeyOf(api.Service, modality), modality, text with { MediaTypes = describing.MediaTypes }, options);
            return services.AddEmbeddingFramework(framework, provider =>
            {
                var loggers = provider.GetService<ILoggerFactory>();
                var generator = new CloudEmbeddingGenerator<string>(api, text, options, loggers);
                var client = new CloudClient(api.Service, options, describing.Id, (loggers ?? NullLoggerFactory.Instance).CreateLogger("Polymodal.Providers.Cloud.openai"));
                return (Microsoft.Extensions.AI.IEmbeddingGenerator<Microsoft.Extensions.AI.DataContent, Microsoft.Extensions.AI.Embedding<float>>)
                    new DescribingEmbeddingGenerator(generator, client, describing, options, describer(options));
            });
        }

        private static Dictionary<string, long> Units(params IEnumerable<(string Name, long? Count)> counts) =>
            counts.Where(count => count.Count is not null).ToDictionary(count => count.Name, count => count.Count!.Value);
    }

    internal sealed record ChatRequest(string Model, int MaxCompletionTokens, IReadOnlyList<ChatMessage> Messages);
    internal sealed record ChatMessage(string Role, IReadOnlyList<ChatPart> Content);
    internal sealed record ChatPart(string Type, string? Text, ChatImage? ImageUrl);
    internal sealed record ChatImage(string Url, string Detail);
    internal sealed record ChatAnswer(IReadOnlyList<ChatChoice>? Choices, ChatUsage? Usage);
    internal sealed record ChatChoice(ChatReply? Message, string? FinishReason);
    internal sealed record ChatReply(string? Content, string? Refusal);
    internal sealed record ChatUsage(long? PromptTokens, long? CompletionTokens);
    internal sealed record TranscriptAnswer(string? Text, TranscriptUsage? Usage);
    internal sealed record TranscriptUsage(long? InputTokens, long? OutputTokens, double? Seconds);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonSerializable(typeof(ChatRequest)), JsonSerializable(typeof(ChatAnswer)), JsonSerializable(typeof(TranscriptAnswer))]
    internal sealed partial class OpenAIDescriptionWire : JsonSerializerContext;
}

namespace Microsoft.Extensions.DependencyInjection
{
    public static partial class OpenAIServiceCollectionExtensions
    {
        /// <summary>
        /// Registers pictures at OpenAI, with the service key <c>openai-image</c>. OpenAI embeds no pictures: each is described by a chat model, which costs a call of its own, and the description is
        /// embedded. The vector compares with those of <see cref="AddOpenAITextEmbeddings(IServiceCollection, Action{CloudOptions})"/>; the description is kept with it
        /// (<see cref="DescribingEmbeddingGenerator.DescriptionProperty"/>).
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already.</exception>
        public static IServiceCollection AddOpenAIImageEmbeddings(this IServiceCollection services, Action<OpenAIImageOptions>? configure = null) =>
            OpenAIDescriptions.Add(services, EmbeddingModality.Image, null, configure, OpenAIDescriptions.DescribingModel, OpenAIDescriptions.Describe);

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <inheritdoc cref="AddOpenAIImageEmbeddings(IServiceCollection, Action{OpenAIImageOptions})"/>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        public static IServiceCollection AddOpenAIImageEmbeddings(this IServiceCollection services, string key, Action<OpenAIImageOptions>? configure = null) =>
            OpenAIDescriptions.Add(services, EmbeddingModality.Image, key, configure, OpenAIDescriptions.DescribingModel, OpenAIDescriptions.Describe);

        /// <summary>
        /// Registers sound at OpenAI, with the service key <c>openai-audio</c>. OpenAI embeds no sound: speech is transcribed, which costs a call of its own, and the words are embedded. Sound
        /// without speech has no vector. The vector compares with those of <see cref="AddOpenAITextEmbeddings(IServiceCollection, Action{CloudOptions})"/>; the words are kept with it
        /// (<see cref="DescribingEmbeddingGenerator.DescriptionProperty"/>).
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already.</exception>
        public static IServiceCollection AddOpenAIAudioEmbeddings(this IServiceCollection services, Action<OpenAIAudioOptions>? configure = null) =>
            OpenAIDescriptions.Add(services, EmbeddingModality.Audio, null, configure, OpenAIDescriptions.TranscribingModel, OpenAIDescriptions.Transcribe);

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <inheritdoc cref="AddOpenAIAudioEmbeddings(IServiceCollection, Action{OpenAIAudioOptions})"/>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        public static IServiceCollection AddOpenAIAudioEmbeddings(this IServiceCollection services, string key, Action<OpenAIAudioOptions>? configure = null) =>
            OpenAIDescriptions.Add(services, EmbeddingModality.Audio, key, configure, OpenAIDescriptions.TranscribingModel, OpenAIDescriptions.Transcribe);
    }
}
