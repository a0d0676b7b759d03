using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Polymodal.VectorStore.Exact;

namespace Polymodal.VectorStore.Memory;

/// <summary>A collection of a <see cref="MemoryVectorStore"/>: an immutable map that each write replaces as a whole, so readers see a batch wholly or not at all, and never wait.</summary>
internal sealed class MemoryVectorCollection(MemoryVectorStore store, string name, VectorCollectionDefinition definition) : IVectorCollection
{
    private readonly Lock _writing = new();

    // Null once the collection was removed.
    private volatile ImmutableSortedDictionary<RecordId, MemoryEntry>? _entries = ImmutableSortedDictionary<RecordId, MemoryEntry>.Empty;
    private volatile string _name = name;

    public string Name
    {
        get => _name;
        set => _name = value;
    }

    public VectorCollectionDefinition Definition => definition;

    public Task UpsertAsync(IEnumerable<VectorRecord> records, CancellationToken cancellationToken = default) =>
        Task.Run(() =>
        {
            ArgumentNullException.ThrowIfNull(records);
            var added = new List<KeyValuePair<RecordId, MemoryEntry>>();
            foreach (VectorRecord record in records)
            {
                cancellationToken.ThrowIfCancellationRequested();
                VectorRecord stored = VectorRules.ToStored(record, definition);
                added.Add(new(stored.Id, new(stored, definition)));
            }

            Change(entries => entries.SetItems(added), cancellationToken);
        }, cancellationToken);

    public Task<IReadOnlyList<VectorRecord>> GetAsync(IEnumerable<RecordId> ids, CancellationToken cancellationToken = default) =>
        Task.Run<IReadOnlyList<VectorRecord>>(() =>
        {
            ArgumentNullException.ThrowIfNull(ids);
            ImmutableSortedDictionary<RecordId, MemoryEntry> entries = Entries();
            return [.. ids.Where(entries.ContainsKey).Select(id => entries[id].Read(definition))];
        }, cancellationToken);

    public Task<long> DeleteAsync(IEnumerable<RecordId> ids, CancellationToken cancellationToken = default) =>
        Task.Run(() =>
        {
            ArgumentNullException.ThrowIfNull(ids);
            RecordId[] removed = [.. ids];
            return Change(entries => entries.RemoveRange(removed), cancellationToken);
        }, cancellationToken);

    public Task<long> DeleteAsync(VectorFilter filter, CancellationToken cancellationToken = default) =>
        Task.Run(() =>
        {
            ArgumentNullException.ThrowIfNull(filter);
            return Change(entries => entries.RemoveRange(Matching(entries.Values, filter, cancellationToken).Select(entry => entry.Id)), cancellationToken);
        }, cancellationToken);

    public Task<long> CountAsync(VectorFilter? filter = null, CancellationToken cancellationToken = default) =>
        Task.Run<long>(() => filter is null ? Entries().Count : Matching(Entries().Values, filter, cancellationToken).LongCount(), cancellationToken);

    public async IAsyncEnumerable<VectorRecord> ScanAsync(VectorFilter? filter = null, RecordId? after = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask.ConfigureAwait(false); // the map is at hand; only the contract is asynchronous
        foreach (MemoryEntry entry in Matching(Entries().Values.SkipWhile(entry => entry.Id <= after), filter, cancellationToken))
            yield return entry.Read(definition);
    }

    public Task<VectorSearchResult> SearchAsync(Embedding<float> query, VectorSearchOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.Run(() =>
        {
            options ??= VectorSearchOptions.Default;
            VectorScorer scorer = VectorRules.ToScorer(query, options, definition);
            return Rank(
                from entry in Matching(Entries().Values, options.Filter, cancellationToken)
                where entry.Vectors.ContainsKey(options.VectorName)
                let vector = entry.Vectors[options.VectorName]
                select (entry, scorer.Score(vector.Row.Span, vector.Scale)), options);
        }, cancellationToken);

    public Task<VectorSearchResult> SearchTextAsync(string query, VectorSearchOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.Run(() =>
        {
            ArgumentNullException.ThrowIfNull(query);
            options ??= VectorSearchOptions.Default;
            VectorRules.CheckOptions(options);
            IEnumerable<MemoryEntry> all = Entries().Values;
            var words = new Bm25(query, definition.Tokenizer, Matching(all, null, cancellationToken).Where(entry => entry.Words is not null).Select(entry => entry.Words!));
            return Rank(
                from entry in Matching(all, options.Filter, cancellationToken)
                let score = entry.Words is { } text ? words.Score(text) : 0
                where score > 0
                select (entry, (float)score), options);
        }, cancellationToken);

    public void Remove()
    {
        lock (_writing)
            _entries = null;
    }

    private VectorSearchResult Rank(IEnumerable<(MemoryEntry Entry, float Score)> scored, VectorSearchOptions options) =>
        RecordSearch.Rank(scored, options, entry => entry.Id, entry => entry.Read(definition));

    private IEnumerable<MemoryEntry> Matching(IEnumerable<MemoryEntry> entries, VectorFilter? filter, CancellationToken cancellationToken)
    {
        foreach (MemoryEntry entry in entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (filter is null || filter.Matches(entry.Record, definition.Tokenizer))
                yield return entry;
        }
    }

    /// <summary>Replaces the map and returns by how much it shrank.</summary>
    private long Change(Func<ImmutableSortedDictionary<RecordId, MemoryEntry>, ImmutableSortedDictionary<RecordId, MemoryEntry>> change, CancellationToken cancellationToken)
    {
        lock (_writing)
        {
            ImmutableSortedDictionary<RecordId, MemoryEntry> before = Entries(), next = change(before);
            cancellationToken.ThrowIfCancellationRequested();
            _entries = next;
            return before.Count - next.Count;
        }
    }

    private ImmutableSortedDictionary<RecordId, MemoryEntry> Entries()
    {
        store.ThrowIfDisposed();
        return _entries ?? throw VectorRules.Removed(Name);
    }
}
