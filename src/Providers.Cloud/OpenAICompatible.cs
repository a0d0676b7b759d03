using Polymodal.Providers.Cloud;

namespace Polymodal.Providers.Cloud
{
    /// <summary>
    /// Any server that speaks OpenAI's interface (vLLM, llama.cpp, LocalAI, LM Studio, Infinity, a gateway). Set <see cref="CloudOptions.Endpoint"/>, up to and including <c>/v1</c>, and
    /// <see cref="CloudOptions.Model"/>. Only <c>model</c>, <c>input</c> and, where they are set, <c>dimensions</c> and <c>encoding_format</c> are sent.
    /// </summary>
    public static class OpenAICompatible
    {
        internal static CloudService Service { get; } = OpenAI.Service with
        {
            Name = "openai-compatible",
            DisplayName = "OpenAI-compatible",
            Endpoint = null,
            EndpointVariables = ["OPENAI_COMPATIBLE_ENDPOINT"],
            KeyVariables = ["OPENAI_COMPATIBLE_API_KEY"],
            NeedsKey = false,
        };

        internal static CloudApi Api { get; } = OpenAIShape.Api(Service, []) with { OtherModel = OpenAIShape.AnyModel with { Encodings = [CloudEncoding.Float] } };
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers OpenAI-compatible.</summary>
    public static class OpenAICompatibleServiceCollectionExtensions
    {
        /// <summary>
        /// Registers OpenAI-compatible embeddings of text as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="string"/>, with the service key
        /// <c>openai-compatible</c>. The address is taken from the options or from <c>OPENAI_COMPATIBLE_ENDPOINT</c>; a key is sent only when one is given.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddOpenAICompatibleTextEmbeddings(this IServiceCollection services, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(OpenAICompatible.Api, Polymodal.EmbeddingModality.Text, null, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the key is taken.</exception>
        public static IServiceCollection AddOpenAICompatibleTextEmbeddings(this IServiceCollection services, string key, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(OpenAICompatible.Api, Polymodal.EmbeddingModality.Text, key, configure);
    }
}
