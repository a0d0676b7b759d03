using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.Models
{
    /// <summary>The sound tower of CLAP: vectors of sounds that compare with those of its texts.</summary>
    public static class ClapAudio
    {
        /// <summary>10 seconds at a time.</summary>
        public static LocalModel HtsatUnfused { get; } = new() { Id = "laion/clap-htsat-unfused", Dimensions = 512, Normalize = true };

        /// <summary>With fusion of longer sounds.</summary>
        public static LocalModel HtsatFused { get; } = new() { Id = "laion/clap-htsat-fused", Dimensions = 512, Normalize = true };
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers CLAP for sound.</summary>
    public static class ClapAudioServiceCollectionExtensions
    {
        private static readonly LocalAudioFramework Framework = new("clap-audio", "CLAP", ClapAudio.HtsatUnfused, ClapAudio.HtsatFused);

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
            Framework.Add(services, Framework.Name, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own. Without a key the one registered last is used.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The key is blank or taken.</exception>
        public static IServiceCollection AddClapAudioEmbeddings(this IServiceCollection services, string key, Action<LocalAudioEmbeddingOptions>? configure = null) =>
            Framework.Add(services, key, configure);
    }
}
