using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Audio.Features;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.Models
{
    /// <summary>The GE2E voice encoder of Resemblyzer: who speaks, whatever is said.</summary>
    public static class VoiceEncoder
    {
        /// <summary>English, about 1,800 voices.</summary>
        public static LocalModel Ge2e { get; } = new() { Id = "resemblyzer/speaker-ge2e", Dimensions = 256, Normalize = true, Preprocessor = VoiceMel.Name };
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers Voice encoder for sound.</summary>
    public static class VoiceEncoderServiceCollectionExtensions
    {
        private static readonly LocalAudioFramework Framework = new("voice-encoder", "Voice encoder", VoiceEncoder.Ge2e);

        /// <summary>
        /// Registers sound embeddings of a Voice encoder folder as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of
        /// <see cref="Microsoft.Extensions.AI.DataContent"/> with the service key <c>voice-encoder</c>; without a key sounds reach it by their media type.
        /// </summary>
        /// <remarks>The model is loaded when the generator is first resolved; nothing is downloaded.</remarks>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddVoiceAudioEmbeddings(this IServiceCollection services, Action<LocalAudioEmbeddingOptions>? configure = null) =>
            Framework.Add(services, Framework.Name, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own. Without a key the one registered last is used.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The key is blank or taken.</exception>
        public static IServiceCollection AddVoiceAudioEmbeddings(this IServiceCollection services, string key, Action<LocalAudioEmbeddingOptions>? configure = null) =>
            Framework.Add(services, key, configure);
    }
}
