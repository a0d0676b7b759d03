using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.Models
{
    /// <summary>CLIP: pictures and texts in one space; folders of OpenAI, MetaCLIP, Chinese-CLIP (transformers) and of open_clip.</summary>
    public static class Clip
    {
        /// <summary>OpenAI's, patches of 32.</summary>
        public static LocalModel VitBasePatch32 { get; } = new() { Id = "openai/clip-vit-base-patch32", Dimensions = 512, Normalize = true };

        /// <summary>OpenAI's, patches of 16.</summary>
        public static LocalModel VitBasePatch16 { get; } = new() { Id = "openai/clip-vit-base-patch16", Dimensions = 512, Normalize = true };

        /// <summary>OpenAI's, large.</summary>
        public static LocalModel VitLargePatch14 { get; } = new() { Id = "openai/clip-vit-large-patch14", Dimensions = 768, Normalize = true };

        /// <summary>MetaCLIP.</summary>
        public static LocalModel MetaClipB32 { get; } = new() { Id = "facebook/metaclip-b32-400m", Dimensions = 512, Normalize = true };

        /// <summary>Chinese.</summary>
        public static LocalModel ChineseVitBasePatch16 { get; } = new() { Id = "OFA-Sys/chinese-clip-vit-base-patch16", Dimensions = 512, Normalize = true };
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers CLIP: pictures, texts, or both in one space.</summary>
    public static class ClipServiceCollectionExtensions
    {
        private static readonly LocalImageFramework Pictures = new("clip", "CLIP", Clip.VitBasePatch32, Clip.VitBasePatch16, Clip.VitLargePatch14, Clip.MetaClipB32, Clip.ChineseVitBasePatch16);
        private static readonly LocalTextFramework Texts = new("clip-text", "CLIP (text)", Clip.VitBasePatch32, Clip.VitBasePatch16, Clip.VitLargePatch14, Clip.MetaClipB32, Clip.ChineseVitBasePatch16);

        /// <summary>
        /// Registers picture embeddings of a CLIP folder (<c>vision_model.onnx</c>) as a singleton
        /// <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="Microsoft.Extensions.AI.DataContent"/>, with the service key <c>clip</c>.
        /// </summary>
        /// <remarks>Vectors have unit length. The model is loaded when the generator is first resolved. Nothing is downloaded.</remarks>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddClipImageEmbeddings(this IServiceCollection services, Action<LocalImageEmbeddingOptions>? configure = null) =>
            Pictures.Add(services, Pictures.Name, configure);

        /// <summary>Registers pictures of one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The key is blank or taken.</exception>
        public static IServiceCollection AddClipImageEmbeddings(this IServiceCollection services, string key, Action<LocalImageEmbeddingOptions>? configure = null) =>
            Pictures.Add(services, key, configure);

        /// <summary>
        /// Registers text embeddings of a CLIP folder (<c>text_model.onnx</c>) as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of
        /// <see cref="string"/>, with the service key <c>clip-text</c> and without a key. Their vectors compare with those of the folder's pictures.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddClipTextEmbeddings(this IServiceCollection services, Action<LocalTextEmbeddingOptions>? configure = null) =>
            Texts.Add(services, Texts.Name, configure);

        /// <summary>Registers texts of one of several models side by side, with a service key of its own. Without a key the one registered last is resolved.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The key is blank or taken.</exception>
        public static IServiceCollection AddClipTextEmbeddings(this IServiceCollection services, string key, Action<LocalTextEmbeddingOptions>? configure = null) =>
            Texts.Add(services, key, configure);

        /// <summary>Registers both towers of a CLIP folder, whose vectors compare: <see cref="AddClipImageEmbeddings(IServiceCollection, Action{LocalImageEmbeddingOptions}?)"/> and the like for texts.</summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options that both have (the folder, weights, threads, …); null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The framework is registered already.</exception>
        public static IServiceCollection AddClipEmbeddings(this IServiceCollection services, Action<LocalEmbeddingOptions>? configure = null) =>
            services.AddClipImageEmbeddings(configure).AddClipTextEmbeddings(configure);
    }
}
