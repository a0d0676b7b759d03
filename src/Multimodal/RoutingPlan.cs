using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>One input of a route.</summary>
/// <param name="Route">Where it goes.</param>
/// <param name="Content">A text, a picture, a sound; an item of several parts only on a joint route.</param>
/// <param name="Text">The text, decoded; null for what is none.</param>
/// <param name="Item">Its item's place in the list of the caller.</param>
internal sealed record PlannedInput(Route Route, AIContent Content, string? Text, int Item);

/// <summary>Which inputs of a call go where, and what becomes of their vectors. Nothing is embedded while it is made.</summary>
/// <param name="table">The routes.</param>
/// <param name="options">The options of the call.</param>
internal sealed class RoutingPlan(RouteTable table, EmbeddingGenerationOptions? options)
{
    private readonly List<PlannedInput> _inputs = [];

    /// <summary>The inputs in the order of the items.</summary>
    public IReadOnlyList<PlannedInput> Inputs => _inputs;

    /// <summary>Adds an item.</summary>
    /// <param name="item">Its place in the caller's list.</param>
    /// <param name="content">The item.</param>
    /// <returns>Makes the item's vector of those of the inputs.</returns>
    /// <exception cref="ArgumentException">No route takes it, or it cannot be read.</exception>
    /// <exception cref="NotSupportedException">Its parts cannot be fused as it asks for.</exception>
    public Func<IReadOnlyList<Embedding<float>?>, Embedding<float>> Add(int item, AIContent content)
    {
        if (content is CompositeContent composite)
            return composite.Fusion.Framework is { } framework ? AddJoint(item, composite, framework) : AddEarly(item, composite);
        PlannedInput input = Plan(item, content, route: null);
        int place = _inputs.Count;
        _inputs.Add(input);
        return vectors => vectors[place]!;
    }

    /// <summary>The inputs of each route, by their places in <see cref="Inputs"/>.</summary>
    public IReadOnlyList<(Route Route, int[] Places)> Groups() =>
        [.. Enumerable.Range(0, _inputs.Count).GroupBy(place => _inputs[place].Route).Select(group => (group.Key, group.ToArray()))];

    private Func<IReadOnlyList<Embedding<float>?>, Embedding<float>> AddJoint(int item, CompositeContent composite, string framework)
    {
        Route route = table.Routes.LastOrDefault(route => route.Modality is null && route.Name == framework) ?? throw new NotSupportedException(
            $"input {item} asks '{framework}' to fuse its {composite.Parts.Count} parts, but " +
            (table.Routes.Any(route => route.Name == framework) ? $"'{framework}' takes one part at a time" : $"there is no route '{framework}'") +
            $"; routes that fuse parts: {RouteTable.Names(table.Routes.Where(route => route.Modality is null))}. Declare an early fusion (CompositeFusion.Early), or add a route with Route.Joint.");
        int place = _inputs.Count;
        _inputs.Add(new(route, composite, Text: null, item));
        return vectors => vectors[place]!;
    }

    private Func<IReadOnlyList<Embedding<float>?>, Embedding<float>> AddEarly(int item, CompositeContent composite)
    {
        var parts = new Dictionary<EmbeddingModality, PlannedInput>();
        foreach (AIContent part in composite.Parts)
        {
            EmbeddingModality modality = RouteTable.ModalityOf(item, part);
            if (!composite.Fusion.Weights.ContainsKey(modality))
            {
                throw new NotSupportedException(
                    $"input {item} has a part of kind {modality}, which its fusion gives no weight (weights: {string.Join(", ", composite.Fusion.Weights.Keys)}). Give it one, or leave the part out.");
            }

            // The kind's own route, whatever the part's media type: all items must lie in one space.
            if (!parts.TryAdd(modality, Plan(item, part, table.For(modality, item, options))))
                throw new NotSupportedException($"input {item} has two parts of kind {modality}; an early fusion takes one of each. Make two items of it, or choose a model that fuses parts itself.");
        }

        int first = _inputs.Count;
        EmbeddingModality[] kinds = [.. parts.Keys];
        _inputs.AddRange(parts.Values);
        return vectors =>
        {
            EmbeddingSpace[] spaces = [.. composite.Fusion.Weights.Keys.Select(modality => SpaceOf(item, modality, Array.IndexOf(kinds, modality) is >= 0 and var kind ? vectors[first + kind] : null))];
            return new EarlyConcatenation(composite.Fusion, spaces).Fuse(kinds.Select((kind, i) => (kind, vectors[first + i]!)).ToDictionary(pair => pair.kind, pair => pair.Item2));
        };
    }

    // A part that is there says its space; one that is not has that of the vectors its route would give.
    private EmbeddingSpace SpaceOf(int item, EmbeddingModality modality, Embedding<float>? vector)
    {
        Route route = table.For(modality, item, options);
        EmbeddingSpace? known = route.Space;
        if (vector is null)
        {
            return known is null
                ? throw new NotSupportedException($"input {item} has no part of kind {modality}, and '{route.Name}' does not say how many dimensions its vectors have. Give the part, or a framework that names its space.")
                : options?.Dimensions is { } dimensions ? known.Cut(dimensions) : known;
        }

        string id = EmbeddingSpace.SpaceIdOf(vector)!;
        return known?.SpaceId == id ? known : new EmbeddingSpace
        {
            SpaceId = id,
            Fingerprint = vector.AdditionalProperties![EmbeddingSpace.FingerprintProperty]?.ToString() ?? id,
            Dimensions = vector.Vector.Length,
            Metric = known?.Metric ?? SimilarityMetric.Cosine,
            IsNormalized = false,
        };
    }

    private PlannedInput Plan(int item, AIContent content, Route? route)
    {
        string mediaType = RouteTable.MediaTypeOf(item, content);
        if (route is null)
            route = table.For(mediaType, item, options);
        else if (!route.Takes(mediaType))
            throw new ArgumentException($"input {item} has a part of {mediaType}, which '{route.Name}' does not take ({string.Join(" ", route.MediaTypes)}). Convert it, or name another route.", RouteTable.Parameter);
        string? text = route.Modality != EmbeddingModality.Text ? null : content is TextContent written ? written.Text : DataContentText.Read((DataContent)content, item);
        return new(route, content, text, item);
    }
}
