using System.Text.Json.Serialization;
using Polymodal.Providers.Cloud;

namespace Polymodal.Providers.Cloud
{
    /// <summary>
    /// Voyage AI's embeddings. The models of voyage-4 share one space; the multimodal ones take text, pictures and films. Source: voyage-ai/openapi and voyage-ai/voyageai-python 0.4.1,
    /// docs.voyageai.com, read 2026-11-22.
    /// </summary>
    public static class Voyage
    {
        private static readonly Dictionary<EmbeddingIntent, string> InputTypes = new() { [EmbeddingIntent.Query] = "query", [EmbeddingIntent.Document] = "document" };

        /// <summary>Text; 1,024 dimensions, or 256, 512, 2,048.</summary>
        public static CloudModel Voyage4 { get; } = new("voyage-4")
        {
            Dimensions = 1024,
            DimensionChoices = [256, 512, 2048],
            MaxTokens = 32_000,
            MaxInputsPerRequest = 128,
            MaxTokensPerRequest = 320_000,
            Tasks = InputTypes,
            Encodings = [CloudEncoding.Float, CloudEncoding.Base64, CloudEncoding.Int8, CloudEncoding.Binary],
            HasTruncationField = true,
            SpaceName = "voyage-4-family",
        };

        /// <summary>The large model of the same space.</summary>
        public static CloudModel Voyage4Large { get; } = Voyage4 with { Id = "voyage-4-large", MaxTokensPerRequest = 120_000 };

        /// <summary>The small model of the same space.</summary>
        public static CloudModel Voyage4Lite { get; } = Voyage4 with { Id = "voyage-4-lite", MaxTokensPerRequest = 1_000_000 };

        /// <summary>Code.</summary>
        public static CloudModel Code3 { get; } = Voyage4Large with { Id = "voyage-code-3", SpaceName = null };

        /// <summary>Law; 1,024 dimensions.</summary>
        public static CloudModel Law2 { get; } = Code3 with { Id = "voyage-law-2", DimensionChoices = [], MaxTokens = 16_000, Encodings = [CloudEncoding.Float, CloudEncoding.Base64] };

        /// <summary>Finance; 1,024 dimensions.</summary>
        public static CloudModel Finance2 { get; } = Law2 with { Id = "voyage-finance-2", MaxTokens = 32_000 };

        /// <summary>Text, pictures and films in one space; 1,024 dimensions, or 256, 512, 2,048.</summary>
        public static CloudModel Multimodal35 { get; } = Voyage4 with
        {
            Id = "voyage-multimodal-3.5",
            MaxMediaPerRequest = 16,
            MediaTypes = ["text/*", "image/png", "image/jpeg", "image/webp", "image/gif", "video/mp4"],
            Encodings = [CloudEncoding.Float],
            SpaceName = null,
        };

        /// <summary>Text and pictures in one space; 1,024 dimensions.</summary>
        public static CloudModel Multimodal3 { get; } = Multimodal35 with
        {
            Id = "voyage-multimodal-3",
            DimensionChoices = [],
            MediaTypes = ["text/*", "image/png", "image/jpeg", "image/webp", "image/gif"],
        };

        internal static CloudService Service { get; } = new()
        {
            Name = "voyage",
            DisplayName = "Voyage AI",
            Endpoint = "https://api.voyageai.com/v1",
            KeyVariables = ["VOYAGE_API_KEY"],
            IsTooMany = error => (int)error.Status == 413 || ((int)error.Status == 400 && error.Says("max allowed tokens per submitted batch", "batch size", "too many inputs")),
        };

        internal static CloudApi TextApi { get; } = new CloudApi<VoyageRequest, VoyageAnswer>
        {
            Service = Service,
            Models = [Voyage4, Voyage4Large, Voyage4Lite, Code3, Law2, Finance2],
            OtherModel = Voyage4 with { Dimensions = null, MinDimensions = 1, SpaceName = null, MaxTokensPerRequest = 120_000 },
            Path = _ => "embeddings",
            ToRequest = batch => new(
                batch.Model.Id, batch.Texts, batch.Task, batch.Cuts, batch.Dimensions,
                batch.Encoding switch { CloudEncoding.Int8 => "int8", CloudEncoding.Binary => "ubinary", _ => null }, batch.Encoding == CloudEncoding.Base64 ? "base64" : null),
            ToVectors = answer => answer.Data?.Select(item => new IndexedVector(item.Index, item.Embedding)),
            Usage = answer => new(answer.Value.Usage?.TotalTokens),
            Wire = VoyageWire.Default,
        };

        internal static CloudApi MultimodalApi { get; } = new CloudApi<VoyageMultimodalRequest, VoyageAnswer>
        {
            Service = Service,
            Models = [Multimodal35, Multimodal3],
            OtherModel = Multimodal35 with { Dimensions = null, DimensionChoices = [], MinDimensions = 1 },
            Path = _ => "multimodalembeddings",
            ToRequest = batch => new(batch.Model.Id, [.. batch.Inputs.Select(input => new VoyageInput([VoyagePart.Of(input)]))], batch.Task, batch.Cuts, batch.Dimensions),
            ToVectors = answer => answer.Data?.Select(item => new IndexedVector(item.Index, item.Embedding)),
            Usage = answer => new(answer.Value.Usage?.TotalTokens, Pixels(answer.Value.Usage)),
            Wire = VoyageWire.Default,
        };

        internal static CloudApi ForText(string? model) => model?.StartsWith("voyage-multimodal", StringComparison.Ordinal) == true ? MultimodalApi : TextApi;

        private static IEnumerable<KeyValuePair<string, long>> Pixels(VoyageUsage? usage)
        {
            if (usage?.ImagePixels is > 0 and var image)
                yield return new("image_pixels", image);
            if (usage?.VideoPixels is > 0 and var video)
                yield return new("video_pixels", video);
        }
    }

    internal sealed record VoyageRequest(string Model, IReadOnlyList<string> Input, string? InputType, bool Truncation, int? OutputDimension, string? OutputDtype, string? EncodingFormat);
    internal sealed record VoyageMultimodalRequest(string Model, IReadOnlyList<VoyageInput> Inputs, string? InputType, bool Truncation, int? OutputDimension);
    internal sealed record VoyageInput(IReadOnlyList<VoyagePart> Content);

    internal sealed record VoyagePart(
        string Type, string? Text, [property: JsonPropertyName("image_base64")] string? ImageBase64, [property: JsonPropertyName("video_base64")] string? VideoBase64)
    {
        public static VoyagePart Of(CloudInput input) => input.Text is { } text ? new("text", text, null, null)
            : input.MediaType.StartsWith("video/", StringComparison.Ordinal) ? new("video_base64", null, null, input.DataUri) : new("image_base64", null, input.DataUri, null);
    }

    internal sealed record VoyageAnswer(IReadOnlyList<OpenAIItem>? Data, VoyageUsage? Usage);
    internal sealed record VoyageUsage(long? TotalTokens, long? ImagePixels, long? VideoPixels);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonSerializable(typeof(VoyageRequest)), JsonSerializable(typeof(VoyageMultimodalRequest)), JsonSerializable(typeof(VoyageAnswer))]
    internal sealed partial class VoyageWire : JsonSerializerContext;
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers Voyage AI.</summary>
    public static class VoyageServiceCollectionExtensions
    {
        /// <summary>
        /// Registers Voyage AI embeddings of text as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="string"/>, with the service key
        /// <c>voyage</c>. The API key is taken from the options or from <c>VOYAGE_API_KEY</c>.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddVoyageTextEmbeddings(this IServiceCollection services, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Voyage.ForText, Polymodal.EmbeddingModality.Text, null, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the key is taken.</exception>
        public static IServiceCollection AddVoyageTextEmbeddings(this IServiceCollection services, string key, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Voyage.ForText, Polymodal.EmbeddingModality.Text, key, configure);

        /// <summary>
        /// Registers Voyage AI embeddings of pictures as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="Microsoft.Extensions.AI.DataContent"/>, with the service key
        /// <c>voyage-image</c>. The API key is taken from the options or from <c>VOYAGE_API_KEY</c>.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddVoyageImageEmbeddings(this IServiceCollection services, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Voyage.MultimodalApi, Polymodal.EmbeddingModality.Image, null, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the key is taken.</exception>
        public static IServiceCollection AddVoyageImageEmbeddings(this IServiceCollection services, string key, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Voyage.MultimodalApi, Polymodal.EmbeddingModality.Image, key, configure);

        /// <summary>
        /// Registers Voyage AI embeddings of films as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="Microsoft.Extensions.AI.DataContent"/>, with the service key
        /// <c>voyage-video</c>. The API key is taken from the options or from <c>VOYAGE_API_KEY</c>.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddVoyageVideoEmbeddings(this IServiceCollection services, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Voyage.MultimodalApi, Polymodal.EmbeddingModality.Video, null, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the key is taken.</exception>
        public static IServiceCollection AddVoyageVideoEmbeddings(this IServiceCollection services, string key, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Voyage.MultimodalApi, Polymodal.EmbeddingModality.Video, key, configure);
    }
}
