using System.Globalization;

namespace Polymodal.VectorStore.Ingestion;

/// <summary>What a collection holds of one document.</summary>
internal sealed class StoredDocument
{
    private string? _hash;
    private bool _isMixed;
    private int _present, _expected, _behindLast;

    /// <summary>The record id of a passage.</summary>
    public static RecordId ChunkId(string source, int chunk) => string.Create(CultureInfo.InvariantCulture, $"{source}#{chunk}");

    /// <summary>Reads which documents a collection holds; records that no indexer stored are passed over.</summary>
    public static async Task<Dictionary<string, StoredDocument>> ReadAllAsync(IVectorCollection collection, CancellationToken cancellationToken)
    {
        var documents = new Dictionary<string, StoredDocument>(StringComparer.Ordinal);
        await foreach (VectorRecord record in collection.ScanAsync(cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            Payload payload = record.Payload;
            if (payload[ChunkPayload.Source].Kind == PayloadKind.Text && payload[ChunkPayload.Hash].Kind == PayloadKind.Text
                && NumberOf(payload, ChunkPayload.Chunk) is { } chunk
                && NumberOf(payload, ChunkPayload.Chunks) is { } chunks
                && (string)payload[ChunkPayload.Source]! is var source
                && record.Id == ChunkId(source, chunk))
            {
                string hash = (string)payload[ChunkPayload.Hash]!;
                if (!documents.TryGetValue(source, out StoredDocument? document))
                    documents[source] = document = new StoredDocument();
                document.Add(hash, chunk, chunks);
            }
        }

        return documents;
    }

    /// <summary>Whether all passages of this version are there, and none of another.</summary>
    public bool IsComplete(string hash) => !_isMixed && _hash == hash && _present == _expected;

    /// <summary>The ids that passages of the document may have, from a place on.</summary>
    public IEnumerable<RecordId> ChunkIds(string source, int from)
    {
        for (int chunk = from; chunk < _behindLast; chunk++)
            yield return ChunkId(source, chunk);
    }

    private void Add(string hash, int chunk, int chunks)
    {
        _hash ??= hash;
        _isMixed |= hash != _hash;
        _expected = chunks;
        _present++;
        _behindLast = Math.Max(_behindLast, chunk + 1);
    }

    private static int? NumberOf(Payload payload, string key) =>
        payload[key] is { Kind: PayloadKind.Integer } value && (long)value is >= 0 and <= int.MaxValue and long number ? (int)number : null;
}
