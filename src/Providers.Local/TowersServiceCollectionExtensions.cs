using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Models;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers a folder that declares its towers in <c>towers.json</c>: texts, pictures and sounds in one space.</summary>
public static class TowersServiceCollectionExtensions
{
    private static readonly LocalTextFramework Texts = new("towers-text", "Towers");
    private static readonly LocalImageFramework Pictures = new("towers-image", "Towers");
    private static readonly LocalAudioFramework Sounds = new("towers-audio", "Towers");

    /// <summary>
    /// Registers texts, pictures and sounds of one folder as singletons with the service keys <c>towers-text</c>, <c>towers-image</c> and <c>towers-audio</c>; texts also without a key.
    /// Vectors of all three compare. What the folder has no tower for is not available and says so, as it says the licence of the weights.
    /// </summary>
    /// <remarks>
    /// <c>towers.json</c> names the licence and, for each tower, its folder inside of the model folder, which is a model folder as any other:
    /// <c>{ "license": "…", "towers": { "text": { "path": "text" }, "image": { "path": "image", "logit_scale": 100 }, "audio": { "path": "audio" } } }</c>.
    /// All towers must give vectors of one length. Vectors have unit length. Models are loaded when a generator is first resolved. Nothing is downloaded.
    /// </remarks>
    /// <param name="services">The container.</param>
    /// <param name="configure">Sets <see cref="LocalEmbeddingOptions.ModelPath"/>, and what else all towers have (weights, threads, …).</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The framework is registered already.</exception>
    public static IServiceCollection AddTowersEmbeddings(this IServiceCollection services, Action<LocalEmbeddingOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Texts.Add(services, Texts.Name, configure);
        Pictures.Add(services, Pictures.Name, configure);
        return Sounds.Add(services, Sounds.Name, configure);
    }
}
