using Polymodal.Providers.Cloud;

namespace Polymodal.Providers.Cloud
{
    /// <summary>
    /// HuggingFace's Inference Providers (router), provider hf-inference. Source: huggingface/huggingface_hub and hub-docs of 2026-08, read 2026-11-22.
    /// For an Inference Endpoint of one's own, which speaks as Text Embeddings Inference does, see <see cref="TextEmbeddingsInference"/>.
    /// </summary>
    public static class HuggingFaceInference
    {
        /// <summary>A model of many languages that the router serves; its length is learnt from the first answer.</summary>
        public static CloudModel Harrier06B { get; } = new("microsoft/harrier-oss-v1-0.6b") { MaxInputsPerRequest = 32, MaxBytesPerRequest = 1_900_000, HasTruncationField = true };

        internal static CloudService Service { get; } = new()
        {
            Name = "huggingface-inference",
            DisplayName = "HuggingFace Inference",
            Endpoint = "https://router.huggingface.co/hf-inference/models",
            KeyVariables = ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"],
            IsTooMany = TextEmbeddingsInference.Service.IsTooMany,
        };

        internal static CloudApi Api { get; } = TextEmbeddingsInference.ApiOf(
            Service, [Harrier06B], Harrier06B, batch => $"{string.Join('/', batch.Model.Id.Split('/').Select(Uri.EscapeDataString))}/pipeline/feature-extraction");
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers HuggingFace Inference.</summary>
    public static class HuggingFaceInferenceServiceCollectionExtensions
    {
        /// <summary>
        /// Registers HuggingFace Inference embeddings of text as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="string"/>, with the service key
        /// <c>huggingface-inference</c>. The token is taken from the options or from <c>HF_TOKEN</c>.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddHuggingFaceInferenceTextEmbeddings(this IServiceCollection services, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(HuggingFaceInference.Api, Polymodal.EmbeddingModality.Text, null, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the key is taken.</exception>
        public static IServiceCollection AddHuggingFaceInferenceTextEmbeddings(this IServiceCollection services, string key, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(HuggingFaceInference.Api, Polymodal.EmbeddingModality.Text, key, configure);
    }
}
