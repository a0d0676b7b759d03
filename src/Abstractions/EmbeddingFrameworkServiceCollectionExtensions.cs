using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Polymodal;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>The one way a framework enters a container. Every <c>AddX…Embeddings</c> method ends here.</summary>
public static class EmbeddingFrameworkServiceCollectionExtensions
{
    /// <summary>Registers a text framework.</summary>
    /// <remarks>
    /// Adds the descriptor, the generator as singleton under the framework's name, and the same generator without a key, where for
    /// text the last registration wins; the non-generic <see cref="IEmbeddingGenerator"/>, which vector stores look up, goes with it.
    /// Text files given as <see cref="DataContent"/> reach the framework through <see cref="MediaTypeEmbeddingGenerator"/>.
    /// </remarks>
    /// <param name="services">The container.</param>
    /// <param name="framework">The descriptor; its name becomes the service key.</param>
    /// <param name="create">
    /// Makes the generator when it is first asked for. The container disposes it, once for each service it was resolved by: its Dispose must be idempotent.
    /// </param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The name is already registered, or the framework is not described as one of text.</exception>
    public static IServiceCollection AddEmbeddingFramework(
        this IServiceCollection services, EmbeddingFramework framework, Func<IServiceProvider, IEmbeddingGenerator<string, Embedding<float>>> create)
    {
        AddDescriptor(services, framework, create, takesText: true);
        services.AddKeyedSingleton(framework.Name, (provider, _) => create(provider));
        services.AddSingleton(provider => provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>(framework.Name));
        services.AddSingleton<IEmbeddingGenerator>(provider => provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>(framework.Name));
        return services;
    }

    /// <summary>Registers a framework of pictures or sound.</summary>
    /// <remarks>
    /// Adds the descriptor and the generator as singleton under the framework's name; without a key a container gives the
    /// <see cref="MediaTypeEmbeddingGenerator"/>, which dispatches over all registered frameworks.
    /// </remarks>
    /// <param name="services">The container.</param>
    /// <param name="framework">The descriptor; its name becomes the service key.</param>
    /// <param name="create">
    /// Makes the generator when it is first asked for. The container disposes it, once for each service it was resolved by: its Dispose must be idempotent.
    /// </param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The name is already registered, or the framework is described as one of text.</exception>
    public static IServiceCollection AddEmbeddingFramework(
        this IServiceCollection services, EmbeddingFramework framework, Func<IServiceProvider, IEmbeddingGenerator<DataContent, Embedding<float>>> create)
    {
        AddDescriptor(services, framework, create, takesText: false);
        services.AddKeyedSingleton(framework.Name, (provider, _) => create(provider));
        services.TryAddSingleton<IEmbeddingGenerator>(provider => provider.GetRequiredService<IEmbeddingGenerator<DataContent, Embedding<float>>>());
        return services;
    }

    private static void AddDescriptor(IServiceCollection services, EmbeddingFramework framework, Delegate create, bool takesText)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(framework);
        ArgumentNullException.ThrowIfNull(create);
        if (takesText != (framework.Modality == EmbeddingModality.Text))
        {
            throw new ArgumentException(
                $"The framework '{framework.Name}' is described as {framework.Modality}, but its generator takes {(takesText ? "text" : "pictures or sound")}. Describe it as what it takes.",
                nameof(framework));
        }

        if (services.Any(service => service.ImplementationInstance is EmbeddingFramework other && other.Name == framework.Name))
            throw new ArgumentException($"The framework '{framework.Name}' is already registered. Register a second one under a name of its own.", nameof(framework));
        services.AddSingleton(framework);
        services.TryAddSingleton<IEmbeddingGenerator<DataContent, Embedding<float>>>(
            provider => new MediaTypeEmbeddingGenerator(provider, provider.GetServices<EmbeddingFramework>()));
    }
}
