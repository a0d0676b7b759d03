using Microsoft.Extensions.AI;

namespace Polymodal.VectorStore.Ingestion;

/// <summary>A passage on its way into a collection.</summary>
/// <param name="Id">The record's id.</param>
/// <param name="Text">What is stored; null for none.</param>
/// <param name="Embedded">What is embedded, unless it is a picture or sound.</param>
/// <param name="Media">The picture or sound that is embedded; null for text.</param>
/// <param name="Payload">The record's payload.</param>
internal sealed record PendingChunk(RecordId Id, string? Text, string Embedded, DataContent? Media, Payload Payload);

/// <summary>Collects passages of many documents, embeds them by one call and stores them by one; what they replace goes only then.</summary>
/// <remarks>Pictures and sounds are embedded by calls of their own, and count by their bytes too.</remarks>
internal sealed class IndexingBatch(IEmbeddingGenerator<string, Embedding<float>> generator, IVectorCollection collection, DocumentIndexerOptions options)
{
    private const long MostMediaBytes = 32 << 20;

    private readonly List<PendingChunk> _pending = [];
    private readonly List<RecordId> _replaced = [];
    private long _mediaBytes;

    /// <summary>Passages embedded and stored.</summary>
    public int Embedded { get; private set; }

    /// <summary>Takes a passage; stores the batch when it is full.</summary>
    /// <returns>Whether a batch was stored.</returns>
    public async Task<bool> AddAsync(PendingChunk chunk, CancellationToken cancellationToken)
    {
        _pending.Add(chunk);
        _mediaBytes += chunk.Media?.Data.Length ?? 0;
        if (_pending.Count < options.ChunksPerCall && _mediaBytes < MostMediaBytes)
            return false;
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Removes records once all passages taken so far are stored.</summary>
    public async Task RemoveAfterwardsAsync(IEnumerable<RecordId> ids, CancellationToken cancellationToken)
    {
        _replaced.AddRange(ids);
        if (_pending.Count == 0 && _replaced.Count >= options.ChunksPerCall)
            await FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stores what was taken.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_pending.Count > 0)
        {
            var records = new List<VectorRecord>(_pending.Count);
            PendingChunk[] texts = [.. _pending.Where(chunk => chunk.Media is null)], media = [.. _pending.Where(chunk => chunk.Media is not null)];
            if (texts.Length > 0)
                Add(texts, await generator.GenerateDocumentsAsync([.. texts.Select(chunk => chunk.Embedded)], cancellationToken: cancellationToken).ConfigureAwait(false), VectorCollectionDefinition.DefaultVector);
            if (media.Length > 0)
                Add(media, await options.MediaGenerator!.GenerateAsync(media.Select(chunk => chunk.Media!), cancellationToken: cancellationToken).ConfigureAwait(false), options.MediaVectorName);
            await collection.UpsertAsync(records, cancellationToken).ConfigureAwait(false);

            void Add(PendingChunk[] chunks, GeneratedEmbeddings<Embedding<float>> embeddings, string vector)
            {
                if (embeddings.Count != chunks.Length)
                    throw new InvalidOperationException($"the generator gave {embeddings.Count} vectors for {chunks.Length} passages. Nothing of this batch was stored; use a generator that gives one each.");
                records.AddRange(chunks.Select((chunk, i) => new VectorRecord
                {
                    Id = chunk.Id,
                    Text = chunk.Text,
                    Vectors = new Dictionary<string, Embedding<float>>(StringComparer.Ordinal) { [vector] = embeddings[i] },
                    Payload = chunk.Payload,
                }));
            }

            Embedded += _pending.Count;
            _pending.Clear();
            _mediaBytes = 0;
        }

        if (_replaced.Count > 0)
            await collection.DeleteAsync(_replaced, cancellationToken).ConfigureAwait(false);
        _replaced.Clear();
    }
}
