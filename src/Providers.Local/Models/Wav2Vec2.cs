using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.Models
{
    /// <summary>wav2vec 2.0: speech representations learned without transcripts; XLS-R and MMS are of the same kind.</summary>
    public static class Wav2Vec2
    {
        /// <summary>Base, English audiobooks.</summary>
        public static LocalModel Base { get; } = new() { Id = "facebook/wav2vec2-base", Dimensions = 768 };

        /// <summary>XLS-R, 128 languages.</summary>
        public static LocalModel Xlsr300M { get; } = new() { Id = "facebook/wav2vec2-xls-r-300m", Dimensions = 1024 };
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers Wav2Vec2 for sound.</summary>
    public static class Wav2Vec2ServiceCollectionExtensions
    {
        private static readonly LocalAudioFramework Framework = new("wav2vec2", "Wav2Vec2", Wav2Vec2.Base, Wav2Vec2.Xlsr300M);

        /// <summary>
        /// Registers sound embeddings of a Wav2Vec2 folder as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of
        /// <see cref="Microsoft.Extensions.AI.DataContent"/> with the service key <c>wav2vec2</c>; without a key sounds reach it by their media type.
        /// </summary>
        /// <remarks>The model is loaded when the generator is first resolved; nothing is downloaded.</remarks>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddWav2Vec2AudioEmbeddings(this IServiceCollection services, Action<LocalAudioEmbeddingOptions>? configure = null) =>
            Framework.Add(services, Framework.Name, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own. Without a key the one registered last is used.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The key is blank or taken.</exception>
        public static IServiceCollection AddWav2Vec2AudioEmbeddings(this IServiceCollection services, string key, Action<LocalAudioEmbeddingOptions>? configure = null) =>
            Framework.Add(services, key, configure);
    }
}
