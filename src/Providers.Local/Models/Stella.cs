using Polymodal;
using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Pooling;

namespace Polymodal.Providers.Local.Models
{
    /// <summary>Stella: one instruction for search, another for likeness; a Dense module for each vector length it was trained for.</summary>
    public static class Stella
    {
        private static readonly Dictionary<string, string> Prompts = new()
        {
            ["s2p_query"] = "Instruct: Given a web search query, retrieve relevant passages that answer the query.\nQuery: ",
            ["s2s_query"] = "Instruct: Retrieve semantically similar text.\nQuery: ",
        };

        private static readonly Dictionary<EmbeddingIntent, string> PromptNames = new() { [EmbeddingIntent.Query] = "s2p_query", [EmbeddingIntent.Similarity] = "s2s_query" };

        /// <summary>English, 400 million parameters.</summary>
        public static LocalModel En400MV5 { get; } = new() { Id = "NovaSearch/stella_en_400M_v5", Dimensions = 1024, Pooling = PoolingMode.Mean, Prompts = Prompts, PromptNames = PromptNames };

        /// <summary>English, 1.5 billion parameters.</summary>
        public static LocalModel En15BV5 { get; } = new() { Id = "NovaSearch/stella_en_1.5B_v5", Dimensions = 1024, Pooling = PoolingMode.Mean, Prompts = Prompts, PromptNames = PromptNames };
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers Stella.</summary>
    public static class StellaServiceCollectionExtensions
    {
        private static readonly LocalTextFramework Framework = new("stella", "Stella", Stella.En400MV5, Stella.En15BV5);

        /// <summary>
        /// Registers text embeddings of a Stella folder as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="string"/>,
        /// with the service key <c>stella</c> and without a key.
        /// </summary>
        /// <remarks>The intent query takes the prompt <c>s2p_query</c>, similarity <c>s2s_query</c>, documents none. <see cref="LocalEmbeddingOptions.Dimensions"/> chooses among the folder's <c>2_Dense_*</c>. Nothing is downloaded.</remarks>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddStellaTextEmbeddings(this IServiceCollection services, Action<LocalTextEmbeddingOptions>? configure = null) =>
            Framework.Add(services, Framework.Name, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own. Without a key the one registered last is resolved.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The key is blank or taken.</exception>
        public static IServiceCollection AddStellaTextEmbeddings(this IServiceCollection services, string key, Action<LocalTextEmbeddingOptions>? configure = null) =>
            Framework.Add(services, key, configure);
    }
}
