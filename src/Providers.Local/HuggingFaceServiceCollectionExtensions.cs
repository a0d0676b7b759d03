using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Models;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers HuggingFace.</summary>
public static class HuggingFaceServiceCollectionExtensions
{
    private static readonly LocalTextFramework Framework = new("huggingface", "HuggingFace");

    /// <summary>
    /// Registers text embeddings of any encoder or decoder folder of HuggingFace with an ONNX export as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="string"/>,
    /// with the service key <c>huggingface</c> and without a key.
    /// </summary>
    /// <remarks>It needs a <see cref="LocalEmbeddingOptions.ModelPath"/>. A folder without <c>modules.json</c> is pooled by <see cref="LocalTextEmbeddingOptions.Pooling"/>, else as is usual for its kind. Nothing is downloaded.</remarks>
    /// <param name="services">The container.</param>
    /// <param name="configure">Changes the options; null for the defaults.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
    /// <exception cref="ArgumentException">The framework is registered already; use the overload with a key for a second model.</exception>
    public static IServiceCollection AddHuggingFaceTextEmbeddings(this IServiceCollection services, Action<LocalTextEmbeddingOptions>? configure = null) =>
        Framework.Add(services, Framework.Name, configure);

    /// <summary>Registers one of several models side by side, with a service key of its own. Without a key the one registered last is resolved.</summary>
    /// <param name="services">The container.</param>
    /// <param name="key">The service key; it is also the framework's name in lists.</param>
    /// <param name="configure">Changes the options; null for the defaults.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
    /// <exception cref="ArgumentException">The key is blank or taken.</exception>
    public static IServiceCollection AddHuggingFaceTextEmbeddings(this IServiceCollection services, string key, Action<LocalTextEmbeddingOptions>? configure = null) =>
        Framework.Add(services, key, configure);
}
