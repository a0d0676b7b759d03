using System.Collections.Concurrent;
using Polymodal.VectorStore.Memory;

namespace Polymodal.VectorStore;

/// <summary>Keeps vectors in this process's memory and compares each query with every one of them: exact, and the reference for other backends.</summary>
/// <remarks>Safe for concurrent use. What it holds is gone when the process ends.</remarks>
public sealed class MemoryVectorStore : IVectorStore
{
    private readonly ConcurrentDictionary<string, MemoryVectorCollection> _collections = new(StringComparer.Ordinal);
    private volatile bool _disposed;

    /// <inheritdoc/>
    public Task<IVectorCollection> GetOrCreateCollectionAsync(string name, VectorCollectionDefinition definition, CancellationToken cancellationToken = default) =>
        Task.Run<IVectorCollection>(() =>
        {
            ThrowIfDisposed();
            VectorRules.CheckName(name);
            VectorRules.CheckDefinition(definition);
            MemoryVectorCollection collection = _collections.GetOrAdd(name, _ => new MemoryVectorCollection(this, name, definition));
            VectorRules.CheckSame(name, collection.Definition, definition);
            return collection;
        }, cancellationToken);

    /// <inheritdoc/>
    public Task<IVectorCollection?> GetCollectionAsync(string name, CancellationToken cancellationToken = default) =>
        Task.Run<IVectorCollection?>(() =>
        {
            ThrowIfDisposed();
            ArgumentNullException.ThrowIfNull(name);
            return _collections.GetValueOrDefault(name);
        }, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListCollectionsAsync(CancellationToken cancellationToken = default) =>
        Task.Run<IReadOnlyList<string>>(() =>
        {
            ThrowIfDisposed();
            return [.. _collections.Keys.Order(StringComparer.Ordinal)];
        }, cancellationToken);

    /// <inheritdoc/>
    public Task<bool> DeleteCollectionAsync(string name, CancellationToken cancellationToken = default) =>
        Task.Run(() =>
        {
            ThrowIfDisposed();
            ArgumentNullException.ThrowIfNull(name);
            if (!_collections.TryRemove(name, out MemoryVectorCollection? collection))
                return false;
            collection.Remove();
            return true;
        }, cancellationToken);

    /// <inheritdoc/>
    public Task RenameCollectionAsync(string name, string newName, CancellationToken cancellationToken = default) =>
        Task.Run(() =>
        {
            ThrowIfDisposed();
            VectorRules.CheckName(newName);
            ArgumentNullException.ThrowIfNull(name);
            if (name == newName)
                return;
            if (!_collections.TryRemove(name, out MemoryVectorCollection? collection))
                throw VectorRules.Unknown(name);
            collection.Name = newName;
            MemoryVectorCollection? replaced = null;
            _collections.AddOrUpdate(newName, collection, (_, before) =>
            {
                replaced = before;
                return collection;
            });
            replaced?.Remove();
        }, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        _collections.Clear();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_disposed, this);
}
