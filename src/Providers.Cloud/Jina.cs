using System.Text.Json.Serialization;
using Polymodal.Providers.Cloud;

namespace Polymodal.Providers.Cloud
{
    /// <summary>
    /// Jina's embeddings: which fields may be sent differs by model, and unknown ones are refused. Source: api.jina.ai's OpenAPI file 2026.04.02.1816; the omni models by the
    /// requests of elastic/elasticsearch and jina-ai/jina-sagemaker; read 2026-11-22.
    /// </summary>
    public static class Jina
    {
        private static readonly Dictionary<EmbeddingIntent, string> Retrieval = new()
        {
            [EmbeddingIntent.Query] = "retrieval.query",
            [EmbeddingIntent.Document] = "retrieval.passage",
            [EmbeddingIntent.Similarity] = "text-matching",
        };

        private static readonly Dictionary<EmbeddingIntent, string> AllTasks = new(Retrieval)
        {
            [EmbeddingIntent.Classification] = "classification",
            [EmbeddingIntent.Clustering] = "clustering",
        };

        /// <summary>Text, 1,024 dimensions or any fewer. Shares its space with <see cref="OmniV5Small"/>.</summary>
        public static CloudModel TextV5Small { get; } = new("jina-embeddings-v5-text-small")
        {
            Dimensions = 1024,
            MinDimensions = 1,
            MaxTokens = 32_768,
            MaxInputsPerRequest = 512,
            Tasks = AllTasks,
            DefaultTask = "text-matching",
            Encodings = [CloudEncoding.Float, CloudEncoding.Base64, CloudEncoding.Binary],
            HasTruncationField = true,
            SpaceName = "jina-embeddings-v5-small",
        };

        /// <summary>Text, 768 dimensions or any fewer. Shares its space with <see cref="OmniV5Nano"/>.</summary>
        public static CloudModel TextV5Nano { get; } = TextV5Small with { Id = "jina-embeddings-v5-text-nano", Dimensions = 768, MaxTokens = 8_192, SpaceName = "jina-embeddings-v5-nano" };

        /// <summary>Text, pictures, sound and films; 1,024 dimensions or fewer, in steps of 32.</summary>
        public static CloudModel OmniV5Small { get; } = TextV5Small with
        {
            Id = "jina-embeddings-v5-omni-small",
            MinDimensions = null,
            DimensionChoices = [.. Enumerable.Range(1, 31).Select(step => 32 * step)],
            MediaTypes = ["text/*", "image/*", "audio/*", "video/*"],
            Encodings = [CloudEncoding.Float],
            HasTruncationField = false,
        };

        /// <summary>Text, pictures, sound and films; 768 dimensions or fewer, in steps of 32.</summary>
        public static CloudModel OmniV5Nano { get; } = OmniV5Small with
        {
            Id = "jina-embeddings-v5-omni-nano",
            Dimensions = 768,
            MaxTokens = 8_192,
            DimensionChoices = [.. Enumerable.Range(1, 23).Select(step => 32 * step)],
            SpaceName = "jina-embeddings-v5-nano",
        };

        /// <summary>Text and pictures; 2,048 dimensions or any fewer.</summary>
        public static CloudModel V4 { get; } = TextV5Small with
        {
            Id = "jina-embeddings-v4",
            Dimensions = 2048,
            MediaTypes = ["text/*", "image/*"],
            MaxMediaPerRequest = 8,
            Tasks = Retrieval,
            SpaceName = null,
        };

        /// <summary>Text; 1,024 dimensions or any fewer. Its word for clustering is another one.</summary>
        public static CloudModel V3 { get; } = TextV5Small with
        {
            Id = "jina-embeddings-v3",
            MaxTokens = 8_192,
            Tasks = new Dictionary<EmbeddingIntent, string>(AllTasks) { [EmbeddingIntent.Clustering] = "separation" },
            DefaultTask = null,
            SpaceName = null,
        };

        /// <summary>Text and pictures; 1,024 dimensions or any fewer. It has a task for queries only.</summary>
        public static CloudModel ClipV2 { get; } = V4 with
        {
            Id = "jina-clip-v2",
            Dimensions = 1024,
            MaxTokens = 8_192,
            Tasks = new Dictionary<EmbeddingIntent, string> { [EmbeddingIntent.Query] = "retrieval.query" },
            DefaultTask = null,
        };

        internal static CloudService Service { get; } = new()
        {
            Name = "jina",
            DisplayName = "Jina",
            Endpoint = "https://api.jina.ai/v1",
            KeyVariables = ["JINA_API_KEY", "JINAAI_API_KEY"],
            ProbePath = "models",
            AlsoRetry = [409],
            IsTooMany = error => (int)error.Status == 413 || ((int)error.Status is 400 or 422 && error.Says("batch size", "at most 512", "too many inputs", "maximum of 512")),
            IsFinal = error => error.Says("INSUFFICIENT_BALANCE"),
            IsWrongKey = error => (int)error.Status == 401 || ((int)error.Status == 403 && !error.Says("INSUFFICIENT_BALANCE")),
        };

        internal static CloudApi Api { get; } = new CloudApi<JinaRequest, JinaAnswer>
        {
            Service = Service,
            Models = [TextV5Small, TextV5Nano, V4, V3, ClipV2, OmniV5Small, OmniV5Nano],
            OtherModel = new("") { MinDimensions = 1, MaxInputsPerRequest = 512, MediaTypes = ["text/*", "image/*", "audio/*", "video/*"], HasTruncationField = true },
            Path = _ => "embeddings",
            ToRequest = batch => new(
                batch.Model.Id, [.. batch.Inputs.Select(JinaInput.Of)], batch.Task, batch.Dimensions,
                batch.Model.Encodings.Count == 1 ? null : batch.Encoding == CloudEncoding.Binary ? "ubinary" : batch.Encoding.ToString().ToLowerInvariant(),
                batch.Model.HasTruncationField ? batch.Cuts : null),
            ToVectors = answer => answer.Data?.Select(item => new IndexedVector(item.Index, item.Embedding)),
            Usage = answer => new(answer.Value.Usage?.TotalTokens, answer.Value.Usage?.ImageTokens is { } tokens ? [new("image_tokens", tokens)] : null),
            Wire = JinaWire.Default,
        };
    }

    // The field 'normalized' is not sent: some models refuse it, and vectors are scaled here.
    internal sealed record JinaRequest(string Model, IReadOnlyList<JinaInput> Input, string? Task, int? Dimensions, string? EmbeddingType, bool? Truncate);

    internal sealed record JinaInput(string? Text, string? Image, string? Audio, string? Video)
    {
        /// <summary>An input under the name of its kind, bytes as bare base64.</summary>
        public static JinaInput Of(CloudInput input) => new(
            input.Text, input.MediaType.StartsWith("image/", StringComparison.Ordinal) ? input.Base64 : null, input.MediaType.StartsWith("audio/", StringComparison.Ordinal) ? input.Base64 : null,
            input.MediaType.StartsWith("video/", StringComparison.Ordinal) ? input.Base64 : null);
    }

    internal sealed record JinaAnswer(IReadOnlyList<OpenAIItem>? Data, JinaUsage? Usage);
    internal sealed record JinaUsage(long? TotalTokens, long? ImageTokens);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonSerializable(typeof(JinaRequest)), JsonSerializable(typeof(JinaAnswer))]
    internal sealed partial class JinaWire : JsonSerializerContext;
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers Jina.</summary>
    public static class JinaServiceCollectionExtensions
    {
        /// <summary>
        /// Registers Jina embeddings of text as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="string"/>, with the service key
        /// <c>jina</c>. The API key is taken from the options or from <c>JINA_API_KEY</c>.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddJinaTextEmbeddings(this IServiceCollection services, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Jina.Api, Polymodal.EmbeddingModality.Text, null, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the key is taken.</exception>
        public static IServiceCollection AddJinaTextEmbeddings(this IServiceCollection services, string key, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Jina.Api, Polymodal.EmbeddingModality.Text, key, configure);

        /// <summary>
        /// Registers Jina embeddings of pictures as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="Microsoft.Extensions.AI.DataContent"/>, with the service key
        /// <c>jina-image</c>. The API key is taken from the options or from <c>JINA_API_KEY</c>.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddJinaImageEmbeddings(this IServiceCollection services, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Jina.Api, Polymodal.EmbeddingModality.Image, null, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the key is taken.</exception>
        public static IServiceCollection AddJinaImageEmbeddings(this IServiceCollection services, string key, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Jina.Api, Polymodal.EmbeddingModality.Image, key, configure);

        /// <summary>
        /// Registers Jina embeddings of sound as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="Microsoft.Extensions.AI.DataContent"/>, with the service key
        /// <c>jina-audio</c>. The API key is taken from the options or from <c>JINA_API_KEY</c>.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddJinaAudioEmbeddings(this IServiceCollection services, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Jina.Api, Polymodal.EmbeddingModality.Audio, null, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the key is taken.</exception>
        public static IServiceCollection AddJinaAudioEmbeddings(this IServiceCollection services, string key, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Jina.Api, Polymodal.EmbeddingModality.Audio, key, configure);

        /// <summary>
        /// Registers Jina embeddings of films as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="Microsoft.Extensions.AI.DataContent"/>, with the service key
        /// <c>jina-video</c>. The API key is taken from the options or from <c>JINA_API_KEY</c>.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddJinaVideoEmbeddings(this IServiceCollection services, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Jina.Api, Polymodal.EmbeddingModality.Video, null, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the key is taken.</exception>
        public static IServiceCollection AddJinaVideoEmbeddings(this IServiceCollection services, string key, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Jina.Api, Polymodal.EmbeddingModality.Video, key, configure);
    }
}
