using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.Models
{
    /// <summary>Folders of timm: the features before the classifier's head.</summary>
    public static class Timm
    {
        /// <summary>EfficientNet-lite0: small, quick, a classifier of ImageNet's 1,000 classes. Ships in the package <c>Polymodal.Models.EfficientNetLite</c>.</summary>
        public static LocalModel EfficientNetLite0 { get; } = new() { Id = "timm/tf_efficientnet_lite0.in1k", Dimensions = 1280, Package = "Polymodal.Models.EfficientNetLite" };
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers timm.</summary>
    public static class TimmServiceCollectionExtensions
    {
        private static readonly LocalImageFramework Framework = new("timm", "timm", Timm.EfficientNetLite0);

        /// <summary>
        /// Registers picture embeddings of a timm folder as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of
        /// <see cref="Microsoft.Extensions.AI.DataContent"/>, with the service key <c>timm</c>; without a key pictures go to the framework that takes them.
        /// </summary>
        /// <remarks>Without a model folder it is EfficientNet-lite0, which the package <c>Polymodal.Models.EfficientNetLite</c> brings. The model is loaded when the generator is first resolved. Nothing is downloaded.</remarks>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddTimmImageEmbeddings(this IServiceCollection services, Action<LocalImageEmbeddingOptions>? configure = null) =>
            Framework.Add(services, Framework.Name, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The key is blank or taken.</exception>
        public static IServiceCollection AddTimmImageEmbeddings(this IServiceCollection services, string key, Action<LocalImageEmbeddingOptions>? configure = null) =>
            Framework.Add(services, key, configure);
    }
}
