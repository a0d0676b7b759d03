using Microsoft.Extensions.AI;

namespace Polymodal.VectorStore;

/// <summary>What every store can do by its few own methods, the same for every backend.</summary>
public static class VectorStoreExtensions
{
    private const int CopiedBatch = 1_000;

    /// <summary>Opens a collection for a generator's vectors, creating it when there is none of that name; see <see cref="GuardedVectorCollection"/>.</summary>
    /// <param name="store">The store.</param>
    /// <param name="name">The collection's name.</param>
    /// <param name="generator">Makes the vectors.</param>
    /// <param name="tokenizer">How a new collection finds words.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ArgumentException">The generator names no space.</exception>
    /// <inheritdoc cref="IVectorStore.GetOrCreateCollectionAsync" path="/exception"/>
    public static async Task<GuardedVectorCollection> OpenCollectionAsync(
        this IVectorStore store, string name, IEmbeddingGenerator<string, Embedding<float>> generator, LexicalTokenizer tokenizer = LexicalTokenizer.Words, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(generator);
        if (await store.GetCollectionAsync(name, cancellationToken).ConfigureAwait(false) is not { } collection)
        {
            VectorDefinition vector = await EmbeddingProbes.DefineAsync(generator, cancellationToken).ConfigureAwait(false);
            collection = await store.GetOrCreateCollectionAsync(name, new(vector) { Tokenizer = tokenizer }, cancellationToken).ConfigureAwait(false);
        }
        else if (generator.GetSpace(EmbeddingModality.Text) is { } space)
        {
            EmbeddingSpace.EnsureSame(collection.Definition.Vector.SpaceId, space.SpaceId);
        }

        return await GuardedVectorCollection.OpenAsync(collection, generator, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Copies a store into another, e.g. into a file as a backup, while it is in use. Each collection is copied as it is at one moment, under its name.</summary>
    /// <param name="store">What to copy.</param>
    /// <param name="target">Where to; has none of the collections.</param>
    /// <param name="progress">Hears how many records are copied.</param>
    /// <param name="cancellationToken">Ends the call; what was copied stays.</param>
    /// <returns>How many records were copied.</returns>
    /// <exception cref="ArgumentException">The target has a collection of the same name.</exception>
    /// <exception cref="VectorStoreException">A store cannot be read or written.</exception>
    public static async Task<long> CopyToAsync(this IVectorStore store, IVectorStore target, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(target);
        IReadOnlyList<string> names = await store.ListCollectionsAsync(cancellationToken).ConfigureAwait(false);
        if (names.Intersect(await target.ListCollectionsAsync(cancellationToken).ConfigureAwait(false), StringComparer.Ordinal).FirstOrDefault() is { } taken)
            throw new ArgumentException($"the target already has a collection '{taken}'. Copy into an empty store.", nameof(target));
        long before = 0;
        IProgress<long>? whole = progress is null ? null : new Shifted(progress, () => before);
        foreach (string name in names)
        {
            if (await store.GetCollectionAsync(name, cancellationToken).ConfigureAwait(false) is not { } collection)
                continue; // removed meanwhile
            before += await collection.CopyToAsync(target, name, whole, cancellationToken).ConfigureAwait(false);
        }

        return before;
    }

    /// <summary>Copies a collection into another store, e.g. from a file to a server, while it is in use: as it is at one moment. Doing it again, e.g. after a failure, goes on where it was: what the target has already is read and compared, and only what is missing or differs is stored.</summary>
    /// <param name="collection">What to copy.</param>
    /// <param name="target">Where to. A collection of the name is made when there is none; records of the same ids are replaced, others stay.</param>
    /// <param name="name">The collection's name there; null means the same.</param>
    /// <param name="progress">Hears after each batch how many records are there, those included that were before.</param>
    /// <param name="cancellationToken">Ends the call; what was copied stays.</param>
    /// <returns>How many records were stored; those that were there already, the same, are not counted.</returns>
    /// <exception cref="ArgumentException">The target's collection has other vectors, dimensions, another metric or tokenizer.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">The target's collection holds vectors of another space.</exception>
    /// <exception cref="VectorStoreException">A store cannot be read or written.</exception>
    public static async Task<long> CopyToAsync(this IVectorCollection collection, IVectorStore target, string? name = null, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(collection);
        ArgumentNullException.ThrowIfNull(target);
        IVectorCollection copy = await target.GetOrCreateCollectionAsync(name ?? collection.Name, collection.Definition, cancellationToken).ConfigureAwait(false);
        bool isEmpty = await copy.CountAsync(cancellationToken: cancellationToken).ConfigureAwait(false) == 0;
        long stored = 0, seen = 0;
        await foreach (VectorRecord[] batch in collection.ScanAsync(cancellationToken: cancellationToken).Chunk(CopiedBatch).WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            VectorRecord[] wanted = isEmpty ? batch : await DifferentAsync(batch, copy, cancellationToken).ConfigureAwait(false);
            if (wanted.Length > 0)
                await copy.UpsertAsync(wanted, cancellationToken).ConfigureAwait(false);
            stored += wanted.Length;
            seen += batch.Length;
            progress?.Report(seen);
        }

        return stored;
    }

    private static async Task<VectorRecord[]> DifferentAsync(VectorRecord[] records, IVectorCollection copy, CancellationToken cancellationToken)
    {
        Dictionary<RecordId, VectorRecord> there = (await copy.GetAsync(records.Select(record => record.Id), cancellationToken).ConfigureAwait(false)).ToDictionary(record => record.Id);
        return [.. records.Where(record => !there.TryGetValue(record.Id, out VectorRecord? other) || !IsSame(record, other))];
    }

    private static bool IsSame(VectorRecord record, VectorRecord other) =>
        record.Text == other.Text && record.Payload.Equals(other.Payload) && record.Vectors.Count == other.Vectors.Count
        && record.Vectors.All(vector => other.Vectors.TryGetValue(vector.Key, out Embedding<float>? same) && vector.Value.Vector.Span.SequenceEqual(same.Vector.Span));

    private sealed class Shifted(IProgress<long> progress, Func<long> before) : IProgress<long>
    {
        public void Report(long value) => progress.Report(before() + value);
    }
}
