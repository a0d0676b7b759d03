namespace Polymodal.VectorStore;

/// <summary>How sure a search must be.</summary>
public enum VectorSearchMode
{
    /// <summary>The nearest records, provably: no other record has a better score.</summary>
    Exact,

    /// <summary>The backend may trade a few of the nearest records for time; the result says what it did.</summary>
    Approximate,
}

/// <summary>What a search looks for. Every default is good for an ordinary search.</summary>
public sealed record VectorSearchOptions
{
    /// <summary>How many matches to return at most; at least 1, by default 10.</summary>
    public int K { get; init; } = 10;

    /// <summary>How many of the best matches to pass over first; at least 0, by default 0.</summary>
    public int Offset { get; init; }

    /// <summary>Which records may be found; null, the default, means all.</summary>
    public VectorFilter? Filter { get; init; }

    /// <summary>The lowest score that is returned; null, the default, sets no bound.</summary>
    public float? MinScore { get; init; }

    /// <summary>Which vector of the records is compared; by default the one without a name. A word search does not look at it.</summary>
    public string VectorName { get; init; } = VectorCollectionDefinition.DefaultVector;

    /// <summary>How sure the search must be; by default <see cref="VectorSearchMode.Exact"/>. A word search is always exact.</summary>
    public VectorSearchMode Mode { get; init; }

    internal static VectorSearchOptions Default { get; } = new();
}
