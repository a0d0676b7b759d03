namespace Polymodal.VectorStore;

/// <summary>Holds named collections of vectors. Every backend is tested by one inherited test class.</summary>
/// <remarks>Safe for concurrent use. Disposing twice is allowed; later calls on the store or its collections throw <see cref="ObjectDisposedException"/>.</remarks>
public interface IVectorStore : IAsyncDisposable, IDisposable
{
    /// <summary>Opens a collection, creating it when there is none of that name.</summary>
    /// <param name="name">1 to 100 characters: A to Z, a to z, 0 to 9, <c>-</c>, <c>_</c>, <c>.</c>; case matters.</param>
    /// <param name="definition">What its records are made of.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The collection, with the definition it was created with; fingerprints and probes may differ from those given.</returns>
    /// <exception cref="ArgumentException">The name or the definition is not valid, or the collection exists with other vector names, dimensions, another metric or tokenizer.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">The collection exists and holds vectors of another space.</exception>
    /// <exception cref="VectorStoreException">The store cannot be read or written; the message says why.</exception>
    Task<IVectorCollection> GetOrCreateCollectionAsync(string name, VectorCollectionDefinition definition, CancellationToken cancellationToken = default);

    /// <summary>Opens a collection.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The collection, or null when there is none of that name.</returns>
    /// <exception cref="VectorStoreException">The store cannot be read; the message says why.</exception>
    Task<IVectorCollection?> GetCollectionAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>The names of all collections, in ordinal order.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="VectorStoreException">The store cannot be read; the message says why.</exception>
    Task<IReadOnlyList<string>> ListCollectionsAsync(CancellationToken cancellationToken = default);

    /// <summary>Removes a collection with all it holds.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="VectorStoreException">The store cannot be written; the message says why.</exception>
    Task<bool> DeleteCollectionAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Gives a collection another name, at once for all readers. A collection that had this name is removed in the same step.</summary>
    /// <param name="name">Its name now.</param>
    /// <param name="newName">Its name from then on, see <see cref="GetOrCreateCollectionAsync"/>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ArgumentException">There is no collection called <paramref name="name"/>, or <paramref name="newName"/> is not valid.</exception>
    /// <exception cref="VectorStoreException">The store cannot be written; the message says why.</exception>
    /// <remarks>Objects of the collection under its old name stay usable or throw <see cref="VectorStoreException"/>; open it again under the new one.</remarks>
    Task RenameCollectionAsync(string name, string newName, CancellationToken cancellationToken = default);
}
