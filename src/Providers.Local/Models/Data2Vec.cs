using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Pooling;

namespace Polymodal.Providers.Local.Models
{
    /// <summary>data2vec of text: a RoBERTa encoder, not trained for sentences; the mean of its tokens is what is usual.</summary>
    public static class Data2VecText
    {
        /// <summary>English.</summary>
        public static LocalModel Base { get; } = new() { Id = "facebook/data2vec-text-base", Dimensions = 768, Pooling = PoolingMode.Mean };
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers Data2Vec.</summary>
    public static class Data2VecServiceCollectionExtensions
    {
        private static readonly LocalTextFramework Framework = new("data2vec-text", "Data2Vec", Data2VecText.Base);

        /// <summary>
        /// Registers text embeddings of a data2vec folder as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="string"/>,
        /// with the service key <c>data2vec-text</c> and without a key.
        /// </summary>
        /// <remarks>The model is loaded when the generator is first resolved; nothing is downloaded.</remarks>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddData2VecTextEmbeddings(this IServiceCollection services, Action<LocalTextEmbeddingOptions>? configure = null) =>
            Framework.Add(services, Framework.Name, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own. Without a key the one registered last is resolved.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The key is blank or taken.</exception>
        public static IServiceCollection AddData2VecTextEmbeddings(this IServiceCollection services, string key, Action<LocalTextEmbeddingOptions>? configure = null) =>
            Framework.Add(services, key, configure);
    }
}
