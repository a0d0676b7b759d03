using Microsoft.Extensions.AI;

namespace Polymodal;

/// <summary>What people do with a text generator, each as one call.</summary>
public static class EmbeddingGeneratorExtensions
{
    /// <summary>Embeds a search query.</summary>
    /// <param name="generator">The generator.</param>
    /// <param name="query">The query; empty text is allowed.</param>
    /// <param name="options">Further options; the intent is set here.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>One vector of the generator's space.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="generator"/> or <paramref name="query"/> is null.</exception>
    public static async Task<Embedding<float>> GenerateQueryAsync(
        this IEmbeddingGenerator<string, Embedding<float>> generator, string query,
        EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(generator);
        ArgumentNullException.ThrowIfNull(query);
        return (await generator.GenerateAsync([query], options.WithIntent(EmbeddingIntent.Query), cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>Embeds passages that queries shall find.</summary>
    /// <param name="generator">The generator.</param>
    /// <param name="documents">The passages, in any number.</param>
    /// <param name="options">Further options; the intent is set here.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>One vector a passage, in the order given.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="generator"/> or <paramref name="documents"/> is null.</exception>
    public static Task<GeneratedEmbeddings<Embedding<float>>> GenerateDocumentsAsync(
        this IEmbeddingGenerator<string, Embedding<float>> generator, IEnumerable<string> documents,
        EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(generator);
        ArgumentNullException.ThrowIfNull(documents);
        return generator.GenerateAsync(documents, options.WithIntent(EmbeddingIntent.Document), cancellationToken);
    }

    /// <summary>The space of a generator's vectors for one kind of input.</summary>
    /// <remarks>A generator of several spaces, as a multimodal one is, answers for <see cref="EmbeddingSpace"/> only with the kind of input as service key.</remarks>
    /// <param name="generator">The generator.</param>
    /// <param name="modality">The kind of input.</param>
    /// <returns>The space; null when the generator names none.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="generator"/> is null.</exception>
    public static EmbeddingSpace? GetSpace(this IEmbeddingGenerator generator, EmbeddingModality modality)
    {
        ArgumentNullException.ThrowIfNull(generator);
        return generator.GetService<EmbeddingSpace>() ?? generator.GetService<EmbeddingSpace>(modality);
    }

    /// <summary>How near two inputs are, by the measure of the generator's space (cosine when it names none).</summary>
    /// <typeparam name="TInput">What the generator takes.</typeparam>
    /// <param name="generator">The generator.</param>
    /// <param name="first">One input.</param>
    /// <param name="second">The other input.</param>
    /// <param name="options">Options; without an intent it is <see cref="EmbeddingIntent.Similarity"/>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The score; higher is nearer.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="generator"/> is null.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">The generator put the two inputs into different spaces.</exception>
    public static async Task<float> SimilarityAsync<TInput>(
        this IEmbeddingGenerator<TInput, Embedding<float>> generator, TInput first, TInput second,
        EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(generator);
        if (options.GetIntent() is null)
            options = options.WithIntent(EmbeddingIntent.Similarity);
        GeneratedEmbeddings<Embedding<float>> pair = await generator.GenerateAsync([first, second], options, cancellationToken).ConfigureAwait(false);
        return Similarity.Of(pair[0], pair[1], generator.GetService<EmbeddingSpace>()?.Metric ?? SimilarityMetric.Cosine);
    }
}
