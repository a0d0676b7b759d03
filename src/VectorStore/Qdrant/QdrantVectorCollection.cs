using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Polymodal.VectorStore.Qdrant;

/// <summary>A collection of a <see cref="QdrantVectorStore"/>.</summary>
internal sealed class QdrantVectorCollection(QdrantCollection collection) : IVectorCollection, IServerFusion
{
    private const int OnePage = 1_000, RecordsOfPage = 250, IdsOfPage = 10_000;

    public string Name => collection.Name;

    public VectorCollectionDefinition Definition => collection.Definition;

    public Task UpsertAsync(IEnumerable<VectorRecord> records, CancellationToken cancellationToken = default) =>
        Task.Run(() =>
        {
            collection.ThrowIfDisposed();
            ArgumentNullException.ThrowIfNull(records);
            var stored = new Dictionary<RecordId, VectorRecord>();
            foreach (VectorRecord record in records)
            {
                cancellationToken.ThrowIfCancellationRequested();
                VectorRecord checkedRecord = VectorRules.ToStored(record, Definition);
                stored[checkedRecord.Id] = checkedRecord;
            }

            cancellationToken.ThrowIfCancellationRequested();
            return collection.UpsertAsync(stored.Values, cancellationToken);
        }, cancellationToken);

    public Task<IReadOnlyList<VectorRecord>> GetAsync(IEnumerable<RecordId> ids, CancellationToken cancellationToken = default) =>
        Task.Run<IReadOnlyList<VectorRecord>>(async () =>
        {
            ArgumentNullException.ThrowIfNull(ids);
            RecordId[] wanted = [.. ids.Where(VectorRules.IsId)];
            Dictionary<RecordId, VectorRecord> found = (await collection.GetAsync(wanted, cancellationToken).ConfigureAwait(false)).ToDictionary(record => record.Id);
            return [.. wanted.Where(found.ContainsKey).Select(id => found[id])];
        }, cancellationToken);

    public Task<long> DeleteAsync(IEnumerable<RecordId> ids, CancellationToken cancellationToken = default) =>
        Task.Run(async () =>
        {
            ArgumentNullException.ThrowIfNull(ids);
            string[] removed = [.. ids.Where(VectorRules.IsId).Distinct().Select(QdrantPoint.IdOf)];
            if (removed.Length == 0)
                return 0;
            // The server does not say how many went.
            long count = await collection.CountAsync(QdrantFilter.HasId(removed), cancellationToken).ConfigureAwait(false);
            if (count > 0)
                await collection.DeleteAsync(removed, cancellationToken).ConfigureAwait(false);
            return count;
        }, cancellationToken);

    public Task<long> DeleteAsync(VectorFilter filter, CancellationToken cancellationToken = default) =>
        Task.Run(async () =>
        {
            ArgumentNullException.ThrowIfNull(filter);
            QdrantFilter translated = QdrantFilter.Of(filter, Definition.Tokenizer);
            if (translated.IsExact)
            {
                long count = await collection.CountAsync(translated.ToNode(), cancellationToken).ConfigureAwait(false);
                if (count > 0)
                    await collection.DeleteAsync(translated.ToNode(), cancellationToken).ConfigureAwait(false);
                return count;
            }

            var removed = new List<string>();
            await foreach (JsonElement point in MatchingAsync(filter, translated, cancellationToken).ConfigureAwait(false))
                removed.Add(point.GetProperty("id").GetString()!);
            await collection.DeleteAsync(removed, cancellationToken).ConfigureAwait(false);
            return removed.Count;
        }, cancellationToken);

    public Task<long> CountAsync(VectorFilter? filter = null, CancellationToken cancellationToken = default) =>
        Task.Run(async () =>
        {
            QdrantFilter translated = QdrantFilter.Of(filter, Definition.Tokenizer);
            if (translated.IsExact)
                return await collection.CountAsync(translated.ToNode(), cancellationToken).ConfigureAwait(false);
            return await MatchingAsync(filter!, translated, cancellationToken).LongCountAsync(cancellationToken).ConfigureAwait(false);
        }, cancellationToken);

    // The server orders points by their hashes and keeps no old states. What fits into one page is one answer; beyond it the ids are read first, then the records page by page.
    public async IAsyncEnumerable<VectorRecord> ScanAsync(VectorFilter? filter = null, RecordId? after = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        QdrantFilter translated = QdrantFilter.Of(filter, Definition.Tokenizer);
        bool IsWanted(VectorRecord record) => !(record.Id <= after) && (translated.IsExact || filter!.Matches(record, Definition.Tokenizer));
        (JsonElement[] first, JsonElement? next) = await collection.PageAsync(translated.ToNode(), null, OnePage, withVectors: true, QdrantPoint.RecordKeys, cancellationToken).ConfigureAwait(false);
        if (next is null)
        {
            foreach (VectorRecord record in first.Select(point => QdrantPoint.Read(point, Definition)).Where(IsWanted).OrderBy(record => record.Id))
                yield return record;
            yield break;
        }

        first = [];
        var ids = new List<RecordId>();
        await foreach (JsonElement point in collection.ScrollAsync(translated.ToNode(), IdsOfPage, withVectors: false, ["id"], cancellationToken).ConfigureAwait(false))
            ids.Add(QdrantPoint.ReadId(point));
        foreach (RecordId[] page in ids.Where(id => !(id <= after)).Order().Chunk(RecordsOfPage))
        {
            foreach (VectorRecord record in (await collection.GetAsync(page, cancellationToken).ConfigureAwait(false)).Where(IsWanted).OrderBy(record => record.Id))
                yield return record;
        }
    }

    public Task<VectorSearchResult> SearchAsync(Embedding<float> query, VectorSearchOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.Run(async () =>
        {
            options ??= VectorSearchOptions.Default;
            var search = new QdrantSearch(collection, VectorRules.ToScorer(query, options, Definition), options);
            return (options.Mode == VectorSearchMode.Approximate ? await search.ApproximateAsync(cancellationToken).ConfigureAwait(false) : null)
                ?? await search.ExactAsync(cancellationToken).ConfigureAwait(false);
        }, cancellationToken);

    public Task<VectorSearchResult> SearchTextAsync(string query, VectorSearchOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.Run(() =>
        {
            ArgumentNullException.ThrowIfNull(query);
            options ??= VectorSearchOptions.Default;
            VectorRules.CheckOptions(options);
            return QdrantWords.SearchAsync(collection, query, options, cancellationToken);
        }, cancellationToken);

    public Task<VectorSearchResult?> SearchFusedAsync(Embedding<float> query, string text, HybridFusion fusion, VectorSearchOptions options, CancellationToken cancellationToken) =>
        Task.Run(() => new QdrantSearch(collection, VectorRules.ToScorer(query, options, Definition), options).FusedAsync(text, fusion, cancellationToken), cancellationToken);

    private async IAsyncEnumerable<JsonElement> MatchingAsync(VectorFilter filter, QdrantFilter translated, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (JsonElement point in collection.ScrollAsync(translated.ToNode(), withVectors: false, cancellationToken).ConfigureAwait(false))
        {
            if (filter.Matches(QdrantPoint.Read(point, Definition), Definition.Tokenizer))
                yield return point;
        }
    }
}
