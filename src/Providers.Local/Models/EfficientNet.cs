using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.Models
{
    /// <summary>Networks of balanced width and depth: the pooler's vector.</summary>
    public static class EfficientNet
    {
        /// <summary>The smallest.</summary>
        public static LocalModel B0 { get; } = new() { Id = "google/efficientnet-b0", Dimensions = 1280 };
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers EfficientNet.</summary>
    public static class EfficientNetServiceCollectionExtensions
    {
        private static readonly LocalImageFramework Framework = new("efficientnet", "EfficientNet", EfficientNet.B0);

        /// <summary>
        /// Registers picture embeddings of a EfficientNet folder as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of
        /// <see cref="Microsoft.Extensions.AI.DataContent"/>, with the service key <c>efficientnet</c>; without a key pictures go to the framework that takes them.
        /// </summary>
        /// <remarks>The model is loaded when the generator is first resolved. Nothing is downloaded.</remarks>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddEfficientNetImageEmbeddings(this IServiceCollection services, Action<LocalImageEmbeddingOptions>? configure = null) =>
            Framework.Add(services, Framework.Name, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The key is blank or taken.</exception>
        public static IServiceCollection AddEfficientNetImageEmbeddings(this IServiceCollection services, string key, Action<LocalImageEmbeddingOptions>? configure = null) =>
            Framework.Add(services, key, configure);
    }
}
