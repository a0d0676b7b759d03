using System.Numerics.Tensors;
using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>The items of one medium, and the generator that puts queries into their space.</summary>
/// <remarks>Safe for concurrent use. Owns no generator.</remarks>
public sealed class SearchMedium
{
    private readonly Func<Embedding<float>, int, CancellationToken, Task<IReadOnlyList<ScoredItem>>>? _search;
    private readonly SearchItem[] _items = [];
    private volatile CentredItems? _centred;

    /// <summary>Items held in memory, compared one by one.</summary>
    /// <param name="name">What a person calls it, e.g. <c>photos</c>.</param>
    /// <param name="modality">The items' medium.</param>
    /// <param name="queries">Embeds text queries into the items' space.</param>
    /// <param name="items">At least one; all of the space of <paramref name="queries"/>.</param>
    /// <param name="bridge">The bridge by which the items came into the space; null when it is their own.</param>
    /// <exception cref="ArgumentException">The name is blank, there are no items, or the generator does not say its space.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">An item is of another space.</exception>
    public SearchMedium(string name, EmbeddingModality modality, IEmbeddingGenerator<string, Embedding<float>> queries, IReadOnlyList<SearchItem> items, string? bridge = null)
        : this(name, modality, queries, bridge)
    {
        ArgumentNullException.ThrowIfNull(items);
        _items = [.. items];
        if (_items.Length == 0)
            throw new ArgumentException($"{name} has no items. Give at least one.", nameof(items));
        foreach (SearchItem item in _items)
        {
            EmbeddingSpace.EnsureSame(EmbeddingSpace.SpaceIdOf(item.Embedding), Space.SpaceId);
            if (item.Embedding.Vector.Length != Space.Dimensions)
                throw new ArgumentException($"item '{item.Id}' of {name} has {item.Embedding.Vector.Length} dimensions; {Space.SpaceId} has {Space.Dimensions}. Embed it again.", nameof(items));
        }
    }

    /// <summary>Items that something else searches, e.g. a collection of a vector store.</summary>
    /// <param name="name">What a person calls it.</param>
    /// <param name="modality">The items' medium.</param>
    /// <param name="queries">Embeds text queries into the items' space.</param>
    /// <param name="search">Gives a query's best items, the best first, with scores of which higher is nearer; how many is its second argument.</param>
    /// <param name="bridge">The bridge by which the items came into the space; null when it is their own.</param>
    /// <exception cref="ArgumentException">The name is blank, or the generator does not say its space.</exception>
    public SearchMedium(
        string name, EmbeddingModality modality, IEmbeddingGenerator<string, Embedding<float>> queries,
        Func<Embedding<float>, int, CancellationToken, Task<IReadOnlyList<ScoredItem>>> search, string? bridge = null)
        : this(name, modality, queries, bridge)
    {
        ArgumentNullException.ThrowIfNull(search);
        _search = search;
    }

    private SearchMedium(string name, EmbeddingModality modality, IEmbeddingGenerator<string, Embedding<float>> queries, string? bridge)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(queries);
        (Name, Modality, Queries, Bridge) = (name, modality, queries, bridge);
        Space = BridgeInputs.SpaceOf(queries, nameof(queries));
    }

    /// <summary>What a person calls it.</summary>
    public string Name { get; }

    /// <summary>The items' medium.</summary>
    public EmbeddingModality Modality { get; }

    /// <summary>The bridge by which the items came into <see cref="Space"/>; null when it is their own.</summary>
    public string? Bridge { get; }

    /// <summary>The space of items and queries.</summary>
    public EmbeddingSpace Space { get; }

    internal IEmbeddingGenerator<string, Embedding<float>> Queries { get; }

    /// <summary>
    /// Whether the means are taken off: where queries and items come from two towers of one space, which lie apart there. Vectors that a bridge puts among texts have no such gap,
    /// and their mean is part of what they say: taking it off cost the shipped ConSE 5 of its 30 hits. A store holds the vectors as they are.
    /// </summary>
    internal bool HasGap(EmbeddingModality query) => _search is null && Bridge is null && query != Modality;

    /// <summary>The items' mean; empty where something else holds them.</summary>
    internal float[] ItemMean() => _items.Length == 0 ? [] : Mean([.. _items.Select(item => item.Embedding)]);

    /// <summary>The best items for a query, the best first.</summary>
    internal async Task<IReadOnlyList<ScoredItem>> SearchAsync(Embedding<float> query, MediumCalibration? centring, int top, CancellationToken cancellationToken)
    {
        EmbeddingSpace.EnsureSame(EmbeddingSpace.SpaceIdOf(query), Space.SpaceId);
        if (query.Vector.Length != Space.Dimensions)
            throw new ArgumentException($"the query has {query.Vector.Length} dimensions; {Space.SpaceId} has {Space.Dimensions}. Embed it with that space's model.", nameof(query));
        if (_search is not null)
            return await _search(query, top, cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return centring is { QueryMean.IsEmpty: false }
            ? Best(Without(query.Vector, centring.QueryMean), Centred(centring.ItemMean), SimilarityMetric.Cosine, top)
            : Best(query.Vector, place => _items[place].Embedding.Vector, Space.Metric, top);
    }

    /// <summary>The mean of vectors, each scaled to unit length.</summary>
    internal static float[] Mean(IReadOnlyList<Embedding<float>> vectors)
    {
        var mean = new float[vectors[0].Vector.Length];
        foreach (Embedding<float> vector in vectors)
            TensorPrimitives.Add(mean, Unit(vector.Vector), mean);
        TensorPrimitives.Divide(mean, vectors.Count, mean);
        return mean;
    }

    private ScoredItem[] Best(ReadOnlyMemory<float> query, Func<int, ReadOnlyMemory<float>> vector, SimilarityMetric metric, int top) =>
        [.. _items.Select((item, place) => new ScoredItem(item.Id, Similarity.Of(query.Span, vector(place).Span, metric))).OrderByDescending(item => item.Score).Take(top)];

    private Func<int, ReadOnlyMemory<float>> Centred(ReadOnlyMemory<float> mean)
    {
        CentredItems? centred = _centred;
        if (centred is null || !centred.Mean.Equals(mean))
            _centred = centred = new CentredItems(mean, [.. _items.Select(item => Without(item.Embedding.Vector, mean))]);
        return place => centred.Vectors[place];
    }

    private static float[] Without(ReadOnlyMemory<float> vector, ReadOnlyMemory<float> mean)
    {
        float[] centred = Unit(vector);
        TensorPrimitives.Subtract(centred, mean.Span, centred);
        return centred;
    }

    private static float[] Unit(ReadOnlyMemory<float> vector)
    {
        float[] unit = vector.ToArray();
        if (TensorPrimitives.Norm(unit) is var norm and > 0)
            TensorPrimitives.Divide(unit, norm, unit);
        return unit;
    }

    private sealed record CentredItems(ReadOnlyMemory<float> Mean, float[][] Vectors);
}

/// <summary>An item that a mixed search can find.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Embedding">Its vector.</param>
public sealed record SearchItem(string Id, Embedding<float> Embedding);

/// <summary>An item and how near it is to a query.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Score">Higher is nearer.</param>
public sealed record ScoredItem(string Id, double Score);
