using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.Models
{
    /// <summary>NV-Embed: a bidirectional decoder whose latent attention pools in the graph, without the instruction's tokens.</summary>
    public static class NvEmbed
    {
        private static readonly Dictionary<string, string> Prompts = new() { ["query"] = "Instruct: Given a question, retrieve passages that answer the question\nQuery: " };

        /// <summary>English, 7 billion parameters.</summary>
        public static LocalModel V2 { get; } = new() { Id = "nvidia/NV-Embed-v2", Dimensions = 4096, Normalize = true, Prompts = Prompts };
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers NV-Embed.</summary>
    public static class NvEmbedServiceCollectionExtensions
    {
        private static readonly LocalTextFramework Framework = new("nv-embed", "NV-Embed", NvEmbed.V2);

        /// <summary>
        /// Registers text embeddings of an NV-Embed folder (NVIDIA NeMo) as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="string"/>,
        /// with the service key <c>nv-embed</c> and without a key.
        /// </summary>
        /// <remarks>Queries carry an instruction, documents none; the graph takes a <c>pool_mask</c> without it. Nothing is downloaded.</remarks>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddNvEmbedTextEmbeddings(this IServiceCollection services, Action<LocalTextEmbeddingOptions>? configure = null) =>
            Framework.Add(services, Framework.Name, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own. Without a key the one registered last is resolved.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The key is blank or taken.</exception>
        public static IServiceCollection AddNvEmbedTextEmbeddings(this IServiceCollection services, string key, Action<LocalTextEmbeddingOptions>? configure = null) =>
            Framework.Add(services, key, configure);
    }
}
