using Microsoft.Extensions.AI;

namespace Polymodal.VectorStore;

/// <summary>Records found by their vectors, their words and their payload. Hybrid search, diversity, grouping, recommendations and bulk writing are methods over this interface, the same for every backend: <see cref="VectorCollectionExtensions"/>.</summary>
/// <remarks>Safe for concurrent use: readers see a batch wholly or not at all. Once the collection is removed from its store every call throws <see cref="VectorStoreException"/>.</remarks>
public interface IVectorCollection
{
    /// <summary>Its name.</summary>
    string Name { get; }

    /// <summary>The spaces its vectors come from, and how they are compared.</summary>
    VectorCollectionDefinition Definition { get; }

    /// <summary>Adds records, replacing those with the same id. All of them are stored, or none.</summary>
    /// <param name="records">The records; when an id occurs twice the last one wins.</param>
    /// <param name="cancellationToken">Ends the call; nothing is stored then.</param>
    /// <exception cref="ArgumentException">A record has no vector or one the collection does not define; a vector has another length than defined, or holds NaN or infinity; or an id or payload is not valid. Nothing is stored.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">A vector says it comes from another space. Nothing is stored.</exception>
    /// <exception cref="VectorStoreException">The store cannot be written; what was there before is intact.</exception>
    Task UpsertAsync(IEnumerable<VectorRecord> records, CancellationToken cancellationToken = default);

    /// <summary>Reads records.</summary>
    /// <param name="ids">The ids, in any order.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The records found, in the order of <paramref name="ids"/>; unknown ids are left out.</returns>
    /// <exception cref="VectorStoreException">The store cannot be read; the message says why.</exception>
    Task<IReadOnlyList<VectorRecord>> GetAsync(IEnumerable<RecordId> ids, CancellationToken cancellationToken = default);

    /// <summary>Removes records. All of them go, or none.</summary>
    /// <param name="ids">The ids; unknown ones are ignored.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>How many were removed.</returns>
    /// <exception cref="VectorStoreException">The store cannot be written; what was there before is intact.</exception>
    Task<long> DeleteAsync(IEnumerable<RecordId> ids, CancellationToken cancellationToken = default);

    /// <summary>Removes the records that match a filter. All of them go, or none.</summary>
    /// <param name="filter">Which; <see cref="VectorFilter.All"/> empties the collection.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>How many were removed.</returns>
    /// <exception cref="VectorStoreException">The store cannot be written; what was there before is intact.</exception>
    Task<long> DeleteAsync(VectorFilter filter, CancellationToken cancellationToken = default);

    /// <summary>How many records there are.</summary>
    /// <param name="filter">Which to count; null means all.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="VectorStoreException">The store cannot be read; the message says why.</exception>
    Task<long> CountAsync(VectorFilter? filter = null, CancellationToken cancellationToken = default);

    /// <summary>Records in the order of their ids, read as the caller goes. They are those of the moment at which the enumeration began, whatever is written meanwhile.</summary>
    /// <param name="filter">Which to read; null means all.</param>
    /// <param name="after">Begin behind this id, which need not exist; null means at the beginning. With the last id of a page the next page goes on.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <exception cref="VectorStoreException">The store cannot be read; the message says why.</exception>
    IAsyncEnumerable<VectorRecord> ScanAsync(VectorFilter? filter = null, RecordId? after = null, CancellationToken cancellationToken = default);

    /// <summary>Finds the records nearest to a vector; those that lack the vector asked for are not found.</summary>
    /// <param name="query">The query's vector.</param>
    /// <param name="options">What to look for; null means the defaults: the 10 nearest of all records, exactly.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Nearest first; equal scores by id. Says whether it is exact.</returns>
    /// <exception cref="ArgumentException">The vector has another length than defined, or holds NaN or infinity; the collection defines no vector of that name; or an option is out of its range.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">The vector says it comes from another space.</exception>
    /// <exception cref="VectorStoreException">The store cannot be read; the message says why.</exception>
    Task<VectorSearchResult> SearchAsync(Embedding<float> query, VectorSearchOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Finds the records whose texts share words with a query, by BM25.</summary>
    /// <param name="query">Words. All of its characters are plain text; there is no query language.</param>
    /// <param name="options">What to look for; null means the defaults. <see cref="VectorSearchOptions.VectorName"/> and <see cref="VectorSearchOptions.Mode"/> do not matter.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Best first; equal scores by id. Only records with at least one of the words; none when the query has no word.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="VectorStoreException">The store cannot be read; the message says why.</exception>
    /// <remarks>
    /// The score is that of SQLite's FTS5 with its sign turned, so that higher is better: the sum over the query's tokens, repeated ones
    /// counted again, of <c>idf · f·2.2 / (f + 1.2·(0.25 + 0.75·length/average))</c> with <c>idf = ln((N−n+0.5)/(n+0.5))</c>, at least 1e-6.
    /// N, n and the average length are over all records of the collection that have a text, an empty one included, whatever the filter.
    /// Tokens are those of <see cref="VectorCollectionDefinition.Tokenizer"/>.
    /// </remarks>
    Task<VectorSearchResult> SearchTextAsync(string query, VectorSearchOptions? options = null, CancellationToken cancellationToken = default);
}
