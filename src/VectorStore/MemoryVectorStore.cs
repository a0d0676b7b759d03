using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Polymodal.VectorStore.Exact;

namespace Polymodal.VectorStore;

/// <summary>Keeps vectors in this process's memory and compares each query with every one of them: exact, and the reference for other backends.</summary>
/// <remarks>Safe for concurrent use. What it holds is gone when the process ends.</remarks>
public sealed class MemoryVectorStore : IVectorStore
{
    private readonly ConcurrentDictionary<string, Collection> _collections = new(StringComparer.Ordinal);
    private volatile bool _disposed;

    /// <inheritdoc/>
    public Task<IVectorCollection> GetOrCreateCollectionAsync(string name, VectorCollectionDefinition definition, CancellationToken cancellationToken = default) =>
        Task.Run<IVectorCollection>(() =>
        {
            ThrowIfDisposed();
            VectorRules.CheckName(name);
            VectorRules.CheckDefinition(definition);
            Collection collection = _collections.GetOrAdd(name, _ => new Collection(this, name, definition));
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
            if (!_collections.TryRemove(name, out Collection? collection))
                return false;
            collection.Remove();
            return true;
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

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_disposed, this);

    /// <summary>An immutable map that each write replaces as a whole: readers see a batch wholly or not at all, and never wait.</summary>
    private sealed class Collection(MemoryVectorStore store, string name, VectorCollectionDefinition definition) : IVectorCollection
    {
        private readonly Lock _writing = new();

        // Null once the collection was removed.
        private volatile ImmutableSortedDictionary<string, Entry>? _entries = ImmutableSortedDictionary.Create<string, Entry>(StringComparer.Ordinal);

        public string Name => name;

        public VectorCollectionDefinition Definition => definition;

        public Task UpsertAsync(IEnumerable<VectorRecord> records, CancellationToken cancellationToken = default) =>
            Task.Run(() =>
            {
                ArgumentNullException.ThrowIfNull(records);
                var added = new List<KeyValuePair<string, Entry>>();
                foreach (VectorRecord record in records)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    VectorRecord stored = VectorRules.ToStored(record, definition);
                    added.Add(new(stored.Id, new(stored, stored.Embedding.Vector, VectorScorer.Scale(stored.Embedding.Vector.Span, definition.Metric))));
                }

                lock (_writing)
                {
                    ImmutableSortedDictionary<string, Entry> next = Entries().SetItems(added);
                    cancellationToken.ThrowIfCancellationRequested();
                    _entries = next;
                }
            }, cancellationToken);

        public Task<IReadOnlyList<VectorRecord>> GetAsync(IEnumerable<string> ids, CancellationToken cancellationToken = default) =>
            Task.Run<IReadOnlyList<VectorRecord>>(() =>
            {
                ArgumentNullException.ThrowIfNull(ids);
                ImmutableSortedDictionary<string, Entry> entries = Entries();
                return [.. ids.Where(id => VectorRules.IsId(id) && entries.ContainsKey(id)).Select(id => Read(entries[id]))];
            }, cancellationToken);

        public Task<int> DeleteAsync(IEnumerable<string> ids, CancellationToken cancellationToken = default) =>
            Task.Run(() =>
            {
                ArgumentNullException.ThrowIfNull(ids);
                string[] removed = [.. ids.Where(VectorRules.IsId)];
                lock (_writing)
                {
                    ImmutableSortedDictionary<string, Entry> before = Entries(), next = before.RemoveRange(removed);
                    cancellationToken.ThrowIfCancellationRequested();
                    _entries = next;
                    return before.Count - next.Count;
                }
            }, cancellationToken);

        public Task<IReadOnlyList<VectorMatch>> SearchAsync(Embedding<float> query, int k, CancellationToken cancellationToken = default) =>
            Task.Run<IReadOnlyList<VectorMatch>>(() =>
            {
                VectorScorer scorer = VectorRules.ToScorer(query, k, definition);
                var best = new TopMatches<Entry>(k);
                foreach ((string id, Entry entry) in Entries())
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    best.Offer(entry, scorer.Score(entry.Vector.Span, entry.Scale), id);
                }

                return [.. best.Take().Select(match => new VectorMatch(Read(match.Item), match.Score))];
            }, cancellationToken);

        public async IAsyncEnumerable<VectorRecord> ScanAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.CompletedTask.ConfigureAwait(false); // the map is at hand; only the contract is asynchronous
            foreach (Entry entry in Entries().Values)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return Read(entry);
            }
        }

        public Task<long> CountAsync(CancellationToken cancellationToken = default) =>
            Task.Run<long>(() => Entries().Count, cancellationToken);

        public void Remove()
        {
            lock (_writing)
                _entries = null;
        }

        private ImmutableSortedDictionary<string, Entry> Entries()
        {
            store.ThrowIfDisposed();
            return _entries ?? throw VectorRules.Removed(name);
        }

        // The properties of an embedding can be changed by whoever holds it: each reader gets its own.
        private VectorRecord Read(Entry entry) => entry.Record with { Embedding = VectorRules.Stamped(entry.Vector, definition) };
    }

    // The vector stands beside its record so that a search touches nothing else.
    private readonly record struct Entry(VectorRecord Record, ReadOnlyMemory<float> Vector, float Scale);
}
