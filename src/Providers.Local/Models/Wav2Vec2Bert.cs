using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.Models
{
    /// <summary>wav2vec2-BERT: a conformer over filter banks, 143 languages.</summary>
    public static class Wav2Vec2Bert
    {
        /// <summary>W2v-BERT 2.0.</summary>
        public static LocalModel W2vBert2 { get; } = new() { Id = "facebook/w2v-bert-2.0", Dimensions = 1024 };
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers Wav2Vec2-BERT for sound.</summary>
    public static class Wav2Vec2BertServiceCollectionExtensions
    {
        private static readonly LocalAudioFramework Framework = new("wav2vec2-bert", "Wav2Vec2-BERT", Wav2Vec2Bert.W2vBert2);

        /// <summary>
        /// Registers sound embeddings of a Wav2Vec2-BERT folder as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of
        /// <see cref="Microsoft.Extensions.AI.DataContent"/> with the service key <c>wav2vec2-bert</c>; without a key sounds reach it by their media type.
        /// </summary>
        /// <remarks>The model is loaded when the generator is first resolved; nothing is downloaded.</remarks>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddWav2Vec2BertAudioEmbeddings(this IServiceCollection services, Action<LocalAudioEmbeddingOptions>? configure = null) =>
            Framework.Add(services, Framework.Name, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own. Without a key the one registered last is used.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The key is blank or taken.</exception>
        public static IServiceCollection AddWav2Vec2BertAudioEmbeddings(this IServiceCollection services, string key, Action<LocalAudioEmbeddingOptions>? configure = null) =>
            Framework.Add(services, key, configure);
    }
}
