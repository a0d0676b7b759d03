using Microsoft.Extensions.AI;
using Polymodal;
using Polymodal.Multimodal;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers one generator for text, pictures and sound.</summary>
public static class MultimodalServiceCollectionExtensions
{
    /// <summary>
    /// Registers a <see cref="MultimodalEmbeddingGenerator"/> over the frameworks of the container as a singleton, and as what the container gives for
    /// <see cref="IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="string"/>, <see cref="DataContent"/> and <see cref="AIContent"/>, and for the non-generic
    /// <see cref="IEmbeddingGenerator"/>, which vector stores and agents look up.
    /// </summary>
    /// <remarks>
    /// Call it after the frameworks: as everywhere in .NET the last registration of a service wins, so a text framework registered later would be resolved for strings. Frameworks
    /// that are registered later are collected all the same. Their generators stay the container's, under their names.
    /// </remarks>
    /// <param name="services">The container.</param>
    /// <param name="configure">Names the frameworks and bridges: <c>m => m.Text("sentence-transformers").Image("clip")</c>; null for all that are registered.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
    public static IServiceCollection AddMultimodalEmbeddings(this IServiceCollection services, Action<MultimodalEmbeddingOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = new MultimodalEmbeddingOptions();
        configure?.Invoke(options);
        options = new MultimodalEmbeddingOptions(options);
        return services
            .AddSingleton(options.Build)
            .AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(Generator)
            .AddSingleton<IEmbeddingGenerator<DataContent, Embedding<float>>>(Generator)
            .AddSingleton<IEmbeddingGenerator<AIContent, Embedding<float>>>(Generator)
            .AddSingleton<IEmbeddingGenerator>(Generator);

        static MultimodalEmbeddingGenerator Generator(IServiceProvider provider) => provider.GetRequiredService<MultimodalEmbeddingGenerator>();
    }
}
