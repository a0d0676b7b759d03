using System.Collections;

namespace Polymodal.VectorStore;

/// <summary>What a search found, best first; equal scores by id.</summary>
/// <param name="matches">The matches, in order.</param>
/// <param name="approximation">See <see cref="Approximation"/>.</param>
/// <remarks>Immutable.</remarks>
public sealed class VectorSearchResult(IReadOnlyList<VectorMatch> matches, string? approximation = null) : IReadOnlyList<VectorMatch>
{
    /// <summary>Whether no record outside the result has a better score than one in it.</summary>
    public bool IsExact => Approximation is null;

    /// <summary>Null when the result is exact; otherwise how it was found, e.g. "one-bit codes, best 400 rescored".</summary>
    public string? Approximation { get; } = approximation;

    /// <inheritdoc/>
    public int Count => matches.Count;

    /// <inheritdoc/>
    public VectorMatch this[int index] => matches[index];

    /// <inheritdoc/>
    public IEnumerator<VectorMatch> GetEnumerator() => matches.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
