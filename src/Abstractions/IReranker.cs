namespace Polymodal;

/// <summary>Reads a query together with each document and says how well they fit: slower than comparing vectors, and better. Rerank what a search found, not a whole collection.</summary>
/// <remarks>Implementations are safe for concurrent use.</remarks>
public interface IReranker : IDisposable
{
    /// <summary>Scores documents for a query.</summary>
    /// <param name="query">The query; not empty.</param>
    /// <param name="documents">The documents, none of them empty.</param>
    /// <param name="top">How many to return at most; null for all.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Best first, by place in <paramref name="documents"/>; equal scores in the order given. What a score means depends on the model: compare those of one query only.</returns>
    /// <exception cref="ArgumentException">The query or a document is null or empty.</exception>
    Task<IReadOnlyList<ScoredIndex>> RerankAsync(string query, IReadOnlyList<string> documents, int? top = null, CancellationToken cancellationToken = default);
}
