using Microsoft.Extensions.AI;
using Polymodal;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Wraps registered frameworks, wherever they are resolved from.</summary>
public static class EmbeddingDecorationServiceCollectionExtensions
{
    /// <summary>
    /// Wraps text frameworks that are registered so far: <c>services.DecorateTextEmbeddings((g, _) => g.WithCache(cache))</c>. Under their keys, without a key and
    /// as <see cref="IEmbeddingGenerator"/> the wrapped ones are resolved.
    /// </summary>
    /// <param name="services">The container.</param>
    /// <param name="decorate">Wraps a generator; called once for each framework, when it is first resolved. Its result must dispose what it wraps.</param>
    /// <param name="name">Only the framework of this name; null: all of them.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="decorate"/> is null.</exception>
    /// <exception cref="ArgumentException">No such framework is registered yet.</exception>
    public static IServiceCollection DecorateTextEmbeddings(
        this IServiceCollection services,
        Func<IEmbeddingGenerator<string, Embedding<float>>, IServiceProvider, IEmbeddingGenerator<string, Embedding<float>>> decorate, string? name = null) =>
        Decorate(services, decorate, name, "text");

    /// <summary>Wraps frameworks of pictures and sound that are registered so far. Under their keys and through the dispatch by media type the wrapped ones are resolved.</summary>
    /// <param name="services">The container.</param>
    /// <param name="decorate">Wraps a generator; called once for each framework, when it is first resolved. Its result must dispose what it wraps.</param>
    /// <param name="name">Only the framework of this name; null: all of them.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="decorate"/> is null.</exception>
    /// <exception cref="ArgumentException">No such framework is registered yet.</exception>
    public static IServiceCollection DecorateMediaEmbeddings(
        this IServiceCollection services,
        Func<IEmbeddingGenerator<DataContent, Embedding<float>>, IServiceProvider, IEmbeddingGenerator<DataContent, Embedding<float>>> decorate, string? name = null) =>
        Decorate(services, decorate, name, "picture or sound");

    private static IServiceCollection Decorate<TInput>(
        IServiceCollection services, Func<IEmbeddingGenerator<TInput, Embedding<float>>, IServiceProvider, IEmbeddingGenerator<TInput, Embedding<float>>> decorate, string? name, string kind)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(decorate);
        HashSet<string> frameworks = [.. services.Select(service => service.ImplementationInstance).OfType<EmbeddingFramework>().Select(framework => framework.Name)];
        int count = 0;
        for (int i = 0; i < services.Count; i++)
        {
            ServiceDescriptor service = services[i];
            if (service.ServiceType != typeof(IEmbeddingGenerator<TInput, Embedding<float>>) || service.ServiceKey is not string key || !frameworks.Contains(key)
                || (name ?? key) != key || service.KeyedImplementationFactory is not { } create)
                continue;
            services[i] = ServiceDescriptor.DescribeKeyed(
                service.ServiceType, key, (provider, serviceKey) => decorate((IEmbeddingGenerator<TInput, Embedding<float>>)create(provider, serviceKey), provider), service.Lifetime);
            count++;
        }

        return count > 0 ? services : throw new ArgumentException(
            $"No {kind} framework{(name is null ? "" : $" '{name}'")} is registered (registered: {string.Join(", ", frameworks.Order(StringComparer.Ordinal)) switch { "" => "none", var list => list }}). Register it first, then decorate.", nameof(name));
    }
}
