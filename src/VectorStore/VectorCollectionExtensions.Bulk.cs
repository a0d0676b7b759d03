namespace Polymodal.VectorStore;

public static partial class VectorCollectionExtensions
{
    private const int DefaultBatch = 1_000;

    /// <summary>Stores a long list of records, batch by batch.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="records">The records, read as they are needed.</param>
    /// <param name="batchSize">Records of one batch, each of which is stored wholly or not at all; at least 1.</param>
    /// <param name="progress">Hears after each batch how many records are stored.</param>
    /// <param name="cancellationToken">Ends the call; the batches that were stored stay.</param>
    /// <returns>How many records were stored.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="batchSize"/> is below 1.</exception>
    /// <inheritdoc cref="IVectorCollection.UpsertAsync" path="/exception"/>
    public static async Task<long> UpsertAsync(
        this IVectorCollection collection, IAsyncEnumerable<VectorRecord> records, int batchSize = DefaultBatch, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(collection);
        ArgumentNullException.ThrowIfNull(records);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        long stored = 0;
        await foreach (VectorRecord[] batch in records.Chunk(batchSize).WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            await collection.UpsertAsync(batch, cancellationToken).ConfigureAwait(false);
            stored += batch.Length;
            progress?.Report(stored);
        }

        return stored;
    }
}
