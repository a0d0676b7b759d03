using System.Numerics.Tensors;
using Microsoft.Extensions.AI;

namespace Polymodal.Delegating;

/// <summary>Embeds texts of any length with a generator that takes short ones: long texts are cut into parts, and their vectors averaged.</summary>
/// <remarks>
/// Safe for concurrent use. Each part counts by its tokens; where the generator's space is of unit length, the mean is scaled to it again. A text that
/// fits is passed on as it is. Averages of many topics find little: for retrieval, cut documents into passages and store each.
/// </remarks>
public sealed class ChunkPoolingEmbeddingGenerator : DelegatingEmbeddingGenerator<string, Embedding<float>>
{
    private readonly ChunkPoolingOptions _options;

    /// <summary>Wraps a generator, which it owns from then on.</summary>
    /// <param name="inner">The generator.</param>
    /// <param name="options">How texts are cut; null for the defaults.</param>
    /// <exception cref="ArgumentNullException"><paramref name="inner"/> is null.</exception>
    /// <exception cref="ArgumentException">An option is out of its range; the message names it.</exception>
    public ChunkPoolingEmbeddingGenerator(IEmbeddingGenerator<string, Embedding<float>> inner, ChunkPoolingOptions? options = null)
        : base(inner) => _options = (options ?? new()).Validated();

    /// <inheritdoc/>
    public override async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        List<string> parts = [];
        List<int> starts = [];
        foreach (string text in values)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ArgumentNullException.ThrowIfNull(text, nameof(values));
            starts.Add(parts.Count);
            parts.AddRange(TextParts.Of(text, _options).Select(part => text[part]));
        }

        starts.Add(parts.Count);
        IEnumerable<int> texts = Enumerable.Range(0, starts.Count - 1);
        try
        {
            GeneratedEmbeddings<Embedding<float>> embeddings = await InnerGenerator.GenerateAsync(parts, options, cancellationToken).ConfigureAwait(false);
            InnerAnswer.EnsureCount(embeddings, parts.Count);
            return new GeneratedEmbeddings<Embedding<float>>(texts.Select(text => Pool(parts, part => embeddings[part], starts[text]..starts[text + 1])))
            {
                Usage = embeddings.Usage,
                AdditionalProperties = embeddings.AdditionalProperties,
            };
        }
        catch (Exception exception) when (exception is IPartialEmbeddings { InputCount: var count } && count == parts.Count)
        {
            // A text of which a part is missing has no vector.
            var partial = (IPartialEmbeddings)exception;
            IReadOnlyDictionary<int, Embedding<float>> known = partial.Completed;
            partial.SetCompleted(starts.Count - 1, texts.Where(text => Enumerable.Range(starts[text], starts[text + 1] - starts[text]).All(known.ContainsKey))
                .ToDictionary(text => text, text => Pool(parts, part => known[part], starts[text]..starts[text + 1])), partial.CompletedUsage);
            throw;
        }
    }

    private Embedding<float> Pool(List<string> parts, Func<int, Embedding<float>> embedding, Range range)
    {
        bool normalize = InnerGenerator.GetService<EmbeddingSpace>() is { IsNormalized: true };
        (int start, int count) = range.GetOffsetAndLength(parts.Count);
        Embedding<float> first = embedding(start);
        if (count == 1)
            return first;
        float[] mean = new float[first.Vector.Length];
        float total = 0;
        for (int part = start; part < start + count; part++)
        {
            EmbeddingSpace.EnsureSame(EmbeddingSpace.SpaceIdOf(first), EmbeddingSpace.SpaceIdOf(embedding(part)));
            float weight = Math.Max(1, _options.CountTokens(parts[part]));
            TensorPrimitives.MultiplyAdd(embedding(part).Vector.Span, weight, mean, mean);
            total += weight;
        }

        TensorPrimitives.Divide(mean, total, mean);
        return new Embedding<float>(normalize ? NormalizingEmbeddingGenerator<string>.Normalized(mean) : mean)
        {
            CreatedAt = first.CreatedAt,
            ModelId = first.ModelId,
            AdditionalProperties = first.AdditionalProperties?.Clone(),
        };
    }
}
