namespace Polymodal.VectorStore;

/// <summary>What <see cref="SqliteVectorStore.CheckAsync"/> found.</summary>
/// <param name="Records">How many records are sound.</param>
/// <param name="Problems">What is not in order; empty when all is.</param>
public sealed record VectorStoreCheck(long Records, IReadOnlyList<VectorStoreProblem> Problems)
{
    /// <summary>Whether all is in order now: nothing was found, or all that was found is mended.</summary>
    public bool IsSound => Problems.All(problem => problem.IsRepaired);
}

/// <summary>Something in a store that is not in order.</summary>
/// <param name="Collection">The collection's name; null when it is the file itself.</param>
/// <param name="Id">The record's id as far as it can be read; null when it is no single record.</param>
/// <param name="Found">What is wrong, for people.</param>
/// <param name="IsRepaired">Whether it was mended. A record that cannot be read is mended by putting it aside, into the table <c>damaged</c> of the file.</param>
public sealed record VectorStoreProblem(string? Collection, RecordId? Id, string Found, bool IsRepaired);
