using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Pooling;

namespace Polymodal.Providers.Local.Models
{
    /// <summary>Qwen3-Embedding: causal decoders read at their last token; queries carry an instruction.</summary>
    public static class Qwen3Embedding
    {
        private static readonly Dictionary<string, string> Prompts = new() { ["query"] = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:" };

        /// <summary>600 million parameters.</summary>
        public static LocalModel M600 { get; } = new() { Id = "Qwen/Qwen3-Embedding-0.6B", Dimensions = 1024, Pooling = PoolingMode.LastToken, Normalize = true, Prompts = Prompts };

        /// <summary>4 billion parameters.</summary>
        public static LocalModel B4 { get; } = new() { Id = "Qwen/Qwen3-Embedding-4B", Dimensions = 2560, Pooling = PoolingMode.LastToken, Normalize = true, Prompts = Prompts };
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers Qwen3-Embedding.</summary>
    public static class Qwen3ServiceCollectionExtensions
    {
        private static readonly LocalTextFramework Framework = new("qwen3-embedding", "Qwen3-Embedding", Qwen3Embedding.M600, Qwen3Embedding.B4);

        /// <summary>
        /// Registers text embeddings of a Qwen3-Embedding folder as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="string"/>,
        /// with the service key <c>qwen3-embedding</c> and without a key.
        /// </summary>
        /// <remarks>A graph with a key/value cache gets an empty one. Nothing is downloaded.</remarks>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddQwen3TextEmbeddings(this IServiceCollection services, Action<LocalTextEmbeddingOptions>? configure = null) =>
            Framework.Add(services, Framework.Name, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own. Without a key the one registered last is resolved.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The key is blank or taken.</exception>
        public static IServiceCollection AddQwen3TextEmbeddings(this IServiceCollection services, string key, Action<LocalTextEmbeddingOptions>? configure = null) =>
            Framework.Add(services, key, configure);
    }
}
