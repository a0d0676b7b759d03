using Microsoft.Extensions.AI;
using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Audio.Transcription;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.Models
{
    /// <summary>The encoder of Whisper: speech, 30 seconds at a time; the mean over the frames that hold sound.</summary>
    public static class Whisper
    {
        /// <summary>Tiny, English.</summary>
        public static LocalModel TinyEnglish { get; } = new() { Id = "openai/whisper-tiny.en", Dimensions = 384 };

        /// <summary>Tiny, 99 languages.</summary>
        public static LocalModel Tiny { get; } = new() { Id = "openai/whisper-tiny", Dimensions = 384 };

        /// <summary>Base, 99 languages.</summary>
        public static LocalModel Base { get; } = new() { Id = "openai/whisper-base", Dimensions = 512 };
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers Whisper for sound.</summary>
    public static class WhisperServiceCollectionExtensions
    {
        private static readonly LocalAudioFramework Framework = new("whisper", "Whisper", Whisper.TinyEnglish, Whisper.Tiny, Whisper.Base);

        /// <summary>
        /// Registers sound embeddings of a Whisper folder as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of
        /// <see cref="Microsoft.Extensions.AI.DataContent"/> with the service key <c>whisper</c>; without a key sounds reach it by their media type.
        /// </summary>
        /// <remarks>The model is loaded when the generator is first resolved; nothing is downloaded.</remarks>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddWhisperAudioEmbeddings(this IServiceCollection services, Action<LocalAudioEmbeddingOptions>? configure = null) =>
            Framework.Add(services, Framework.Name, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own. Without a key the one registered last is used.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The key is blank or taken.</exception>
        public static IServiceCollection AddWhisperAudioEmbeddings(this IServiceCollection services, string key, Action<LocalAudioEmbeddingOptions>? configure = null) =>
            Framework.Add(services, key, configure);

        /// <summary>
        /// Registers speech to text with a Whisper folder, encoder and decoder, as a singleton <see cref="ISpeechToTextClient"/>, without a key and with the service key
        /// <c>whisper</c>.
        /// </summary>
        /// <remarks>
        /// The model is loaded when the client is first resolved; nothing is downloaded. The contract is experimental in Microsoft.Extensions.AI (diagnostic MEAI001).
        /// </remarks>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options (model, decoder of sounds, weights, threads; pooling and windows do not matter here); null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
        public static IServiceCollection AddWhisperSpeechToText(this IServiceCollection services, Action<LocalAudioEmbeddingOptions>? configure = null) =>
            AddWhisperSpeechToText(services, Framework.Name, configure);

        /// <summary>Registers one of several models of speech to text side by side, with a service key of its own. Without a key the one registered last is used.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">The key is blank.</exception>
        /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
        public static IServiceCollection AddWhisperSpeechToText(this IServiceCollection services, string key, Action<LocalAudioEmbeddingOptions>? configure = null)
        {
            ArgumentNullException.ThrowIfNull(services);
            ArgumentException.ThrowIfNullOrWhiteSpace(key);
            var options = new LocalAudioEmbeddingOptions();
            configure?.Invoke(options);
            options = LocalEmbeddingOptions.Validated(options);
            services.AddKeyedSingleton<ISpeechToTextClient>(key, (_, _) => WhisperSpeechToTextClient.Load(LocalModelLocator.Find(options.ModelPath, options.Model ?? Whisper.TinyEnglish), options));
            return services.AddSingleton(provider => provider.GetRequiredKeyedService<ISpeechToTextClient>(key));
        }
    }
}
