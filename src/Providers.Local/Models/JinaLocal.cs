using Polymodal;
using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Pooling;

namespace Polymodal.Providers.Local.Models
{
    /// <summary>Jina models that run here. The service of the same maker is another framework.</summary>
    public static class JinaLocal
    {
        private static readonly Dictionary<string, string> Prompts = new()
        {
            ["retrieval.query"] = "Represent the query for retrieving evidence documents: ",
            ["retrieval.passage"] = "Represent the document for retrieval: ",
        };

        private static readonly Dictionary<EmbeddingIntent, string> PromptNames = new()
        {
            [EmbeddingIntent.Query] = "retrieval.query",
            [EmbeddingIntent.Document] = "retrieval.passage",
            [EmbeddingIntent.Similarity] = "text-matching",
            [EmbeddingIntent.Classification] = "classification",
            [EmbeddingIntent.Clustering] = "separation",
        };

        /// <summary>About ninety languages; an adapter and a prompt for each intent.</summary>
        public static LocalModel V3 { get; } = new() { Id = "jinaai/jina-embeddings-v3", Dimensions = 1024, Pooling = PoolingMode.Mean, Normalize = true, Prompts = Prompts, PromptNames = PromptNames };

        /// <summary>English, texts of up to 8192 tokens.</summary>
        public static LocalModel V2BaseEn { get; } = new() { Id = "jinaai/jina-embeddings-v2-base-en", Dimensions = 768, Pooling = PoolingMode.Mean };

        /// <summary>English, small, texts of up to 8192 tokens.</summary>
        public static LocalModel V2SmallEn { get; } = new() { Id = "jinaai/jina-embeddings-v2-small-en", Dimensions = 512, Pooling = PoolingMode.Mean };
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers Jina (local).</summary>
    public static class JinaLocalServiceCollectionExtensions
    {
        private static readonly LocalTextFramework Framework = new("jina-local", "Jina (local)", JinaLocal.V3, JinaLocal.V2BaseEn, JinaLocal.V2SmallEn);

        /// <summary>
        /// Registers text embeddings of a Jina folder as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="string"/>,
        /// with the service key <c>jina-local</c> and without a key.
        /// </summary>
        /// <remarks>The intent chooses prompt and adapter; without one the adapter for likeness runs. Nothing is downloaded.</remarks>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddJinaLocalTextEmbeddings(this IServiceCollection services, Action<LocalTextEmbeddingOptions>? configure = null) =>
            Framework.Add(services, Framework.Name, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own. Without a key the one registered last is resolved.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The key is blank or taken.</exception>
        public static IServiceCollection AddJinaLocalTextEmbeddings(this IServiceCollection services, string key, Action<LocalTextEmbeddingOptions>? configure = null) =>
            Framework.Add(services, key, configure);
    }
}
