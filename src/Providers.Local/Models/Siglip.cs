using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.Models
{
    /// <summary>SigLIP and SigLIP 2 of fixed sizes: pictures and texts in one space.</summary>
    public static class Siglip
    {
        /// <summary>SigLIP.</summary>
        public static LocalModel BasePatch16 { get; } = new() { Id = "google/siglip-base-patch16-224", Dimensions = 768, Normalize = true };

        /// <summary>SigLIP 2.</summary>
        public static LocalModel V2BasePatch16 { get; } = new() { Id = "google/siglip2-base-patch16-224", Dimensions = 768, Normalize = true };
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers SigLIP: pictures, texts, or both in one space.</summary>
    public static class SiglipServiceCollectionExtensions
    {
        private static readonly LocalImageFramework Pictures = new("siglip", "SigLIP", Siglip.BasePatch16, Siglip.V2BasePatch16);
        private static readonly LocalTextFramework Texts = new("siglip-text", "SigLIP (text)", Siglip.BasePatch16, Siglip.V2BasePatch16);

        /// <summary>
        /// Registers picture embeddings of a SigLIP folder (<c>vision_model.onnx</c>) as a singleton
        /// <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="Microsoft.Extensions.AI.DataContent"/>, with the service key <c>siglip</c>.
        /// </summary>
        /// <remarks>Vectors have unit length. The model is loaded when the generator is first resolved. Nothing is downloaded.</remarks>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddSiglipImageEmbeddings(this IServiceCollection services, Action<LocalImageEmbeddingOptions>? configure = null) =>
            Pictures.Add(services, Pictures.Name, configure);

        /// <summary>Registers pictures of one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The key is blank or taken.</exception>
        public static IServiceCollection AddSiglipImageEmbeddings(this IServiceCollection services, string key, Action<LocalImageEmbeddingOptions>? configure = null) =>
            Pictures.Add(services, key, configure);

        /// <summary>
        /// Registers text embeddings of a SigLIP folder (<c>text_model.onnx</c>) as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of
        /// <see cref="string"/>, with the service key <c>siglip-text</c> and without a key. Their vectors compare with those of the folder's pictures.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddSiglipTextEmbeddings(this IServiceCollection services, Action<LocalTextEmbeddingOptions>? configure = null) =>
            Texts.Add(services, Texts.Name, configure);

        /// <summary>Registers texts of one of several models side by side, with a service key of its own. Without a key the one registered last is resolved.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The key is blank or taken.</exception>
        public static IServiceCollection AddSiglipTextEmbeddings(this IServiceCollection services, string key, Action<LocalTextEmbeddingOptions>? configure = null) =>
            Texts.Add(services, key, configure);

        /// <summary>Registers both towers of a SigLIP folder, whose vectors compare: <see cref="AddSiglipImageEmbeddings(IServiceCollection, Action{LocalImageEmbeddingOptions}?)"/> and the like for texts.</summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options that both have (the folder, weights, threads, …); null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The framework is registered already.</exception>
        public static IServiceCollection AddSiglipEmbeddings(this IServiceCollection services, Action<LocalEmbeddingOptions>? configure = null) =>
            services.AddSiglipImageEmbeddings(configure).AddSiglipTextEmbeddings(configure);
    }
}
