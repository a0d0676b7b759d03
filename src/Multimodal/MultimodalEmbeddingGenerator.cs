using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>
/// One generator for text, pictures and sound: every input goes to the framework that takes its media type, all frameworks of a call run side by side, and the vectors come
/// back in the order of the inputs.
/// </summary>
/// <remarks>
/// Safe for concurrent use. The vectors of a list may come from different spaces: each says which in its <see cref="Embedding.AdditionalProperties"/>, the generator itself has none
/// (<c>GetService&lt;EmbeddingSpace&gt;(EmbeddingModality.Text)</c> gives that of a kind of input). Compare them with <see cref="CompareAsync"/> or <see cref="Compare"/>, which
/// give a number only where it means something. Routing never looks at a generator's type: the interface is contravariant in its input, so types say nothing.
/// </remarks>
public sealed partial class MultimodalEmbeddingGenerator :
    IEmbeddingGenerator<string, Embedding<float>>, IEmbeddingGenerator<DataContent, Embedding<float>>, IEmbeddingGenerator<AIContent, Embedding<float>>
{
    /// <summary>Where the <c>AdditionalProperties</c> of a result hold the usage of each route: an <see cref="IReadOnlyDictionary{TKey,TValue}"/> of its name to <see cref="UsageDetails"/>.</summary>
    public const string UsageByRouteKey = RoutedCall.UsageKey;

    private static readonly EmbeddingGeneratorMetadata Metadata = new("polymodal.multimodal");

    private readonly RouteTable _table;
    private readonly Lazy<IReadOnlyList<Bridge>> _bridges;

    /// <summary>Creates a generator.</summary>
    /// <param name="routes">Where inputs go; of several routes that take an input, for its intent, the last is used. Their generators stay the caller's.</param>
    /// <param name="bridges">Ways between spaces for <see cref="CompareAsync"/>; null for none.</param>
    /// <exception cref="ArgumentException">There are no routes, or two have one name.</exception>
    public MultimodalEmbeddingGenerator(IEnumerable<Route> routes, IEnumerable<Bridge>? bridges = null)
        : this(routes ?? throw new ArgumentNullException(nameof(routes)), new Lazy<IReadOnlyList<Bridge>>(value: [.. bridges ?? []]))
    {
    }

    /// <summary>Creates a generator whose bridges are made when a comparison first needs one: a bridge may load a model.</summary>
    internal MultimodalEmbeddingGenerator(IEnumerable<Route> routes, Lazy<IReadOnlyList<Bridge>> bridges) => (_table, _bridges) = (new RouteTable(routes), bridges);

    /// <summary>The routes, in the order given.</summary>
    public IReadOnlyList<Route> Routes => _table.Routes;

    /// <summary>The bridges; they are made when this is first asked for.</summary>
    public IReadOnlyList<Bridge> Bridges => _bridges.Value;

    /// <summary>Embeds texts, pictures, sounds and items of several parts, mixed in any order.</summary>
    /// <param name="values">Each a <see cref="TextContent"/>, a <see cref="DataContent"/> or a <see cref="CompositeContent"/>. A <see cref="DataContent"/> of <c>text/*</c> is UTF-8 or names its <c>charset</c>.</param>
    /// <param name="options">Passed on to every framework. The intent and <see cref="MultimodalGenerationOptionsExtensions.WithRoutes"/> choose among routes that take the same media type.</param>
    /// <param name="cancellationToken">Ends the call on every route.</param>
    /// <returns>
    /// One vector an input, in the order given, each with its space. Usage is the sum of the frameworks that report it, and by route under <see cref="UsageByRouteKey"/>.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="values"/> or one of them is null.</exception>
    /// <exception cref="ArgumentException">No route takes an input; nothing was embedded. Or a framework refuses an input.</exception>
    /// <exception cref="NotSupportedException">The parts of an item cannot be fused as it asks for; nothing was embedded.</exception>
    /// <exception cref="InvalidOperationException">A framework gave more or fewer vectors than it got inputs.</exception>
    /// <remarks>The first framework that fails ends the call, and its exception is the call's. <see cref="GenerateEachAsync"/> lets inputs fail one by one.</remarks>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<AIContent> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        var plan = new RoutingPlan(_table, options);
        Func<IReadOnlyList<Embedding<float>?>, Embedding<float>>[] items = [.. values.Select((value, i) => plan.Add(i, NotNull(value, i)))];
        IReadOnlyList<(Route Route, int[] Places)> groups = plan.Groups();

        var vectors = new Embedding<float>[plan.Inputs.Count];
        var used = new UsageDetails?[groups.Count];
        await RoutedCall.SideBySideAsync(groups.Count, async (i, stop) => used[i] = await RunAsync(plan, groups[i].Places, vectors, options, stop).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        var usage = new RoutedUsage();
        for (int i = 0; i < groups.Count; i++)
            usage.Add(groups[i].Route.Name, used[i]);
        return usage.Of(items.Select(item => item(vectors)));
    }

    /// <summary>Embeds texts.</summary>
    /// <inheritdoc cref="GenerateAsync(IEnumerable{AIContent}, EmbeddingGenerationOptions?, CancellationToken)"/>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        return GenerateAsync(values.Select((value, i) => (AIContent)new TextContent(NotNull(value, i))), options, cancellationToken);
    }

    /// <summary>Embeds pictures, sounds and text files.</summary>
    /// <inheritdoc cref="GenerateAsync(IEnumerable{AIContent}, EmbeddingGenerationOptions?, CancellationToken)"/>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<DataContent> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        return GenerateAsync(values.Cast<AIContent>(), options, cancellationToken);
    }

    /// <summary>Gives the generator itself, and by key what a part of it says: the kind of input (<see cref="EmbeddingModality"/>) or the name of a route.</summary>
    /// <param name="serviceType">What is asked for, e.g. <see cref="EmbeddingSpace"/>.</param>
    /// <param name="serviceKey">Null for the generator; an <see cref="EmbeddingModality"/> for the route of that kind that serves calls without intent; a <see cref="string"/> for the route of that name.</param>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey switch
        {
            null => serviceType.IsInstanceOfType(this) ? this : serviceType == typeof(EmbeddingGeneratorMetadata) ? Metadata : null,
            EmbeddingModality modality => _table.Default(modality)?.GetService(serviceType),
            string name => Routes.LastOrDefault(route => route.Name == name)?.GetService(serviceType),
            _ => null,
        };
    }

    /// <summary>Does nothing, however often: the generators belong to the container, or to whoever gave them.</summary>
    public void Dispose()
    {
    }

    // Embeds the inputs of one route by one call.
    private static async Task<UsageDetails?> RunAsync(RoutingPlan plan, int[] places, Embedding<float>?[] vectors, EmbeddingGenerationOptions? options, CancellationToken cancellationToken)
    {
        PlannedInput[] inputs = [.. places.Select(place => plan.Inputs[place])];
        var call = new RoutedCall(inputs[0].Route.Name, [.. inputs.Select(input => input.Item)], stop => inputs[0].Route.GenerateAsync(inputs, options, stop));
        GeneratedEmbeddings<Embedding<float>> embeddings = await call.RunAsync(cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < places.Length; i++)
            vectors[places[i]] = embeddings[i];
        return embeddings.Usage;
    }

    private static T NotNull<T>(T? value, int index)
        where T : class => value ?? throw new ArgumentNullException(RouteTable.Parameter, $"input {index} is null.");
}
