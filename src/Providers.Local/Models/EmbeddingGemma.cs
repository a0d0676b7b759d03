using Polymodal;
using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Pooling;

namespace Polymodal.Providers.Local.Models
{
    /// <summary>EmbeddingGemma: small, multilingual, a prompt for each intent, vectors that may be cut.</summary>
    public static class EmbeddingGemma
    {
        private static readonly Dictionary<string, string> Prompts = new()
        {
            ["query"] = "task: search result | query: ",
            ["document"] = "title: none | text: ",
            ["STS"] = "task: sentence similarity | query: ",
            ["Classification"] = "task: classification | query: ",
            ["Clustering"] = "task: clustering | query: ",
        };

        private static readonly Dictionary<EmbeddingIntent, string> PromptNames = new()
        {
            [EmbeddingIntent.Similarity] = "STS",
            [EmbeddingIntent.Classification] = "Classification",
            [EmbeddingIntent.Clustering] = "Clustering",
        };

        /// <summary>300 million parameters.</summary>
        public static LocalModel M300 { get; } = new() { Id = "google/embeddinggemma-300m", Dimensions = 768, Pooling = PoolingMode.Mean, Normalize = true, Prompts = Prompts, PromptNames = PromptNames };
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers EmbeddingGemma.</summary>
    public static class EmbeddingGemmaServiceCollectionExtensions
    {
        private static readonly LocalTextFramework Framework = new("embedding-gemma", "EmbeddingGemma", EmbeddingGemma.M300);

        /// <summary>
        /// Registers text embeddings of an EmbeddingGemma folder as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="string"/>,
        /// with the service key <c>embedding-gemma</c> and without a key.
        /// </summary>
        /// <remarks>The intent chooses the prompt. Nothing is downloaded.</remarks>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddEmbeddingGemmaTextEmbeddings(this IServiceCollection services, Action<LocalTextEmbeddingOptions>? configure = null) =>
            Framework.Add(services, Framework.Name, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own. Without a key the one registered last is resolved.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The key is blank or taken.</exception>
        public static IServiceCollection AddEmbeddingGemmaTextEmbeddings(this IServiceCollection services, string key, Action<LocalTextEmbeddingOptions>? configure = null) =>
            Framework.Add(services, key, configure);
    }
}
