using Microsoft.Extensions.AI;

namespace Polymodal.VectorStore;

/// <summary>What every collection can do by its few own methods, the same for every backend.</summary>
public static partial class VectorCollectionExtensions
{
    /// <summary>Finds the records nearest to a vector.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="query">The query's vector.</param>
    /// <param name="k">How many to return at most; at least 1.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <inheritdoc cref="IVectorCollection.SearchAsync" path="/returns"/>
    /// <inheritdoc cref="IVectorCollection.SearchAsync" path="/exception"/>
    public static Task<VectorSearchResult> SearchAsync(this IVectorCollection collection, Embedding<float> query, int k, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(collection);
        return collection.SearchAsync(query, new VectorSearchOptions { K = k }, cancellationToken);
    }

    /// <summary>Reads one record.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The record, or null when there is none of that id.</returns>
    /// <exception cref="VectorStoreException">The store cannot be read; the message says why.</exception>
    public static async Task<VectorRecord?> GetAsync(this IVectorCollection collection, RecordId id, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(collection);
        return (await collection.GetAsync([id], cancellationToken).ConfigureAwait(false)) is [{ } record] ? record : null;
    }
}
