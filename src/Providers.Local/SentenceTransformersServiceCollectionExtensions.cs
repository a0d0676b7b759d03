using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Models;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers SentenceTransformers.</summary>
public static class SentenceTransformersServiceCollectionExtensions
{
    private static readonly LocalTextFramework Framework = new("sentence-transformers", "SentenceTransformers", MiniLM.L6V2);

    /// <summary>
    /// Registers text embeddings of a sentence-transformers model folder as a singleton
    /// <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="string"/>, with the service key <c>sentence-transformers</c> and without a key.
    /// </summary>
    /// <remarks>Without a model folder it is all-MiniLM-L6-v2, which the package <c>Polymodal.Models.MiniLM</c> brings. The model is loaded when the generator is first resolved.</remarks>
    /// <param name="services">The container.</param>
    /// <param name="configure">Changes the options; null for the defaults.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
    /// <exception cref="ArgumentException">The framework is registered already; use the overload with a key for a second model.</exception>
    public static IServiceCollection AddSentenceTransformersTextEmbeddings(this IServiceCollection services, Action<LocalTextEmbeddingOptions>? configure = null) =>
        Framework.Add(services, Framework.Name, configure);

    /// <summary>Registers one of several models side by side, with a service key of its own. Without a key the one registered last is resolved.</summary>
    /// <param name="services">The container.</param>
    /// <param name="key">The service key; it is also the framework's name in lists.</param>
    /// <param name="configure">Changes the options; null for the defaults.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
    /// <exception cref="ArgumentException">The key is blank or taken.</exception>
    public static IServiceCollection AddSentenceTransformersTextEmbeddings(this IServiceCollection services, string key, Action<LocalTextEmbeddingOptions>? configure = null) =>
        Framework.Add(services, key, configure);
}
