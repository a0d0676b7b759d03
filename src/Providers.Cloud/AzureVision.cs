using System.Text.Json.Serialization;
using Polymodal.Providers.Cloud;

namespace Polymodal.Providers.Cloud
{
    /// <summary>
    /// Azure AI Vision's multimodal embeddings: text and pictures in one space of 1,024 dimensions. Set <see cref="CloudOptions.Endpoint"/> to the resource's address. The model's name is
    /// its version; vectors of two versions do not compare. One input a request. Source: the how-to "image retrieval using multimodal embeddings", interface 2024-02-01, read 2026-11-22.
    /// </summary>
    public static class AzureVision
    {
        /// <summary>Text of 102 languages, at most 70 words, and pictures.</summary>
        public static CloudModel Version20230415 { get; } = new("2023-04-15")
        {
            Dimensions = 1024,
            MaxTokens = 70,
            CountLength = text => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length,
            MaxInputsPerRequest = 1,
            MediaTypes = ["text/*", "image/png", "image/jpeg", "image/bmp", "image/gif", "image/webp", "image/tiff"],
        };

        internal static CloudService Service { get; } = new()
        {
            Name = "azure-vision",
            DisplayName = "Azure AI Vision",
            EndpointVariables = ["AZURE_AI_VISION_ENDPOINT", "VISION_ENDPOINT"],
            KeyVariables = ["AZURE_AI_VISION_KEY", "VISION_KEY"],
            KeyHeader = "Ocp-Apim-Subscription-Key",
        };

        internal static CloudApi Api { get; } = new AzureVisionApi { Service = Service, Models = [Version20230415], OtherModel = Version20230415 };
    }

    /// <summary>Text travels as JSON, a picture as the bytes it is.</summary>
    internal sealed record AzureVisionApi : CloudApi
    {
        public override async Task<CloudVectors> SendAsync(CloudClient client, CloudBatch batch, string where, CancellationToken cancellationToken)
        {
            string query = $"?api-version=2024-02-01&model-version={Uri.EscapeDataString(batch.Model.Id)}";
            CloudAnswer<AzureVisionAnswer> answer = batch.Single.Text is { } text
                ? await client.PostAsync<AzureVisionText, AzureVisionAnswer>($"computervision/retrieval:vectorizeText{query}", new(text), AzureVisionWire.Default, where, cancellationToken).ConfigureAwait(false)
                : await client.PostAsync($"computervision/retrieval:vectorizeImage{query}", Bytes(batch.Single), AzureVisionWire.Default.AzureVisionAnswer, where, cancellationToken).ConfigureAwait(false);
            return new CloudVectors([new IndexedVector(null, answer.Value.Vector)], default);
        }

        private static ReadOnlyMemoryContent Bytes(CloudInput input) => new(input.Bytes) { Headers = { ContentType = new("application/octet-stream") } };
    }

    internal sealed record AzureVisionText(string Text);
    internal sealed record AzureVisionAnswer([property: JsonConverter(typeof(VectorJsonConverter))] float[]? Vector);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(AzureVisionText)), JsonSerializable(typeof(AzureVisionAnswer))]
    internal sealed partial class AzureVisionWire : JsonSerializerContext;
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers Azure AI Vision.</summary>
    public static class AzureVisionServiceCollectionExtensions
    {
        /// <summary>
        /// Registers Azure AI Vision embeddings of text as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="string"/>, with the service key
        /// <c>azure-vision</c>. Address and key are taken from the options, or from <c>AZURE_AI_VISION_ENDPOINT</c> and <c>AZURE_AI_VISION_KEY</c>.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddAzureVisionTextEmbeddings(this IServiceCollection services, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(AzureVision.Api, Polymodal.EmbeddingModality.Text, null, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the key is taken.</exception>
        public static IServiceCollection AddAzureVisionTextEmbeddings(this IServiceCollection services, string key, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(AzureVision.Api, Polymodal.EmbeddingModality.Text, key, configure);

        /// <summary>
        /// Registers Azure AI Vision embeddings of pictures as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="Microsoft.Extensions.AI.DataContent"/>, with the service key
        /// <c>azure-vision-image</c>. Address and key are taken from the options, or from <c>AZURE_AI_VISION_ENDPOINT</c> and <c>AZURE_AI_VISION_KEY</c>.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddAzureVisionImageEmbeddings(this IServiceCollection services, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(AzureVision.Api, Polymodal.EmbeddingModality.Image, null, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the key is taken.</exception>
        public static IServiceCollection AddAzureVisionImageEmbeddings(this IServiceCollection services, string key, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(AzureVision.Api, Polymodal.EmbeddingModality.Image, key, configure);
    }
}
