using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.Models
{
    /// <summary>Self-supervised vision transformers, with registers or without; DINO and DINOv3 folders are read as well. The class token.</summary>
    public static class DinoV2
    {
        /// <summary>Small.</summary>
        public static LocalModel Small { get; } = new() { Id = "facebook/dinov2-small", Dimensions = 384 };

        /// <summary>Medium.</summary>
        public static LocalModel Base { get; } = new() { Id = "facebook/dinov2-base", Dimensions = 768 };

        /// <summary>Small, with registers.</summary>
        public static LocalModel WithRegistersSmall { get; } = new() { Id = "facebook/dinov2-with-registers-small", Dimensions = 384 };
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers DINOv2.</summary>
    public static class DinoV2ServiceCollectionExtensions
    {
        private static readonly LocalImageFramework Framework = new("dinov2", "DINOv2", DinoV2.Small, DinoV2.Base, DinoV2.WithRegistersSmall);

        /// <summary>
        /// Registers picture embeddings of a DINOv2 folder as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of
        /// <see cref="Microsoft.Extensions.AI.DataContent"/>, with the service key <c>dinov2</c>; without a key pictures go to the framework that takes them.
        /// </summary>
        /// <remarks>The model is loaded when the generator is first resolved. Nothing is downloaded.</remarks>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddDinoV2ImageEmbeddings(this IServiceCollection services, Action<LocalImageEmbeddingOptions>? configure = null) =>
            Framework.Add(services, Framework.Name, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The key is blank or taken.</exception>
        public static IServiceCollection AddDinoV2ImageEmbeddings(this IServiceCollection services, string key, Action<LocalImageEmbeddingOptions>? configure = null) =>
            Framework.Add(services, key, configure);
    }
}
