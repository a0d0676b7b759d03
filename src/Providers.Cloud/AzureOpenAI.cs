using Polymodal.Providers.Cloud;

namespace Polymodal.Providers.Cloud
{
    /// <summary>
    /// OpenAI's models at Azure. <see cref="CloudOptions.Model"/> is the deployment's name; describe what it deploys, e.g.
    /// <c>ModelDetails = OpenAI.TextEmbedding3Small with { Id = "my-deployment" }</c>. For Microsoft Entra set <see cref="CloudOptions.TokenProvider"/>. Source: the v1 interface of Azure
    /// AI Foundry, read 2026-11-22.
    /// </summary>
    public static class AzureOpenAI
    {
        internal static CloudService Service { get; } = OpenAI.Service with
        {
            Name = "azure-openai",
            DisplayName = "Azure OpenAI",
            Endpoint = null,
            EndpointVariables = ["AZURE_OPENAI_ENDPOINT"],
            CompleteEndpoint = address => address.Contains("/openai/", StringComparison.Ordinal) || address.EndsWith("/openai", StringComparison.Ordinal) ? address : $"{address.TrimEnd('/')}/openai/v1/",
            KeyVariables = ["AZURE_OPENAI_API_KEY"],
            KeyHeader = "api-key",
            ModelHint = "the deployment's name",
        };

        internal static CloudApi Api { get; } = OpenAIShape.Api(Service, []) with { OtherModel = OpenAI.TextEmbedding3Small with { Id = "", Dimensions = null } };
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers Azure OpenAI.</summary>
    public static class AzureOpenAIServiceCollectionExtensions
    {
        /// <summary>
        /// Registers Azure OpenAI embeddings of text as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="string"/>, with the service key
        /// <c>azure-openai</c>. Address and key are taken from the options, or from <c>AZURE_OPENAI_ENDPOINT</c> and <c>AZURE_OPENAI_API_KEY</c>.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddAzureOpenAITextEmbeddings(this IServiceCollection services, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(AzureOpenAI.Api, Polymodal.EmbeddingModality.Text, null, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the key is taken.</exception>
        public static IServiceCollection AddAzureOpenAITextEmbeddings(this IServiceCollection services, string key, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(AzureOpenAI.Api, Polymodal.EmbeddingModality.Text, key, configure);
    }
}
