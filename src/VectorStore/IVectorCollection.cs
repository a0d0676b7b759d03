using Microsoft.Extensions.AI;

namespace Polymodal.VectorStore;

/// <summary>Records of one space, found by their vectors.</summary>
/// <remarks>Safe for concurrent use: readers see a batch wholly or not at all. Once the collection is removed from its store every call throws <see cref="VectorStoreException"/>.</remarks>
public interface IVectorCollection
{
    /// <summary>Its name.</summary>
    string Name { get; }

    /// <summary>The space its vectors come from, and how they are compared.</summary>
    VectorCollectionDefinition Definition { get; }

    /// <summary>Adds records, replacing those with the same id. All of them are stored, or none.</summary>
    /// <param name="records">The records; when an id occurs twice the last one wins.</param>
    /// <param name="cancellationToken">Ends the call; nothing is stored then.</param>
    /// <exception cref="ArgumentException">A vector has another length than the collection's, or holds NaN or infinity; or an id or payload is not valid. Nothing is stored.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">A vector says it comes from another space. Nothing is stored.</exception>
    /// <exception cref="VectorStoreException">The store cannot be written; what was there before is intact.</exception>
    Task UpsertAsync(IEnumerable<VectorRecord> records, CancellationToken cancellationToken = default);

    /// <summary>Reads records.</summary>
    /// <param name="ids">The ids, in any order.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The records found, in the order of <paramref name="ids"/>; unknown ids are left out.</returns>
    /// <exception cref="VectorStoreException">The store cannot be read; the message says why.</exception>
    Task<IReadOnlyList<VectorRecord>> GetAsync(IEnumerable<string> ids, CancellationToken cancellationToken = default);

    /// <summary>Removes records. All of them go, or none.</summary>
    /// <param name="ids">The ids; unknown ones are ignored.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>How many were removed.</returns>
    /// <exception cref="VectorStoreException">The store cannot be written; what was there before is intact.</exception>
    Task<int> DeleteAsync(IEnumerable<string> ids, CancellationToken cancellationToken = default);

    /// <summary>Finds the records nearest to a vector, exactly.</summary>
    /// <param name="query">The query's vector.</param>
    /// <param name="k">How many to return at most; at least 1.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Nearest first; equal scores by id, in ordinal order.</returns>
    /// <exception cref="ArgumentException">The vector has another length than the collection's, or holds NaN or infinity.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="k"/> is below 1.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">The vector says it comes from another space.</exception>
    /// <exception cref="VectorStoreException">The store cannot be read; the message says why.</exception>
    Task<IReadOnlyList<VectorMatch>> SearchAsync(Embedding<float> query, int k, CancellationToken cancellationToken = default);

    /// <summary>All records, by id in ordinal order (UTF-16), read as the caller goes. They are those of the moment at which the enumeration began, whatever is written meanwhile.</summary>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <exception cref="VectorStoreException">The store cannot be read; the message says why.</exception>
    IAsyncEnumerable<VectorRecord> ScanAsync(CancellationToken cancellationToken = default);

    /// <summary>How many records there are.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="VectorStoreException">The store cannot be read; the message says why.</exception>
    Task<long> CountAsync(CancellationToken cancellationToken = default);
}
