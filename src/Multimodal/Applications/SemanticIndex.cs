using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>Makes searchable lists.</summary>
public static class SemanticIndex
{
    /// <summary>Embeds a list of texts, to be searched by meaning. For more than some ten thousand, or to keep them, use a vector store.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="generator">Embeds them, and later the queries.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<SemanticIndex<string>> CreateAsync(IReadOnlyList<string> texts, IEmbeddingGenerator<string, Embedding<float>> generator, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(generator);
        GeneratedEmbeddings<Embedding<float>> vectors = await generator.GenerateDocumentsAsync(texts, cancellationToken: cancellationToken).ConfigureAwait(false);
        return new(texts, vectors, generator);
    }

    /// <summary>Embeds a list of pictures or sounds, to be searched by words: cross-modal retrieval.</summary>
    /// <param name="items">The pictures or sounds.</param>
    /// <param name="itemGenerator">Embeds them.</param>
    /// <param name="queryGenerator">Embeds the queries, into the same space.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="EmbeddingSpaceMismatchException">The generators are of different spaces.</exception>
    public static async Task<SemanticIndex<DataContent>> CreateAsync(
        IReadOnlyList<DataContent> items, IEmbeddingGenerator<DataContent, Embedding<float>> itemGenerator, IEmbeddingGenerator<string, Embedding<float>> queryGenerator, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(itemGenerator);
        ArgumentNullException.ThrowIfNull(queryGenerator);
        EmbeddingSpace.EnsureSame(itemGenerator.GetService<EmbeddingSpace>()?.SpaceId, queryGenerator.GetService<EmbeddingSpace>()?.SpaceId);
        GeneratedEmbeddings<Embedding<float>> vectors = await itemGenerator.GenerateAsync(items, cancellationToken: cancellationToken).ConfigureAwait(false);
        return new(items, vectors, queryGenerator);
    }
}

/// <summary>A list in memory that is searched by meaning.</summary>
/// <typeparam name="TItem">What is listed.</typeparam>
/// <remarks>Immutable; as safe for concurrent use as its generator, which it does not own.</remarks>
public sealed class SemanticIndex<TItem>
{
    private readonly IEmbeddingGenerator<string, Embedding<float>> _queries;

    /// <summary>Makes a list of vectors that are there already.</summary>
    /// <param name="items">The items.</param>
    /// <param name="vectors">One for each, of the generator's space.</param>
    /// <param name="queryGenerator">Embeds the queries.</param>
    /// <exception cref="ArgumentException">There is another number of vectors than of items.</exception>
    public SemanticIndex(IReadOnlyList<TItem> items, IReadOnlyList<Embedding<float>> vectors, IEmbeddingGenerator<string, Embedding<float>> queryGenerator)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(vectors);
        ArgumentNullException.ThrowIfNull(queryGenerator);
        if (items.Count != vectors.Count)
            throw new ArgumentException($"there are {vectors.Count} vectors for {items.Count} items. Give one for each.", nameof(vectors));
        Items = [.. items];
        Vectors = [.. vectors];
        _queries = queryGenerator;
    }

    /// <summary>The items.</summary>
    public IReadOnlyList<TItem> Items { get; }

    /// <summary>Their vectors.</summary>
    public IReadOnlyList<Embedding<float>> Vectors { get; }

    /// <summary>The items nearest to a query.</summary>
    /// <param name="query">What is looked for.</param>
    /// <param name="k">How many at most; at least 1.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Best first; equal scores in the order of the list.</returns>
    /// <exception cref="EmbeddingSpaceMismatchException">The query's vector is of another space than the items'.</exception>
    public async Task<IReadOnlyList<(TItem Item, float Score)>> SearchAsync(string query, int k = 10, CancellationToken cancellationToken = default)
    {
        Embedding<float> vector = await _queries.GenerateQueryAsync(query, cancellationToken: cancellationToken).ConfigureAwait(false);
        return [.. Similarity.TopK(vector, Vectors, k).Select(match => (Items[match.Index], match.Score))];
    }
}
