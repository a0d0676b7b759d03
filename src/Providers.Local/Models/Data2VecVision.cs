using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.Models
{
    /// <summary>Data2Vec and other BEiT-like picture models: the class token.</summary>
    public static class Data2VecVision
    {
        /// <summary>Medium.</summary>
        public static LocalModel Base { get; } = new() { Id = "facebook/data2vec-vision-base", Dimensions = 768 };
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers Data2Vec vision.</summary>
    public static class Data2VecVisionServiceCollectionExtensions
    {
        private static readonly LocalImageFramework Framework = new("data2vec-vision", "Data2Vec vision", Data2VecVision.Base);

        /// <summary>
        /// Registers picture embeddings of a Data2Vec vision folder as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of
        /// <see cref="Microsoft.Extensions.AI.DataContent"/>, with the service key <c>data2vec-vision</c>; without a key pictures go to the framework that takes them.
        /// </summary>
        /// <remarks>The model is loaded when the generator is first resolved. Nothing is downloaded.</remarks>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddData2VecImageEmbeddings(this IServiceCollection services, Action<LocalImageEmbeddingOptions>? configure = null) =>
            Framework.Add(services, Framework.Name, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The key is blank or taken.</exception>
        public static IServiceCollection AddData2VecImageEmbeddings(this IServiceCollection services, string key, Action<LocalImageEmbeddingOptions>? configure = null) =>
            Framework.Add(services, key, configure);
    }
}
