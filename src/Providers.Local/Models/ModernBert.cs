using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Pooling;

namespace Polymodal.Providers.Local.Models
{
    /// <summary>ModernBERT: English encoders that take texts of up to 8192 tokens.</summary>
    public static class ModernBert
    {
        private static readonly Dictionary<string, string> Prompts = new() { ["query"] = "search_query: ", ["document"] = "search_document: " };

        /// <summary>By Nomic; queries and documents carry different prompts.</summary>
        public static LocalModel EmbedBase { get; } = new() { Id = "nomic-ai/modernbert-embed-base", Dimensions = 768, Pooling = PoolingMode.Mean, Normalize = true, Prompts = Prompts };

        /// <summary>By Alibaba; no prompts.</summary>
        public static LocalModel GteBase { get; } = new() { Id = "Alibaba-NLP/gte-modernbert-base", Dimensions = 768, Pooling = PoolingMode.Cls };

        /// <summary>The encoder itself, not trained for sentences.</summary>
        public static LocalModel Base { get; } = new() { Id = "answerdotai/ModernBERT-base", Dimensions = 768, Pooling = PoolingMode.Mean };
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers ModernBERT.</summary>
    public static class ModernBertServiceCollectionExtensions
    {
        private static readonly LocalTextFramework Framework = new("modernbert", "ModernBERT", ModernBert.EmbedBase, ModernBert.GteBase, ModernBert.Base);

        /// <summary>
        /// Registers text embeddings of a ModernBERT folder as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="string"/>,
        /// with the service key <c>modernbert</c> and without a key.
        /// </summary>
        /// <remarks>Long texts are runs of their own; <see cref="LocalTextEmbeddingOptions.MaxTokens"/> cuts them earlier. Nothing is downloaded.</remarks>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddModernBertTextEmbeddings(this IServiceCollection services, Action<LocalTextEmbeddingOptions>? configure = null) =>
            Framework.Add(services, Framework.Name, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own. Without a key the one registered last is resolved.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The key is blank or taken.</exception>
        public static IServiceCollection AddModernBertTextEmbeddings(this IServiceCollection services, string key, Action<LocalTextEmbeddingOptions>? configure = null) =>
            Framework.Add(services, key, configure);
    }
}
