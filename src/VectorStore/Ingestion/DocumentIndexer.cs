using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.AI;

namespace Polymodal.VectorStore.Ingestion;

/// <summary>
/// Brings a collection up to date with documents: cuts them into passages (a picture or sound is one whole), embeds the new ones, removes what is gone. Nothing but the collection
/// remembers the state: each passage says which version of its document it belongs to (see <see cref="ChunkPayload"/>), so a run that was
/// cancelled or killed loses nothing that was stored, and the next one embeds only the passages that are missing.
/// </summary>
/// <remarks>
/// One run at a time for a collection. While a document is being replaced, passages of both versions may be found. Records of others in the
/// collection are left alone. In memory are <see cref="DocumentIndexerOptions.ChunksPerCall"/> passages, one document, and a few words for each document.
/// </remarks>
public sealed class DocumentIndexer
{
    private const int MaxIdLength = 900;

    // Part of each hash: raise it when the same text is cut or embedded in another way than before.
    private const int Version = 1;

    private readonly IEmbeddingGenerator<string, Embedding<float>> _generator;
    private readonly IVectorCollection _collection;
    private readonly DocumentIndexerOptions _options;
    private readonly IDocumentChunker _chunker;

    /// <summary>Creates an indexer.</summary>
    /// <param name="generator">Embeds the passages.</param>
    /// <param name="collection">Holds them; of the generator's space.</param>
    /// <param name="options">How to work; null means the defaults.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public DocumentIndexer(IEmbeddingGenerator<string, Embedding<float>> generator, IVectorCollection collection, DocumentIndexerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(generator);
        ArgumentNullException.ThrowIfNull(collection);
        _generator = generator;
        _collection = collection;
        _options = (options ?? new()).Validated();
        _chunker = _options.Chunker ?? new TextChunker(_options.Chunking);
    }

    /// <summary>Makes the collection hold these documents and no others.</summary>
    /// <param name="documents">All documents, each id once. They are read one by one.</param>
    /// <param name="progress">Hears of each document read and each batch stored.</param>
    /// <param name="cancellationToken">Ends the run; what was stored stays.</param>
    /// <exception cref="ArgumentException">An id occurs twice, is empty or too long.</exception>
    /// <exception cref="InvalidOperationException">The generator gave another number of vectors than it got passages.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">The generator's vectors are of another space than the collection.</exception>
    /// <exception cref="VectorStoreException">The collection cannot be read or written.</exception>
    public Task<IndexingReport> IndexAsync(IEnumerable<SourceDocument> documents, IProgress<IndexingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(documents);
        return IndexAsync(documents.ToAsyncEnumerable(), progress, cancellationToken);
    }

    /// <inheritdoc cref="IndexAsync(IEnumerable{SourceDocument}, IProgress{IndexingProgress}?, CancellationToken)"/>
    public async Task<IndexingReport> IndexAsync(IAsyncEnumerable<SourceDocument> documents, IProgress<IndexingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(documents);
        Dictionary<string, StoredDocument> stored = await StoredDocument.ReadAllAsync(_collection, cancellationToken).ConfigureAwait(false);
        var batch = new IndexingBatch(_generator, _collection, _options);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        int added = 0, changed = 0, unchanged = 0;
        await foreach (SourceDocument document in documents.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            CheckId(document.Id);
            if (!seen.Add(document.Id))
                throw new ArgumentException($"document '{document.Id}' is given twice. Give each id once.", nameof(documents));
            progress?.Report(new(seen.Count, batch.Embedded, document.Id));
            bool isKnown = stored.Remove(document.Id, out StoredDocument? known);
            if (document.IsUnreadable)
            {
                unchanged++;
                continue;
            }

            if (document.Media is not null && _options.MediaGenerator is null)
                throw new ArgumentException($"document '{document.Id}' is {document.Media.MediaType}, and there is no generator for it. Set MediaGenerator.", nameof(documents));
            string hash = HashOf(document);
            if (known?.IsComplete(hash) == true)
            {
                unchanged++;
                continue;
            }

            IReadOnlyList<TextChunk> chunks = document.Media is not null
                ? [new(document.Text, 0, null)]
                : await Task.Run(() => _chunker.ChunkAsync(document.Text, document.Format, cancellationToken).AsTask(), cancellationToken).ConfigureAwait(false);
            for (int first = 0; first < chunks.Count; first += _options.ChunksPerCall)
            {
                int count = Math.Min(_options.ChunksPerCall, chunks.Count - first);
                HashSet<RecordId> present = isKnown ? await PresentAsync(document.Id, hash, first, count, cancellationToken).ConfigureAwait(false) : [];
                for (int chunk = first; chunk < first + count; chunk++)
                {
                    RecordId id = StoredDocument.ChunkId(document.Id, chunk);
                    if (!present.Contains(id) && await batch.AddAsync(RecordOf(document, hash, chunks, chunk, id), cancellationToken).ConfigureAwait(false))
                        progress?.Report(new(seen.Count, batch.Embedded, document.Id));
                }
            }

            if (known is not null)
                await batch.RemoveAfterwardsAsync(known.ChunkIds(document.Id, from: chunks.Count), cancellationToken).ConfigureAwait(false);
            if (isKnown)
                changed++;
            else if (chunks.Count > 0)
                added++;
            else
                unchanged++;
        }

        await batch.FlushAsync(cancellationToken).ConfigureAwait(false);
        foreach ((string id, StoredDocument gone) in stored)
            await _collection.DeleteAsync(gone.ChunkIds(id, from: 0), cancellationToken).ConfigureAwait(false);
        progress?.Report(new(seen.Count, batch.Embedded, null));
        return new(added, changed, unchanged, stored.Count, batch.Embedded);
    }

    /// <summary>What was embedded of a record: its text, below the headings of its passage when it has any.</summary>
    /// <param name="record">A record, of an indexer or not.</param>
    /// <returns>The text, or null when the record has none.</returns>
    public static string? EmbeddedText(VectorRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        PayloadValue heading = record.Payload[ChunkPayload.Heading];
        return record.Text is null ? null : EmbeddedText(record.Text, heading.Kind == PayloadKind.Text ? (string?)heading : null);
    }

    private async Task<HashSet<RecordId>> PresentAsync(string source, string hash, int first, int count, CancellationToken cancellationToken)
    {
        IReadOnlyList<VectorRecord> records = await _collection.GetAsync(
            Enumerable.Range(first, count).Select(chunk => StoredDocument.ChunkId(source, chunk)), cancellationToken).ConfigureAwait(false);
        return [.. records.Where(record => record.Payload[ChunkPayload.Hash] == hash).Select(record => record.Id)];
    }

    private static PendingChunk RecordOf(SourceDocument document, string hash, IReadOnlyList<TextChunk> chunks, int index, RecordId id)
    {
        TextChunk chunk = chunks[index];
        var payload = new Payload(document.Metadata)
        {
            [ChunkPayload.Source] = document.Id,
            [ChunkPayload.Title] = document.Title,
            [ChunkPayload.Heading] = chunk.Heading,
            [ChunkPayload.Start] = chunk.Start,
            [ChunkPayload.Hash] = hash,
            [ChunkPayload.Chunk] = index,
            [ChunkPayload.Chunks] = chunks.Count,
            [ChunkPayload.MediaType] = document.Media?.MediaType,
        };
        return new(id, document.Media is not null && chunk.Length == 0 ? null : chunk.Text, EmbeddedText(chunk.Text, chunk.Heading), document.Media, payload);
    }

    // The headings say what the passage is about; it seldom repeats them itself.
    private static string EmbeddedText(string text, string? heading) => heading is null ? text : $"{heading}\n{text}";

    private string HashOf(SourceDocument document)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Version}\0{(document.Media is null ? _chunker.Signature : "media")}\0{document.Format}\0{document.Title}\0{document.Text}")));
        if (document.Media is { } media)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"\0{media.MediaType}\0"));
            hash.AppendData(media.Data.Span);
        }

        if (document.Metadata.Count > 0)
            hash.AppendData(PayloadJson.ToUtf8(document.Metadata));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void CheckId(string id)
    {
        if (id.Length is 0 or > MaxIdLength)
            throw new ArgumentException($"a document's id has {id.Length} characters. Use 1 to {MaxIdLength}.", nameof(id));
    }
}
