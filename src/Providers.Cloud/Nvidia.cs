using System.Text.Json.Serialization;
using Polymodal.Providers.Cloud;

namespace Polymodal.Providers.Cloud
{
    /// <summary>
    /// NVIDIA NIM embeddings, hosted or on a machine of one's own (<see cref="CloudOptions.Endpoint"/>, no key needed there). Source: the field tables of the NeMo Retriever embedding
    /// NIM, 2.0 to 2.4, and langchain-ai/langchain-nvidia of 2026-07, read 2026-11-22.
    /// </summary>
    public static class Nvidia
    {
        private static readonly Dictionary<EmbeddingIntent, string> InputTypes = new() { [EmbeddingIntent.Query] = "query", [EmbeddingIntent.Document] = "passage" };

        /// <summary>Text; 2,048 dimensions, or 384, 512, 768, 1,024.</summary>
        public static CloudModel LlamaNemotronEmbed1B { get; } = new("nvidia/llama-nemotron-embed-1b-v2")
        {
            Dimensions = 2048,
            DimensionChoices = [384, 512, 768, 1024],
            MaxTokens = 8_192,
            MaxInputsPerRequest = 50,
            Tasks = InputTypes,
            DefaultTask = "passage",
            HasTruncationField = true,
            Encodings = [CloudEncoding.Float, CloudEncoding.Base64],
        };

        /// <summary>Text and pictures in one space; 2,048 dimensions, or 384, 512, 768, 1,024.</summary>
        public static CloudModel LlamaNemotronEmbedVL1B { get; } = LlamaNemotronEmbed1B with
        {
            Id = "nvidia/llama-nemotron-embed-vl-1b-v2",
            MaxTokens = 2_048,
            MediaTypes = ["text/*", "image/png", "image/jpeg"],
        };

        /// <summary>Text; 2,048 dimensions, or 384, 512, 768, 1,024. The smaller model.</summary>
        public static CloudModel LlamaNemotronEmbed300M { get; } = LlamaNemotronEmbed1B with { Id = "nvidia/llama-nemotron-embed-300m-v2" };

        /// <summary>Text; 2,048 dimensions.</summary>
        public static CloudModel Nemotron3Embed1B { get; } = LlamaNemotronEmbed1B with { Id = "nvidia/nemotron-3-embed-1b", MaxTokens = 4_096, DimensionChoices = [] };

        /// <summary>NV-Embed; 4,096 dimensions.</summary>
        public static CloudModel NVEmbedV1 { get; } = Nemotron3Embed1B with { Id = "nvidia/nv-embed-v1", Dimensions = 4096, MaxTokens = 32_768 };

        /// <summary>English text; 1,024 dimensions.</summary>
        public static CloudModel NVEmbedQAE5V5 { get; } = Nemotron3Embed1B with { Id = "nvidia/nv-embedqa-e5-v5", Dimensions = 1024, MaxTokens = 512 };

        /// <summary>NV-CLIP: text and pictures in one space; 1,024 dimensions. It knows neither intent nor truncation.</summary>
        public static CloudModel NVClip { get; } = new("nvidia/nvclip")
        {
            Dimensions = 1024,
            MaxTokens = 77,
            MaxInputsPerRequest = 50,
            MediaTypes = ["text/*", "image/png", "image/jpeg"],
            Encodings = [CloudEncoding.Float, CloudEncoding.Base64],
        };

        internal static CloudService Service { get; } = new()
        {
            Name = "nvidia",
            DisplayName = "NVIDIA NIM",
            Endpoint = "https://integrate.api.nvidia.com/v1",
            EndpointVariables = ["NVIDIA_BASE_URL"],
            CompleteEndpoint = address => address.TrimEnd('/').EndsWith("/v1", StringComparison.Ordinal) ? address : $"{address.TrimEnd('/')}/v1",
            KeyVariables = ["NVIDIA_API_KEY"],
            NeedsKeyOnlyAtHome = true,
            ProbePath = "models",
            IsTooMany = error => (int)error.Status == 413 || ((int)error.Status is 400 or 422 && error.Says("batch size", "too many inputs")),
        };

        internal static CloudApi Api { get; } = new CloudApi<NvidiaRequest, OpenAIAnswer>
        {
            Service = Service,
            Models = [LlamaNemotronEmbed1B, LlamaNemotronEmbedVL1B, LlamaNemotronEmbed300M, Nemotron3Embed1B, NVEmbedV1, NVEmbedQAE5V5, NVClip],
            OtherModel = LlamaNemotronEmbed1B with { Dimensions = null, DimensionChoices = [], MinDimensions = 1, MediaTypes = ["text/*", "image/*"] },
            Path = _ => "embeddings",
            // Pictures are passages: queries are text. The inputs say themselves whether they are pictures.
            ToRequest = batch => new(
                batch.Model.Id, batch.IsMedia ? [.. batch.Inputs.Select(input => input.DataUri)] : batch.Texts, batch.IsMedia && batch.Task is not null ? "passage" : batch.Task,
                batch.Model.HasTruncationField ? batch.Cuts ? "END" : "NONE" : null, batch.Encoding == CloudEncoding.Base64 ? "base64" : "float", batch.Dimensions),
            ToVectors = answer => answer.Data?.Select(item => new IndexedVector(item.Index, item.Embedding)),
            Usage = answer => new(answer.Value.Usage?.PromptTokens ?? answer.Value.Usage?.TotalTokens),
            Wire = NvidiaWire.Default,
        };
    }

    internal sealed record NvidiaRequest(string Model, IReadOnlyList<string> Input, string? InputType, string? Truncate, string EncodingFormat, int? Dimensions);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonSerializable(typeof(NvidiaRequest)), JsonSerializable(typeof(OpenAIAnswer))]
    internal sealed partial class NvidiaWire : JsonSerializerContext;
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers NVIDIA NIM.</summary>
    public static class NvidiaServiceCollectionExtensions
    {
        /// <summary>
        /// Registers NVIDIA NIM embeddings of text as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="string"/>, with the service key
        /// <c>nvidia</c>. The API key is taken from the options or from <c>NVIDIA_API_KEY</c>; servers of one's own need none.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddNvidiaTextEmbeddings(this IServiceCollection services, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Nvidia.Api, Polymodal.EmbeddingModality.Text, null, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the key is taken.</exception>
        public static IServiceCollection AddNvidiaTextEmbeddings(this IServiceCollection services, string key, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Nvidia.Api, Polymodal.EmbeddingModality.Text, key, configure);

        /// <summary>
        /// Registers NVIDIA NIM embeddings of pictures as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="Microsoft.Extensions.AI.DataContent"/>, with the service key
        /// <c>nvidia-image</c>. The API key is taken from the options or from <c>NVIDIA_API_KEY</c>; servers of one's own need none.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddNvidiaImageEmbeddings(this IServiceCollection services, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Nvidia.Api, Polymodal.EmbeddingModality.Image, null, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the key is taken.</exception>
        public static IServiceCollection AddNvidiaImageEmbeddings(this IServiceCollection services, string key, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Nvidia.Api, Polymodal.EmbeddingModality.Image, key, configure);
    }
}
