using System.Text.Json.Serialization;
using Polymodal.Providers.Cloud;

namespace Polymodal.Providers.Cloud
{
    /// <summary>
    /// A server of Text Embeddings Inference, or a HuggingFace Inference Endpoint that runs it. Set <see cref="CloudOptions.Endpoint"/>, and <see cref="CloudOptions.Model"/> to the model
    /// that it serves: it names the space. The model's prompts are chosen by <see cref="CloudModel.Tasks"/> (<c>prompt_name</c>). Source:
    /// huggingface/text-embeddings-inference 1.9.3 at 0d124dc, router sources, read 2026-11-22.
    /// </summary>
    public static class TextEmbeddingsInference
    {
        /// <summary>What is assumed of a server: its defaults of 32 inputs and 2,000,000 bytes a request.</summary>
        public static CloudModel AnyModel { get; } = new("") { MinDimensions = 1, MaxInputsPerRequest = 32, MaxBytesPerRequest = 1_900_000, HasTruncationField = true };

        internal static CloudService Service { get; } = new()
        {
            Name = "tei",
            DisplayName = "Text Embeddings Inference",
            EndpointVariables = ["TEI_ENDPOINT"],
            KeyVariables = ["TEI_API_KEY"],
            NeedsKey = false,
            ProbePath = "health",
            IsTooMany = error => (int)error.Status == 413 || ((int)error.Status == 422 && error.Says("batch size", "maximum allowed")),
        };

        internal static CloudApi Api { get; } = ApiOf(Service, [], AnyModel, _ => "embed");

        internal static CloudApi ApiOf(CloudService service, IReadOnlyList<CloudModel> models, CloudModel other, Func<CloudBatch, string> path) => new CloudApi<TeiRequest, VectorList>
        {
            Service = service,
            Models = models,
            OtherModel = other,
            Path = path,
            ToRequest = batch => new(batch.Texts, batch.Normalize, batch.Cuts, batch.Task, batch.Dimensions),
            ToVectors = answer => answer.Vectors.Select(vector => new IndexedVector(null, vector)),
            Usage = answer => new(answer.NumberIn("x-compute-tokens"), answer.NumberIn("x-compute-characters") is { } count ? [new("characters", count)] : null),
            Wire = TeiWire.Default,
        };
    }

    internal sealed record TeiRequest(IReadOnlyList<string> Inputs, bool Normalize, bool Truncate, string? PromptName, int? Dimensions);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonSerializable(typeof(TeiRequest)), JsonSerializable(typeof(VectorList))]
    internal sealed partial class TeiWire : JsonSerializerContext;
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers Text Embeddings Inference.</summary>
    public static class TextEmbeddingsInferenceServiceCollectionExtensions
    {
        /// <summary>
        /// Registers Text Embeddings Inference embeddings of text as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="string"/>, with the service key
        /// <c>tei</c>. Address and key are taken from the options, or from <c>TEI_ENDPOINT</c> and <c>TEI_API_KEY</c>; the key may be missing.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddTextEmbeddingsInferenceTextEmbeddings(this IServiceCollection services, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(TextEmbeddingsInference.Api, Polymodal.EmbeddingModality.Text, null, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the key is taken.</exception>
        public static IServiceCollection AddTextEmbeddingsInferenceTextEmbeddings(this IServiceCollection services, string key, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(TextEmbeddingsInference.Api, Polymodal.EmbeddingModality.Text, key, configure);
    }
}
