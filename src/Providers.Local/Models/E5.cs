using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Pooling;

namespace Polymodal.Providers.Local.Models
{
    /// <summary>E5: queries and passages carry different prompts; without them recall drops.</summary>
    public static class E5
    {
        private static readonly Dictionary<string, string> Prompts = new() { ["query"] = "query: ", ["document"] = "passage: " };

        /// <summary>English, small.</summary>
        public static LocalModel SmallV2 { get; } = new() { Id = "intfloat/e5-small-v2", Dimensions = 384, Pooling = PoolingMode.Mean, Normalize = true, Prompts = Prompts };

        /// <summary>English, medium.</summary>
        public static LocalModel BaseV2 { get; } = new() { Id = "intfloat/e5-base-v2", Dimensions = 768, Pooling = PoolingMode.Mean, Normalize = true, Prompts = Prompts };

        /// <summary>English, large.</summary>
        public static LocalModel LargeV2 { get; } = new() { Id = "intfloat/e5-large-v2", Dimensions = 1024, Pooling = PoolingMode.Mean, Normalize = true, Prompts = Prompts };

        /// <summary>About a hundred languages, small.</summary>
        public static LocalModel MultilingualSmall { get; } = new() { Id = "intfloat/multilingual-e5-small", Dimensions = 384, Pooling = PoolingMode.Mean, Normalize = true, Prompts = Prompts };

        /// <summary>About a hundred languages, medium.</summary>
        public static LocalModel MultilingualBase { get; } = new() { Id = "intfloat/multilingual-e5-base", Dimensions = 768, Pooling = PoolingMode.Mean, Normalize = true, Prompts = Prompts };

        /// <summary>About a hundred languages, large.</summary>
        public static LocalModel MultilingualLarge { get; } = new() { Id = "intfloat/multilingual-e5-large", Dimensions = 1024, Pooling = PoolingMode.Mean, Normalize = true, Prompts = Prompts };
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers E5.</summary>
    public static class E5ServiceCollectionExtensions
    {
        private static readonly LocalTextFramework Framework = new("e5", "E5", E5.SmallV2, E5.BaseV2, E5.LargeV2, E5.MultilingualSmall, E5.MultilingualBase, E5.MultilingualLarge);

        /// <summary>
        /// Registers text embeddings of an E5 folder as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="string"/>,
        /// with the service key <c>e5</c> and without a key.
        /// </summary>
        /// <remarks>Prompts are chosen by intent: use <c>GenerateQueryAsync</c> and <c>GenerateDocumentsAsync</c>. Nothing is downloaded.</remarks>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddE5TextEmbeddings(this IServiceCollection services, Action<LocalTextEmbeddingOptions>? configure = null) =>
            Framework.Add(services, Framework.Name, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own. Without a key the one registered last is resolved.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The key is blank or taken.</exception>
        public static IServiceCollection AddE5TextEmbeddings(this IServiceCollection services, string key, Action<LocalTextEmbeddingOptions>? configure = null) =>
            Framework.Add(services, key, configure);
    }
}
