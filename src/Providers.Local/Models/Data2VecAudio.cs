using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.Models
{
    /// <summary>data2vec of sound.</summary>
    public static class Data2VecAudio
    {
        /// <summary>Base, English audiobooks.</summary>
        public static LocalModel Base { get; } = new() { Id = "facebook/data2vec-audio-base", Dimensions = 768 };
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers Data2Vec for sound.</summary>
    public static class Data2VecAudioServiceCollectionExtensions
    {
        private static readonly LocalAudioFramework Framework = new("data2vec-audio", "Data2Vec", Data2VecAudio.Base);

        /// <summary>
        /// Registers sound embeddings of a Data2Vec folder as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of
        /// <see cref="Microsoft.Extensions.AI.DataContent"/> with the service key <c>data2vec-audio</c>; without a key sounds reach it by their media type.
        /// </summary>
        /// <remarks>The model is loaded when the generator is first resolved; nothing is downloaded.</remarks>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddData2VecAudioEmbeddings(this IServiceCollection services, Action<LocalAudioEmbeddingOptions>? configure = null) =>
            Framework.Add(services, Framework.Name, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own. Without a key the one registered last is used.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The key is blank or taken.</exception>
        public static IServiceCollection AddData2VecAudioEmbeddings(this IServiceCollection services, string key, Action<LocalAudioEmbeddingOptions>? configure = null) =>
            Framework.Add(services, key, configure);
    }
}
