using System.Text.Json.Serialization;
using Polymodal.Providers.Cloud;

namespace Polymodal.Providers.Cloud
{
    /// <summary>
    /// Google's Gemini API. Model <c>gemini-embedding-2</c> has one space for text, pictures, sound, films and PDF files. Source: Google's discovery document generativelanguage v1beta
    /// and the task texts of its embedding guide, read 2026-11-22.
    /// </summary>
    public static class Gemini
    {
        /// <summary>Text, pictures, sound, films and PDF in one space; 3,072 dimensions, or fewer from 128 on. It is told its task in the text.</summary>
        public static CloudModel Embedding2 { get; } = new("gemini-embedding-2")
        {
            Dimensions = 3072,
            MinDimensions = 128,
            MaxTokens = 8_192,
            MaxInputsPerRequest = 100,
            MaxTokensPerRequest = 20_000,
            MediaTypes = ["text/*", "image/png", "image/jpeg", "audio/mpeg", "audio/mp3", "audio/wav", "audio/x-wav", "video/mp4", "video/quicktime"],
            Prefixes = new Dictionary<EmbeddingIntent, string>
            {
                [EmbeddingIntent.Query] = "task: search result | query: ",
                [EmbeddingIntent.Document] = "title: none | text: ",
                [EmbeddingIntent.Similarity] = "task: sentence similarity | query: ",
                [EmbeddingIntent.Classification] = "task: classification | query: ",
                [EmbeddingIntent.Clustering] = "task: clustering | query: ",
            },
        };

        /// <summary>Text; 3,072 dimensions, or fewer from 128 on. Another space than <see cref="Embedding2"/>.</summary>
        public static CloudModel Embedding001 { get; } = new("gemini-embedding-001")
        {
            Dimensions = 3072,
            MinDimensions = 128,
            MaxTokens = 2_048,
            MaxInputsPerRequest = 100,
            MaxTokensPerRequest = 20_000,
            Tasks = new Dictionary<EmbeddingIntent, string>
            {
                [EmbeddingIntent.Query] = "RETRIEVAL_QUERY",
                [EmbeddingIntent.Document] = "RETRIEVAL_DOCUMENT",
                [EmbeddingIntent.Similarity] = "SEMANTIC_SIMILARITY",
                [EmbeddingIntent.Classification] = "CLASSIFICATION",
                [EmbeddingIntent.Clustering] = "CLUSTERING",
            },
        };

        internal static CloudService Service { get; } = new()
        {
            Name = "gemini",
            DisplayName = "Google Gemini",
            Endpoint = "https://generativelanguage.googleapis.com/v1beta",
            EndpointVariables = ["GOOGLE_GEMINI_BASE_URL"],
            KeyVariables = ["GOOGLE_API_KEY", "GEMINI_API_KEY"],
            KeyHeader = "x-goog-api-key",
            ProbePath = "models?pageSize=1",
            IsTooMany = error => (int)error.Status == 413 || ((int)error.Status == 400 && error.Says("requests can be in one batch")),
            IsFinal = error => error.Says("PerDay"),
            IsWrongKey = error => (int)error.Status is 401 or 403 || error.Says("API_KEY_INVALID", "API key not valid"),
        };

        internal static CloudApi Api { get; } = new CloudApi<GeminiBatch, GeminiAnswer>
        {
            Service = Service,
            Models = [Embedding2, Embedding001],
            OtherModel = Embedding2 with { Dimensions = null, MinDimensions = 1, MaxTokens = null, Prefixes = new Dictionary<EmbeddingIntent, string>() },
            Path = batch => $"models/{Uri.EscapeDataString(batch.Model.Id)}:batchEmbedContents",
            ToRequest = batch => new([.. batch.Inputs.Select(input => new GeminiRequest($"models/{batch.Model.Id}", GeminiContent.Of(input), batch.Task, batch.Dimensions))]),
            ToVectors = answer => answer.Embeddings?.Select(item => new IndexedVector(null, item.Values)),
            Usage = answer => new(answer.Value.UsageMetadata?.PromptTokenCount),
            Wire = GeminiWire.Default,
        };
    }

    internal sealed record GeminiBatch(IReadOnlyList<GeminiRequest> Requests);
    internal sealed record GeminiRequest(string Model, GeminiContent Content, string? TaskType, int? OutputDimensionality);
    internal sealed record GeminiPart(string? Text, GeminiData? InlineData);
    internal sealed record GeminiData(string MimeType, string Data);
    internal sealed record GeminiAnswer(IReadOnlyList<GeminiVector>? Embeddings, GeminiUsage? UsageMetadata);
    internal sealed record GeminiVector([property: JsonConverter(typeof(VectorJsonConverter))] float[]? Values);
    internal sealed record GeminiUsage(long? PromptTokenCount);

    internal sealed record GeminiContent(IReadOnlyList<GeminiPart> Parts)
    {
        /// <summary>One input as a content of one part.</summary>
        public static GeminiContent Of(CloudInput input) => new([input.Text is { } text ? new(text, null) : new(null, new(input.MediaType, input.Base64!))]);
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonSerializable(typeof(GeminiBatch)), JsonSerializable(typeof(GeminiAnswer))]
    internal sealed partial class GeminiWire : JsonSerializerContext;
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers Gemini.</summary>
    public static class GeminiServiceCollectionExtensions
    {
        /// <summary>
        /// Registers Gemini embeddings of text as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="string"/>, with the service key
        /// <c>gemini</c>. The API key is taken from the options, or from <c>GOOGLE_API_KEY</c> or <c>GEMINI_API_KEY</c>.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddGeminiTextEmbeddings(this IServiceCollection services, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Gemini.Api, Polymodal.EmbeddingModality.Text, null, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the key is taken.</exception>
        public static IServiceCollection AddGeminiTextEmbeddings(this IServiceCollection services, string key, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Gemini.Api, Polymodal.EmbeddingModality.Text, key, configure);

        /// <summary>
        /// Registers Gemini embeddings of pictures as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="Microsoft.Extensions.AI.DataContent"/>, with the service key
        /// <c>gemini-image</c>. The API key is taken from the options, or from <c>GOOGLE_API_KEY</c> or <c>GEMINI_API_KEY</c>.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddGeminiImageEmbeddings(this IServiceCollection services, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Gemini.Api, Polymodal.EmbeddingModality.Image, null, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the key is taken.</exception>
        public static IServiceCollection AddGeminiImageEmbeddings(this IServiceCollection services, string key, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Gemini.Api, Polymodal.EmbeddingModality.Image, key, configure);

        /// <summary>
        /// Registers Gemini embeddings of sound as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="Microsoft.Extensions.AI.DataContent"/>, with the service key
        /// <c>gemini-audio</c>. The API key is taken from the options, or from <c>GOOGLE_API_KEY</c> or <c>GEMINI_API_KEY</c>.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddGeminiAudioEmbeddings(this IServiceCollection services, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Gemini.Api, Polymodal.EmbeddingModality.Audio, null, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the key is taken.</exception>
        public static IServiceCollection AddGeminiAudioEmbeddings(this IServiceCollection services, string key, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Gemini.Api, Polymodal.EmbeddingModality.Audio, key, configure);

        /// <summary>
        /// Registers Gemini embeddings of films as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="Microsoft.Extensions.AI.DataContent"/>, with the service key
        /// <c>gemini-video</c>. The API key is taken from the options, or from <c>GOOGLE_API_KEY</c> or <c>GEMINI_API_KEY</c>.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddGeminiVideoEmbeddings(this IServiceCollection services, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Gemini.Api, Polymodal.EmbeddingModality.Video, null, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the key is taken.</exception>
        public static IServiceCollection AddGeminiVideoEmbeddings(this IServiceCollection services, string key, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Gemini.Api, Polymodal.EmbeddingModality.Video, key, configure);
    }
}
