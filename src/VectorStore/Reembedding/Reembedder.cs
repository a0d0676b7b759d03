using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Polymodal.VectorStore;

/// <summary>
/// Gives a collection the vectors of another model. The new version grows beside the old one, as the collection <c>name.next</c>; readers of the
/// old one are not disturbed, and find the new one under the name once it is complete. Nothing but that second collection remembers how far it
/// is: a run that was cancelled or killed loses nothing that was stored, and the next one embeds only what is missing.
/// </summary>
/// <remarks>
/// One run at a time for a collection. Records that change meanwhile are embedded again: the collections are compared until nothing differs.
/// Only a write between the last comparison and the change of names is lost; let writers wait then, or run it again. Needs room for both versions.
/// </remarks>
public sealed class Reembedder
{
    /// <summary>What the name of the new version ends in.</summary>
    public const string Suffix = ".next";

    private readonly IVectorStore _store;
    private readonly IEmbeddingGenerator<string, Embedding<float>> _generator;
    private readonly ReembedderOptions _options;

    /// <summary>Creates a re-embedder.</summary>
    /// <param name="store">The store.</param>
    /// <param name="generator">Makes the new vectors; names its space.</param>
    /// <param name="options">How to work; null means the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public Reembedder(IVectorStore store, IEmbeddingGenerator<string, Embedding<float>> generator, ReembedderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(generator);
        _store = store;
        _generator = generator;
        _options = (options ?? new()).Validated();
    }

    /// <summary>Re-embeds a collection, or goes on where an earlier run ended.</summary>
    /// <param name="name">The collection.</param>
    /// <param name="progress">Hears after each batch.</param>
    /// <param name="cancellationToken">Ends the run; what was stored of the new version stays.</param>
    /// <returns>How many records this run embedded.</returns>
    /// <exception cref="ArgumentException">There is no such collection; it has no vector of that name; a record has no text; or an unfinished version is of a third model.</exception>
    /// <exception cref="InvalidOperationException">The generator gave another number of vectors than it got texts.</exception>
    /// <exception cref="VectorStoreException">The store cannot be read or written.</exception>
    public async Task<long> RunAsync(string name, IProgress<ReembeddingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        IVectorCollection source = await _store.GetCollectionAsync(name, cancellationToken).ConfigureAwait(false) ?? throw VectorRules.Unknown(name);
        VectorRules.VectorOf("the re-embedding", _options.VectorName, source.Definition);
        VectorDefinition vector = await EmbeddingProbes.DefineAsync(_generator, cancellationToken).ConfigureAwait(false);
        IVectorCollection next = await OpenNextAsync(name, source.Definition, vector, cancellationToken).ConfigureAwait(false);
        long embedded = 0;
        for (long changes = -1; changes != 0;)
        {
            changes = await BringUpToDateAsync(source, next, progress, cancellationToken).ConfigureAwait(false);
            embedded += changes;
        }

        await _store.RenameCollectionAsync(next.Name, name, cancellationToken).ConfigureAwait(false);
        return embedded;
    }

    private async Task<IVectorCollection> OpenNextAsync(string name, VectorCollectionDefinition definition, VectorDefinition vector, CancellationToken cancellationToken)
    {
        string nextName = name + Suffix;
        var vectors = definition.Vectors.ToDictionary(pair => pair.Key, pair => pair.Key == _options.VectorName ? vector : pair.Value);
        if (await _store.GetCollectionAsync(nextName, cancellationToken).ConfigureAwait(false) is { } unfinished
            && unfinished.Definition.Vectors.GetValueOrDefault(_options.VectorName)?.SpaceId is { } space && space != vector.SpaceId)
        {
            throw new ArgumentException($"collection '{nextName}' holds an unfinished version of another space, {space}. Finish it with its model, or remove it.", nameof(name));
        }

        return await _store.GetOrCreateCollectionAsync(nextName, new(vectors) { Tokenizer = definition.Tokenizer }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Walks through both versions by id; embeds what is missing or differs, removes what is gone.</summary>
    /// <returns>How many records it changed.</returns>
    private async Task<long> BringUpToDateAsync(IVectorCollection source, IVectorCollection next, IProgress<ReembeddingProgress>? progress, CancellationToken cancellationToken)
    {
        long total = await source.CountAsync(cancellationToken: cancellationToken).ConfigureAwait(false), seen = 0, embedded = 0;
        var pending = new List<VectorRecord>();
        var gone = new List<RecordId>();
        IAsyncEnumerator<VectorRecord> present = next.ScanAsync(cancellationToken: cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using ConfiguredAsyncDisposable closing = present.ConfigureAwait(false);
        bool hasPresent = await present.MoveNextAsync().ConfigureAwait(false);
        await foreach (VectorRecord record in source.ScanAsync(cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            while (hasPresent && present.Current.Id < record.Id)
            {
                gone.Add(present.Current.Id);
                hasPresent = await present.MoveNextAsync().ConfigureAwait(false);
            }

            bool isThere = hasPresent && present.Current.Id == record.Id;
            if (!isThere || !IsVersionOf(present.Current, record))
                pending.Add(record);
            if (isThere)
                hasPresent = await present.MoveNextAsync().ConfigureAwait(false);
            seen++;
            if (pending.Count == _options.BatchSize)
                await FlushAsync().ConfigureAwait(false);
        }

        while (hasPresent)
        {
            gone.Add(present.Current.Id);
            hasPresent = await present.MoveNextAsync().ConfigureAwait(false);
        }

        await FlushAsync().ConfigureAwait(false);
        if (gone.Count > 0)
            await next.DeleteAsync(gone, cancellationToken).ConfigureAwait(false);
        return embedded + gone.Count;

        async Task FlushAsync()
        {
            if (pending.Count > 0)
                await next.UpsertAsync(await EmbedAsync(pending, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            embedded += pending.Count;
            pending.Clear();
            progress?.Report(new(seen, total, embedded));
        }
    }

    private async Task<IEnumerable<VectorRecord>> EmbedAsync(List<VectorRecord> records, CancellationToken cancellationToken)
    {
        string[] texts = [.. records.Select(record => _options.TextOf(record)
            ?? throw new ArgumentException($"record '{VectorRules.Shown(record.Id.ToString())}' has no text to embed. Remove it, or say by TextOf what to embed."))];
        GeneratedEmbeddings<Embedding<float>> vectors = await _generator.GenerateDocumentsAsync(texts, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (vectors.Count != texts.Length)
            throw new InvalidOperationException($"the generator gave {vectors.Count} vectors for {texts.Length} texts. Nothing of this batch was stored; use a generator that gives one each.");
        return records.Select((record, i) => record with { Vectors = new Dictionary<string, Embedding<float>>(record.Vectors) { [_options.VectorName] = vectors[i] } });
    }

    private bool IsVersionOf(VectorRecord version, VectorRecord record) =>
        version.Text == record.Text && version.Payload.Equals(record.Payload)
        && record.Vectors.Where(vector => vector.Key != _options.VectorName).All(vector =>
            version.Vectors.TryGetValue(vector.Key, out Embedding<float>? other) && other.Vector.Span.SequenceEqual(vector.Value.Vector.Span));
}

/// <summary>How far a re-embedding is.</summary>
/// <param name="Done">Records of the old version that were looked at.</param>
/// <param name="Total">Records of the old version.</param>
/// <param name="Embedded">Records that this pass embedded; the others were there already.</param>
public readonly record struct ReembeddingProgress(long Done, long Total, long Embedded);
