using Microsoft.Extensions.AI;

namespace Polymodal.VectorStore.Ingestion;

/// <summary>A passage on its way into a collection.</summary>
/// <param name="Id">The record's id.</param>
/// <param name="Text">What is stored.</param>
/// <param name="Embedded">What is embedded.</param>
/// <param name="Payload">The record's payload.</param>
internal sealed record PendingChunk(RecordId Id, string Text, string Embedded, Payload Payload);

/// <summary>Collects passages of many documents, embeds them by one call and stores them by one; what they replace goes only then.</summary>
internal sealed class IndexingBatch(IEmbeddingGenerator<string, Embedding<float>> generator, IVectorCollection collection, int size)
{
    private readonly List<PendingChunk> _pending = [];
    private readonly List<RecordId> _replaced = [];

    /// <summary>Passages embedded and stored.</summary>
    public int Embedded { get; private set; }

    /// <summary>Takes a passage; stores the batch when it is full.</summary>
    /// <returns>Whether a batch was stored.</returns>
    public async Task<bool> AddAsync(PendingChunk chunk, CancellationToken cancellationToken)
    {
        _pending.Add(chunk);
        if (_pending.Count < size)
            return false;
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Removes records once all passages taken so far are stored.</summary>
    public async Task RemoveAfterwardsAsync(IEnumerable<RecordId> ids, CancellationToken cancellationToken)
    {
        _replaced.AddRange(ids);
        if (_pending.Count == 0 && _replaced.Count >= size)
            await FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stores what was taken.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_pending.Count > 0)
        {
            GeneratedEmbeddings<Embedding<float>> embeddings = await generator.GenerateDocumentsAsync(
                [.. _pending.Select(chunk => chunk.Embedded)], cancellationToken: cancellationToken).ConfigureAwait(false);
            if (embeddings.Count != _pending.Count)
                throw new InvalidOperationException($"the generator gave {embeddings.Count} vectors for {_pending.Count} passages. Nothing of this batch was stored; use a generator that gives one each.");
            await collection.UpsertAsync(
                _pending.Select((chunk, i) => new VectorRecord { Id = chunk.Id, Text = chunk.Text, Embedding = embeddings[i], Payload = chunk.Payload }), cancellationToken).ConfigureAwait(false);
            Embedded += _pending.Count;
            _pending.Clear();
        }

        if (_replaced.Count > 0)
            await collection.DeleteAsync(_replaced, cancellationToken).ConfigureAwait(false);
        _replaced.Clear();
    }
}
