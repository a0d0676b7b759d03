using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Pooling;

namespace Polymodal.Providers.Local.Models
{
    /// <summary>BGE: English models want an instruction before queries only; BGE-M3 wants none.</summary>
    public static class Bge
    {
        private static readonly Dictionary<string, string> Prompts = new() { ["query"] = "Represent this sentence for searching relevant passages: " };

        /// <summary>English, small.</summary>
        public static LocalModel SmallEnV15 { get; } = new() { Id = "BAAI/bge-small-en-v1.5", Dimensions = 384, Pooling = PoolingMode.Cls, Normalize = true, Prompts = Prompts };

        /// <summary>English, medium.</summary>
        public static LocalModel BaseEnV15 { get; } = new() { Id = "BAAI/bge-base-en-v1.5", Dimensions = 768, Pooling = PoolingMode.Cls, Normalize = true, Prompts = Prompts };

        /// <summary>English, large.</summary>
        public static LocalModel LargeEnV15 { get; } = new() { Id = "BAAI/bge-large-en-v1.5", Dimensions = 1024, Pooling = PoolingMode.Cls, Normalize = true, Prompts = Prompts };

        /// <summary>More than a hundred languages, texts of up to 8192 tokens; the dense vectors.</summary>
        public static LocalModel M3 { get; } = new() { Id = "BAAI/bge-m3", Dimensions = 1024, Pooling = PoolingMode.Cls, Normalize = true };
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers BGE.</summary>
    public static class BgeServiceCollectionExtensions
    {
        private static readonly LocalTextFramework Framework = new("bge", "BGE", Bge.SmallEnV15, Bge.BaseEnV15, Bge.LargeEnV15, Bge.M3);

        /// <summary>
        /// Registers text embeddings of a BGE folder as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="string"/>,
        /// with the service key <c>bge</c> and without a key.
        /// </summary>
        /// <remarks>A folder with the name of a known model takes that model's prompts; of any other name set <see cref="LocalEmbeddingOptions.Model"/>. Nothing is downloaded.</remarks>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddBgeTextEmbeddings(this IServiceCollection services, Action<LocalTextEmbeddingOptions>? configure = null) =>
            Framework.Add(services, Framework.Name, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own. Without a key the one registered last is resolved.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The key is blank or taken.</exception>
        public static IServiceCollection AddBgeTextEmbeddings(this IServiceCollection services, string key, Action<LocalTextEmbeddingOptions>? configure = null) =>
            Framework.Add(services, key, configure);
    }
}
