using System.Text.Json.Serialization;
using Polymodal.Providers.Cloud;

namespace Polymodal.Providers.Cloud
{
    /// <summary>
    /// Google's Vertex AI (Gemini Enterprise Agent Platform). Requests carry an access token: from <see cref="CloudOptions.TokenProvider"/>, or from the key file of a service account that
    /// <c>GOOGLE_APPLICATION_CREDENTIALS</c> names. One input a request. Source: googleapis/googleapis prediction_service.proto and python-genai of 2026-08, read 2026-11-22.
    /// </summary>
    public static class Vertex
    {
        /// <summary>Text, pictures, sound, films in one space, as at the Gemini API; here it says what becomes of too long inputs.</summary>
        public static CloudModel Embedding2 { get; } = Gemini.Embedding2 with { MaxInputsPerRequest = 1, MaxTokensPerRequest = null, HasTruncationField = true };

        /// <summary>Text; 3,072 dimensions, or fewer from 128 on.</summary>
        public static CloudModel Embedding001 { get; } = Gemini.Embedding001 with { MaxInputsPerRequest = 1, MaxTokensPerRequest = null, HasTruncationField = true };

        /// <summary>The older model of text and pictures in one space; 1,408 dimensions, or 128, 256, 512. Text is cut after about 32 tokens.</summary>
        public static CloudModel Multimodal001 { get; } = new("multimodalembedding@001")
        {
            Dimensions = 1408,
            DimensionChoices = [128, 256, 512],
            MaxTokens = 32,
            MaxInputsPerRequest = 1,
            MediaTypes = ["text/*", "image/png", "image/jpeg", "image/bmp", "image/gif"],
        };

        internal static CloudService Service { get; } = Gemini.Service with
        {
            Name = "vertex",
            DisplayName = "Google Vertex AI",
            Endpoint = null,
            EndpointVariables = ["GOOGLE_VERTEX_BASE_URL"],
            EndpointHint = "Project or GOOGLE_CLOUD_PROJECT",
            KeyVariables = [],
            ProbePath = null,
            Signing = options => options.ApiKey is null && options.TokenProvider is null && GoogleServiceAccount.File is { } file ? new GoogleTokenHandler(file, options.Time) : null,
            SigningDetection = _ => GoogleServiceAccount.File is { } file && File.Exists(file)
                ? FrameworkAvailability.Found("with a service account")
                : FrameworkAvailability.Missing("GOOGLE_APPLICATION_CREDENTIALS names no file. Set it to the key file of a service account, or set TokenProvider."),
        };

        internal static CloudApi ContentApi { get; } = new CloudApi<VertexContentRequest, VertexContentAnswer>
        {
            Service = Service,
            Models = [Embedding2],
            OtherModel = Embedding2,
            Path = batch => $"models/{Uri.EscapeDataString(batch.Model.Id)}:embedContent",
            ToRequest = batch => new(GeminiContent.Of(batch.Single), new(batch.Dimensions, batch.Cuts)),
            ToVectors = answer => [new(null, answer.Embedding?.Values)],
            Usage = answer => new(answer.Value.UsageMetadata?.PromptTokenCount),
            Wire = VertexWire.Default,
        };

        internal static CloudApi TextApi { get; } = new CloudApi<VertexRequest, VertexAnswer>
        {
            Service = Service,
            Models = [Embedding001],
            OtherModel = Embedding001 with { Dimensions = null, MinDimensions = 1, MaxTokens = null },
            Path = batch => $"models/{Uri.EscapeDataString(batch.Model.Id)}:predict",
            ToRequest = batch => new([new(batch.Single.Text, batch.Task, null, null)], new(batch.Dimensions, batch.Cuts, null)),
            ToVectors = answer => answer.Predictions?.Select(item => new IndexedVector(null, item.Embeddings?.Values)),
            Usage = answer => new(answer.Value.Predictions?.Sum(item => item.Embeddings?.Statistics?.TokenCount)),
            Wire = VertexWire.Default,
        };

        internal static CloudApi MultimodalApi { get; } = new CloudApi<VertexRequest, VertexAnswer>
        {
            Service = Service,
            Models = [Multimodal001],
            OtherModel = Multimodal001,
            Path = batch => $"models/{Uri.EscapeDataString(batch.Model.Id)}:predict",
            ToRequest = batch => new([batch.Single.Text is { } text ? new(null, null, text, null) : new(null, null, null, new(batch.Single.Base64!))], new(null, null, batch.Dimensions)),
            ToVectors = answer => answer.Predictions?.Select(item => new IndexedVector(null, item.TextEmbedding ?? item.ImageEmbedding)),
            Usage = _ => default,
            Wire = VertexWire.Default,
        };

        internal static CloudApi ForModel(string? model) => model is null || model.StartsWith("gemini-embedding-2", StringComparison.Ordinal) ? ContentApi
            : model.StartsWith("multimodalembedding", StringComparison.Ordinal) ? MultimodalApi : TextApi;

        /// <summary>The options with the address of their project.</summary>
        internal static Action<VertexOptions> InProject(Action<VertexOptions>? configure) => options =>
        {
            configure?.Invoke(options);
            string location = options.Location ?? CloudSettings.Variable("GOOGLE_CLOUD_LOCATION") ?? "global";
            if ((options.Project ?? CloudSettings.Variable("GOOGLE_CLOUD_PROJECT")) is { } project)
                options.Endpoint ??= new Uri($"https://{(location == "global" ? "" : $"{location}-")}aiplatform.googleapis.com/v1/projects/{Uri.EscapeDataString(project)}/locations/{location}/publishers/google");
        };
    }

    /// <summary>How Vertex AI is called.</summary>
    public sealed class VertexOptions : CloudOptions
    {
        /// <summary>The project's id. Default null: <c>GOOGLE_CLOUD_PROJECT</c>.</summary>
        public string? Project { get; set; }

        /// <summary>The location, e.g. <c>europe-west4</c>. Default null: <c>GOOGLE_CLOUD_LOCATION</c>, else <c>global</c>.</summary>
        public string? Location { get; set; }
    }

    internal sealed record VertexContentRequest(GeminiContent Content, VertexContentConfig EmbedContentConfig);
    internal sealed record VertexContentConfig(int? OutputDimensionality, bool AutoTruncate);
    internal sealed record VertexContentAnswer(GeminiVector? Embedding, GeminiUsage? UsageMetadata);
    internal sealed record VertexRequest(IReadOnlyList<VertexInstance> Instances, VertexParameters Parameters);
    internal sealed record VertexInstance(string? Content, [property: JsonPropertyName("task_type")] string? TaskType, string? Text, VertexImage? Image);
    internal sealed record VertexImage(string BytesBase64Encoded);
    internal sealed record VertexParameters(int? OutputDimensionality, bool? AutoTruncate, int? Dimension);
    internal sealed record VertexAnswer(IReadOnlyList<VertexPrediction>? Predictions);

    internal sealed record VertexPrediction(
        VertexEmbeddings? Embeddings, [property: JsonConverter(typeof(VectorJsonConverter))] float[]? TextEmbedding,
        [property: JsonConverter(typeof(VectorJsonConverter))] float[]? ImageEmbedding);

    internal sealed record VertexEmbeddings([property: JsonConverter(typeof(VectorJsonConverter))] float[]? Values, VertexStatistics? Statistics);
    internal sealed record VertexStatistics([property: JsonPropertyName("token_count")] long? TokenCount);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonSerializable(typeof(VertexContentRequest)), JsonSerializable(typeof(VertexContentAnswer)), JsonSerializable(typeof(VertexRequest)), JsonSerializable(typeof(VertexAnswer))]
    internal sealed partial class VertexWire : JsonSerializerContext;
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers Google Vertex AI.</summary>
    public static class VertexServiceCollectionExtensions
    {
        /// <summary>
        /// Registers Google Vertex AI embeddings of text as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="string"/>, with the service key
        /// <c>vertex</c>. Project and location are taken from the options, or from <c>GOOGLE_CLOUD_PROJECT</c> and <c>GOOGLE_CLOUD_LOCATION</c>.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddVertexTextEmbeddings(this IServiceCollection services, Action<VertexOptions>? configure = null) =>
            services.AddCloudEmbeddings(Vertex.ForModel, Polymodal.EmbeddingModality.Text, null, Vertex.InProject(configure));

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the key is taken.</exception>
        public static IServiceCollection AddVertexTextEmbeddings(this IServiceCollection services, string key, Action<VertexOptions>? configure = null) =>
            services.AddCloudEmbeddings(Vertex.ForModel, Polymodal.EmbeddingModality.Text, key, Vertex.InProject(configure));

        /// <summary>
        /// Registers Google Vertex AI embeddings of pictures as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="Microsoft.Extensions.AI.DataContent"/>, with the service key
        /// <c>vertex-image</c>. Project and location are taken from the options, or from <c>GOOGLE_CLOUD_PROJECT</c> and <c>GOOGLE_CLOUD_LOCATION</c>.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddVertexImageEmbeddings(this IServiceCollection services, Action<VertexOptions>? configure = null) =>
            services.AddCloudEmbeddings(Vertex.ForModel, Polymodal.EmbeddingModality.Image, null, Vertex.InProject(configure));

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the key is taken.</exception>
        public static IServiceCollection AddVertexImageEmbeddings(this IServiceCollection services, string key, Action<VertexOptions>? configure = null) =>
            services.AddCloudEmbeddings(Vertex.ForModel, Polymodal.EmbeddingModality.Image, key, Vertex.InProject(configure));

        /// <summary>
        /// Registers Google Vertex AI embeddings of sound as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="Microsoft.Extensions.AI.DataContent"/>, with the service key
        /// <c>vertex-audio</c>. Project and location are taken from the options, or from <c>GOOGLE_CLOUD_PROJECT</c> and <c>GOOGLE_CLOUD_LOCATION</c>.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddVertexAudioEmbeddings(this IServiceCollection services, Action<VertexOptions>? configure = null) =>
            services.AddCloudEmbeddings(Vertex.ForModel, Polymodal.EmbeddingModality.Audio, null, Vertex.InProject(configure));

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the key is taken.</exception>
        public static IServiceCollection AddVertexAudioEmbeddings(this IServiceCollection services, string key, Action<VertexOptions>? configure = null) =>
            services.AddCloudEmbeddings(Vertex.ForModel, Polymodal.EmbeddingModality.Audio, key, Vertex.InProject(configure));

        /// <summary>
        /// Registers Google Vertex AI embeddings of films as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="Microsoft.Extensions.AI.DataContent"/>, with the service key
        /// <c>vertex-video</c>. Project and location are taken from the options, or from <c>GOOGLE_CLOUD_PROJECT</c> and <c>GOOGLE_CLOUD_LOCATION</c>.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddVertexVideoEmbeddings(this IServiceCollection services, Action<VertexOptions>? configure = null) =>
            services.AddCloudEmbeddings(Vertex.ForModel, Polymodal.EmbeddingModality.Video, null, Vertex.InProject(configure));

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the key is taken.</exception>
        public static IServiceCollection AddVertexVideoEmbeddings(this IServiceCollection services, string key, Action<VertexOptions>? configure = null) =>
            services.AddCloudEmbeddings(Vertex.ForModel, Polymodal.EmbeddingModality.Video, key, Vertex.InProject(configure));
    }
}
