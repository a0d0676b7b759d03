using System.Text.Json.Serialization;
using Polymodal.Providers.Cloud;

namespace Polymodal.Providers.Cloud
{
    /// <summary>Mistral's embeddings of text and code. Source: mistralai/platform-docs-public, openapi.yaml of 2026-08-21, and limits measured by others, read 2026-11-22.</summary>
    public static class Mistral
    {
        /// <summary>Text; 1,024 dimensions.</summary>
        public static CloudModel Embed { get; } = new("mistral-embed")
        {
            Dimensions = 1024,
            MaxTokens = 8_192,
            MaxInputsPerRequest = 64,
            MaxTokensPerRequest = 16_000,
            Encodings = [CloudEncoding.Float, CloudEncoding.Base64],
        };

        /// <summary>Code; 1,536 dimensions, or any up to 3,072.</summary>
        public static CloudModel CodestralEmbed { get; } = Embed with
        {
            Id = "codestral-embed",
            Dimensions = 1536,
            MinDimensions = 1,
            MaxDimensions = 3072,
            Encodings = [CloudEncoding.Float, CloudEncoding.Base64, CloudEncoding.Int8, CloudEncoding.Binary],
        };

        internal static CloudService Service { get; } = new()
        {
            Name = "mistral",
            DisplayName = "Mistral",
            Endpoint = "https://api.mistral.ai/v1",
            KeyVariables = ["MISTRAL_API_KEY"],
            ProbePath = "models",
            IsTooMany = error => (int)error.Status == 413 || ((int)error.Status == 400 && (error.Code == "3210" || error.Says("split into more batches"))),
        };

        internal static CloudApi Api { get; } = new CloudApi<MistralRequest, OpenAIAnswer>
        {
            Service = Service,
            Models = [Embed, CodestralEmbed],
            OtherModel = Embed with { Dimensions = null, MaxTokens = null },
            Path = _ => "embeddings",
            ToRequest = batch => new(
                batch.Model.Id, batch.Texts, batch.Dimensions, batch.Encoding switch { CloudEncoding.Int8 => "int8", CloudEncoding.Binary => "ubinary", _ => null },
                batch.Encoding == CloudEncoding.Base64 ? "base64" : null),
            ToVectors = answer => answer.Data?.Select(item => new IndexedVector(item.Index, item.Embedding)),
            Usage = answer => new(answer.Value.Usage?.PromptTokens ?? answer.Value.Usage?.TotalTokens),
            Wire = MistralWire.Default,
        };
    }

    internal sealed record MistralRequest(string Model, IReadOnlyList<string> Input, int? OutputDimension, string? OutputDtype, string? EncodingFormat);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonSerializable(typeof(MistralRequest)), JsonSerializable(typeof(OpenAIAnswer))]
    internal sealed partial class MistralWire : JsonSerializerContext;
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers Mistral.</summary>
    public static class MistralServiceCollectionExtensions
    {
        /// <summary>
        /// Registers Mistral embeddings of text as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="string"/>, with the service key
        /// <c>mistral</c>. The API key is taken from the options or from <c>MISTRAL_API_KEY</c>.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddMistralTextEmbeddings(this IServiceCollection services, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Mistral.Api, Polymodal.EmbeddingModality.Text, null, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the key is taken.</exception>
        public static IServiceCollection AddMistralTextEmbeddings(this IServiceCollection services, string key, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Mistral.Api, Polymodal.EmbeddingModality.Text, key, configure);
    }
}
