using Microsoft.Extensions.AI;

namespace Polymodal.VectorStore;

/// <summary>A collection that is written only while its generator gives the vectors it gave when the collection was made. Reading is never refused.</summary>
/// <remarks>Made by <see cref="OpenAsync"/>. Safe for concurrent use.</remarks>
public sealed class GuardedVectorCollection : IVectorCollection
{
    private readonly IVectorCollection _inner;
    private readonly IEmbeddingGenerator<string, Embedding<float>> _generator;
    private readonly string _vectorName;
    private readonly long _recordsBetweenChecks;
    private long _written;

    private GuardedVectorCollection(IVectorCollection inner, IEmbeddingGenerator<string, Embedding<float>> generator, string vectorName, long recordsBetweenChecks) =>
        (_inner, _generator, _vectorName, _recordsBetweenChecks) = (inner, generator, vectorName, recordsBetweenChecks);

    /// <inheritdoc/>
    public string Name => _inner.Name;

    /// <inheritdoc/>
    public VectorCollectionDefinition Definition => _inner.Definition;

    /// <summary>The last comparison; null when the collection recorded no probes.</summary>
    public EmbeddingDrift? Drift { get; private set; }

    /// <summary>Puts a collection under guard and makes the first comparison.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="generator">Makes the vectors that will be written.</param>
    /// <param name="vectorName">Which vector it makes; by default the one without a name.</param>
    /// <param name="recordsBetweenChecks">After how many written records to compare again; at least 1.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ArgumentException">The collection defines no vector of that name.</exception>
    /// <exception cref="InvalidOperationException">The generator gave another number or length of vectors than it should.</exception>
    public static async Task<GuardedVectorCollection> OpenAsync(
        IVectorCollection collection, IEmbeddingGenerator<string, Embedding<float>> generator, string vectorName = VectorCollectionDefinition.DefaultVector,
        long recordsBetweenChecks = 10_000, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(collection);
        ArgumentNullException.ThrowIfNull(generator);
        ArgumentOutOfRangeException.ThrowIfLessThan(recordsBetweenChecks, 1);
        VectorRules.VectorOf("the guard", vectorName, collection.Definition);
        var guarded = new GuardedVectorCollection(collection, generator, vectorName, recordsBetweenChecks);
        await guarded.CheckAsync(cancellationToken).ConfigureAwait(false);
        return guarded;
    }

    /// <inheritdoc/>
    /// <exception cref="EmbeddingDriftException">The generator gives other vectors than the collection holds. Nothing is stored.</exception>
    public async Task UpsertAsync(IEnumerable<VectorRecord> records, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(records);
        VectorRecord[] batch = [.. records];
        if (Interlocked.Add(ref _written, batch.Length) >= _recordsBetweenChecks)
        {
            Interlocked.Exchange(ref _written, 0);
            await CheckAsync(cancellationToken).ConfigureAwait(false);
        }

        if (Drift is { IsSame: false } drift)
            throw new EmbeddingDriftException(Name, drift);
        await _inner.UpsertAsync(batch, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<VectorRecord>> GetAsync(IEnumerable<RecordId> ids, CancellationToken cancellationToken = default) => _inner.GetAsync(ids, cancellationToken);

    /// <inheritdoc/>
    public Task<long> DeleteAsync(IEnumerable<RecordId> ids, CancellationToken cancellationToken = default) => _inner.DeleteAsync(ids, cancellationToken);

    /// <inheritdoc/>
    public Task<long> DeleteAsync(VectorFilter filter, CancellationToken cancellationToken = default) => _inner.DeleteAsync(filter, cancellationToken);

    /// <inheritdoc/>
    public Task<long> CountAsync(VectorFilter? filter = null, CancellationToken cancellationToken = default) => _inner.CountAsync(filter, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<VectorRecord> ScanAsync(VectorFilter? filter = null, RecordId? after = null, CancellationToken cancellationToken = default) =>
        _inner.ScanAsync(filter, after, cancellationToken);

    /// <inheritdoc/>
    public Task<VectorSearchResult> SearchAsync(Embedding<float> query, VectorSearchOptions? options = null, CancellationToken cancellationToken = default) =>
        _inner.SearchAsync(query, options, cancellationToken);

    /// <inheritdoc/>
    public Task<VectorSearchResult> SearchTextAsync(string query, VectorSearchOptions? options = null, CancellationToken cancellationToken = default) =>
        _inner.SearchTextAsync(query, options, cancellationToken);

    private async Task CheckAsync(CancellationToken cancellationToken) =>
        Drift = await EmbeddingProbes.CompareAsync(_generator, Definition.Vectors[_vectorName], cancellationToken).ConfigureAwait(false);
}
