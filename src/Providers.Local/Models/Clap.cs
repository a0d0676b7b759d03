using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.Models
{
    /// <summary>CLAP: sounds and texts in one space.</summary>
    public static class Clap
    {
        /// <summary>10 seconds at a time.</summary>
        public static LocalModel HtsatUnfused { get; } = new() { Id = "laion/clap-htsat-unfused", Dimensions = 512, Normalize = true };

        /// <summary>With fusion of longer sounds.</summary>
        public static LocalModel HtsatFused { get; } = new() { Id = "laion/clap-htsat-fused", Dimensions = 512, Normalize = true };
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers CLAP: sounds, and texts that compare with them.</summary>
    public static class ClapServiceCollectionExtensions
    {
        private static readonly LocalAudioFramework Sounds = new("clap-audio", "CLAP", Clap.HtsatUnfused, Clap.HtsatFused);
        private static readonly LocalTextFramework Texts = new("clap-text", "CLAP (text)", Clap.HtsatUnfused, Clap.HtsatFused);

        /// <summary>
        /// Registers sound embeddings of a CLAP folder as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of
        /// <see cref="Microsoft.Extensions.AI.DataContent"/> with the service key <c>clap-audio</c>; without a key sounds reach it by their media type.
        /// </summary>
        /// <remarks>The model is loaded when the generator is first resolved; nothing is downloaded.</remarks>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddClapAudioEmbeddings(this IServiceCollection services, Action<LocalAudioEmbeddingOptions>? configure = null) =>
            Sounds.Add(services, Sounds.Name, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own. Without a key the one registered last is used.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The key is blank or taken.</exception>
        public static IServiceCollection AddClapAudioEmbeddings(this IServiceCollection services, string key, Action<LocalAudioEmbeddingOptions>? configure = null) =>
            Sounds.Add(services, key, configure);

        /// <summary>
        /// Registers text embeddings of a CLAP folder (<c>text_model.onnx</c>) as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of
        /// <see cref="string"/>, with the service key <c>clap-text</c> and without a key. Their vectors compare with those of the folder's sounds.
        /// </summary>
        /// <remarks>Vectors have unit length. The model is loaded when the generator is first resolved. Nothing is downloaded.</remarks>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddClapTextEmbeddings(this IServiceCollection services, Action<LocalTextEmbeddingOptions>? configure = null) =>
            Texts.Add(services, Texts.Name, configure);

        /// <summary>Registers texts of one of several models side by side, with a service key of its own. Without a key the one registered last is resolved.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The key is blank or taken.</exception>
        public static IServiceCollection AddClapTextEmbeddings(this IServiceCollection services, string key, Action<LocalTextEmbeddingOptions>? configure = null) =>
            Texts.Add(services, key, configure);
    }
}
