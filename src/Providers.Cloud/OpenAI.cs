using System.Text.Json.Serialization;
using Polymodal.Providers.Cloud;

namespace Polymodal.Providers.Cloud
{
    /// <summary>OpenAI's embeddings. Source: openai/openai-openapi, spec 2.3.0, and the limits of its error messages, read 2026-11-22.</summary>
    public static class OpenAI
    {
        /// <summary>1,536 dimensions, or any fewer.</summary>
        public static CloudModel TextEmbedding3Small { get; } = new("text-embedding-3-small")
        {
            Dimensions = 1536,
            MinDimensions = 1,
            MaxTokens = 8_192,
            MaxInputsPerRequest = 2_048,
            MaxTokensPerRequest = 300_000,
            Encodings = [CloudEncoding.Float, CloudEncoding.Base64],
        };

        /// <summary>3,072 dimensions, or any fewer.</summary>
        public static CloudModel TextEmbedding3Large { get; } = TextEmbedding3Small with { Id = "text-embedding-3-large", Dimensions = 3072 };

        /// <summary>The older model; 1,536 dimensions, always.</summary>
        public static CloudModel TextEmbeddingAda002 { get; } = TextEmbedding3Small with { Id = "text-embedding-ada-002", MinDimensions = null };

        internal static CloudService Service { get; } = new()
        {
            Name = "openai",
            DisplayName = "OpenAI",
            Endpoint = "https://api.openai.com/v1",
            EndpointVariables = ["OPENAI_BASE_URL"],
            KeyVariables = ["OPENAI_API_KEY"],
            ProbePath = "models",
            AlsoRetry = [409],
            IsTooMany = error => (int)error.Status == 413 || ((int)error.Status == 400 && error.Says("max_tokens_per_request", "tokens per request", "2048 dimensions or less")),
        };

        internal static CloudApi Api { get; } = OpenAIShape.Api(Service, [TextEmbedding3Small, TextEmbedding3Large, TextEmbeddingAda002]);
    }

    /// <summary>The request and answer that OpenAI introduced and many servers speak.</summary>
    internal static class OpenAIShape
    {
        /// <summary>What is assumed of an unknown model of such a server.</summary>
        public static CloudModel AnyModel { get; } = new("") { MinDimensions = 1 };

        public static CloudApi Api(CloudService service, IReadOnlyList<CloudModel> models, string path = "embeddings") => new CloudApi<OpenAIRequest, OpenAIAnswer>
        {
            Service = service,
            Models = models,
            OtherModel = models is [var first, ..] ? first with { Dimensions = null, MinDimensions = 1 } : AnyModel,
            Path = _ => path,
            ToRequest = batch => new(batch.Model.Id, batch.Texts, batch.Dimensions, batch.Encoding == CloudEncoding.Base64 ? "base64" : null),
            ToVectors = answer => answer.Data?.Select(item => new IndexedVector(item.Index, item.Embedding)),
            Usage = answer => new(answer.Value.Usage?.PromptTokens ?? answer.Value.Usage?.TotalTokens),
            Wire = OpenAIWire.Default,
        };
    }

    internal sealed record OpenAIRequest(string Model, IReadOnlyList<string> Input, int? Dimensions, string? EncodingFormat);
    internal sealed record OpenAIAnswer(IReadOnlyList<OpenAIItem>? Data, OpenAIUsage? Usage);
    internal sealed record OpenAIItem(int? Index, [property: JsonConverter(typeof(VectorJsonConverter))] float[]? Embedding);
    internal sealed record OpenAIUsage(long? PromptTokens, long? TotalTokens);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonSerializable(typeof(OpenAIRequest)), JsonSerializable(typeof(OpenAIAnswer))]
    internal sealed partial class OpenAIWire : JsonSerializerContext;
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers OpenAI.</summary>
    public static partial class OpenAIServiceCollectionExtensions
    {
        /// <summary>
        /// Registers OpenAI's text embeddings as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="string"/>, with the service key
        /// <c>openai</c> and without a key. The API key is taken from the options or from <c>OPENAI_API_KEY</c>.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddOpenAITextEmbeddings(this IServiceCollection services, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(OpenAI.Api, Polymodal.EmbeddingModality.Text, null, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own. Without a key the one registered last is resolved.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the key is taken.</exception>
        public static IServiceCollection AddOpenAITextEmbeddings(this IServiceCollection services, string key, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(OpenAI.Api, Polymodal.EmbeddingModality.Text, key, configure);
    }
}
