using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.Models
{
    /// <summary>Shifted-window transformers: the pooler's vector.</summary>
    public static class Swin
    {
        /// <summary>Small.</summary>
        public static LocalModel Tiny { get; } = new() { Id = "microsoft/swin-tiny-patch4-window7-224", Dimensions = 768 };
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers Swin.</summary>
    public static class SwinServiceCollectionExtensions
    {
        private static readonly LocalImageFramework Framework = new("swin", "Swin", Swin.Tiny);

        /// <summary>
        /// Registers picture embeddings of a Swin folder as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of
        /// <see cref="Microsoft.Extensions.AI.DataContent"/>, with the service key <c>swin</c>; without a key pictures go to the framework that takes them.
        /// </summary>
        /// <remarks>The model is loaded when the generator is first resolved. Nothing is downloaded.</remarks>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddSwinImageEmbeddings(this IServiceCollection services, Action<LocalImageEmbeddingOptions>? configure = null) =>
            Framework.Add(services, Framework.Name, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The key is blank or taken.</exception>
        public static IServiceCollection AddSwinImageEmbeddings(this IServiceCollection services, string key, Action<LocalImageEmbeddingOptions>? configure = null) =>
            Framework.Add(services, key, configure);
    }
}
