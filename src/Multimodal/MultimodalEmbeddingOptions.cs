using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Polymodal.Multimodal;

/// <summary>What a <see cref="MultimodalEmbeddingGenerator"/> of a container is made of. Without a named framework it is all that are registered.</summary>
/// <remarks>Read once, when it is registered.</remarks>
public sealed class MultimodalEmbeddingOptions
{
    private readonly List<(string Framework, EmbeddingModality Modality, EmbeddingIntent[] Intents)> _named = [];
    private readonly List<(string Name, Func<IServiceProvider, IEmbeddingGenerator<CompositeContent, Embedding<float>>> Create)> _joint = [];
    private readonly List<Func<IServiceProvider, Bridge>> _bridges = [];

    /// <summary>Creates options that name nothing.</summary>
    public MultimodalEmbeddingOptions()
    {
    }

    internal MultimodalEmbeddingOptions(MultimodalEmbeddingOptions other) => (_named, _joint, _bridges) = ([.. other._named], [.. other._joint], [.. other._bridges]);

    /// <summary>Names a framework for texts. Of several the one named last is used, for its intents.</summary>
    /// <param name="framework">Its name, e.g. <c>sentence-transformers</c>; it must be registered when the generator is resolved.</param>
    /// <param name="intents">The intents it is for; none means all.</param>
    /// <returns>These options.</returns>
    /// <exception cref="ArgumentException">The name is blank.</exception>
    public MultimodalEmbeddingOptions Text(string framework, params IReadOnlyList<EmbeddingIntent> intents) => Name(framework, EmbeddingModality.Text, intents);

    /// <summary>Names a framework for pictures.</summary>
    /// <inheritdoc cref="Text"/>
    public MultimodalEmbeddingOptions Image(string framework, params IReadOnlyList<EmbeddingIntent> intents) => Name(framework, EmbeddingModality.Image, intents);

    /// <summary>Names a framework for sounds.</summary>
    /// <inheritdoc cref="Text"/>
    public MultimodalEmbeddingOptions Audio(string framework, params IReadOnlyList<EmbeddingIntent> intents) => Name(framework, EmbeddingModality.Audio, intents);

    /// <summary>Names a framework for moving pictures.</summary>
    /// <inheritdoc cref="Text"/>
    public MultimodalEmbeddingOptions Video(string framework, params IReadOnlyList<EmbeddingIntent> intents) => Name(framework, EmbeddingModality.Video, intents);

    /// <summary>Adds a model or service that fuses the parts of an item itself, see <see cref="CompositeFusion.Joint"/>.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="create">Gives its generator, whenever it is needed: resolve it from the container, which then owns it.</param>
    /// <returns>These options.</returns>
    /// <exception cref="ArgumentException">The name is blank.</exception>
    public MultimodalEmbeddingOptions Joint(string name, Func<IServiceProvider, IEmbeddingGenerator<CompositeContent, Embedding<float>>> create)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(create);
        _joint.Add((name, create));
        return this;
    }

    /// <summary>Adds a way between two spaces.</summary>
    /// <param name="bridge">The bridge.</param>
    /// <returns>These options.</returns>
    public MultimodalEmbeddingOptions Bridge(Bridge bridge)
    {
        ArgumentNullException.ThrowIfNull(bridge);
        return Bridge(_ => bridge);
    }

    /// <summary>Adds a way between two spaces that is made when a comparison first needs one.</summary>
    /// <param name="create">Makes it, once for each generator.</param>
    /// <returns>These options.</returns>
    public MultimodalEmbeddingOptions Bridge(Func<IServiceProvider, Bridge> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        _bridges.Add(create);
        return this;
    }

    /// <summary>Makes the generator.</summary>
    /// <exception cref="ArgumentException">A framework that was named is not registered, or takes another kind of input; or nothing is registered.</exception>
    internal MultimodalEmbeddingGenerator Build(IServiceProvider provider)
    {
        EmbeddingFramework[] registered = [.. provider.GetServices<EmbeddingFramework>()];
        IEnumerable<Route> routes = _named.Count == 0 ? registered.Select(framework => Route.Of(framework, provider)) : _named.Select(named => Route.Of(Find(registered, named.Framework, named.Modality), provider, named.Intents));
        return new(
            [.. routes, .. _joint.Select(joint => Route.Joint(joint.Name, () => joint.Create(provider)))],
            new Lazy<IReadOnlyList<Bridge>>(() => [.. provider.GetServices<Bridge>(), .. _bridges.Select(create => create(provider))]));
    }

    private static EmbeddingFramework Find(EmbeddingFramework[] registered, string name, EmbeddingModality modality)
    {
        EmbeddingFramework? found = Array.Find(registered, framework => framework.Name == name);
        if (found?.Modality == modality)
            return found;
        string known = string.Join(", ", registered.Where(framework => framework.Modality == modality).Select(framework => framework.Name));
        throw new ArgumentException(
            $"'{name}' is {(found is null ? "not registered" : $"a framework of {found.Modality}")}; registered for {modality}: {(known.Length == 0 ? "none" : known)}. Register it before, or name one of these.");
    }

    private MultimodalEmbeddingOptions Name(string framework, EmbeddingModality modality, IReadOnlyList<EmbeddingIntent> intents)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(framework);
        ArgumentNullException.ThrowIfNull(intents);
        _named.Add((framework, modality, [.. intents]));
        return this;
    }
}
