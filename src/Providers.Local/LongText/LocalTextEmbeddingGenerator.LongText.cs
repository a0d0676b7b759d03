using Microsoft.Extensions.AI;
using Polymodal.Providers.Local.LongText;
using Polymodal.Providers.Local.Pooling;
using Polymodal.Providers.Local.Text;

namespace Polymodal.Providers.Local;

/// <summary>Texts that are longer than the model takes.</summary>
public sealed partial class LocalTextEmbeddingGenerator
{
    /// <summary>Embeds texts of any length in chunks: nothing is lost, and each chunk says where in the text it stands.</summary>
    /// <remarks>For retrieval, store <see cref="LongTextEmbedding.Chunks"/> rather than the whole: a mean of many topics finds little.</remarks>
    /// <param name="values">Any number of texts; empty text is allowed and is one chunk.</param>
    /// <param name="longText">How texts are cut; null: as much as the model takes at once, without overlap.</param>
    /// <param name="options">As for <see cref="GenerateAsync"/>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>One for each text, in the order given.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="values"/> or one of them is null.</exception>
    /// <exception cref="ArgumentException">An option is out of its range, or the prompt leaves no room for text.</exception>
    /// <exception cref="NotSupportedException">Late chunking is asked of a model whose tokens have no vectors, or are not pooled by their mean.</exception>
    public async Task<IReadOnlyList<LongTextEmbedding>> GenerateLongAsync(
        IEnumerable<string> values, LongTextOptions? longText = null, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        string[] texts = [.. values];
        longText ??= new LongTextOptions();
        string prompt = _model.PromptFor(options.GetIntent());
        TextChain chain = _model.ChainFor(options.GetIntent());
        List<TextChunkPlan>[] plans = await Task.Run(
            () => texts.Select(text => LongTextPlan.Of(chain.Encoder, text ?? throw new ArgumentNullException(nameof(values), "A text is null."), prompt, longText, cancellationToken)).ToArray(),
            cancellationToken).ConfigureAwait(false);
        IReadOnlyList<Embedding<float>> chunks = longText.Chunks == ChunkEmbedding.Late
            ? await Task.Run(() => LateChunks(chain, texts, plans, prompt, options, cancellationToken), cancellationToken).ConfigureAwait(false)
            : await GenerateAsync(ChunkTexts(texts, plans), options, cancellationToken).ConfigureAwait(false);

        var results = new List<LongTextEmbedding>(texts.Length);
        int next = 0;
        foreach (List<TextChunkPlan> plan in plans)
        {
            TextSpanEmbedding[] spans = [.. plan.Select(chunk => new TextSpanEmbedding(chunk.Start, chunk.Length, chunk.Tokens, chunks[next++]))];
            Embedding<float> whole = PooledVectors.Mean([.. spans.Select(span => span.Embedding)], [.. spans.Select(span => span.Tokens)], _model.Space.IsNormalized);
            results.Add(new LongTextEmbedding(whole, spans));
        }

        return results;
    }

    /// <summary>What <see cref="LongTextHandling.Pool"/> does, or null where no text is too long.</summary>
    private async Task<GeneratedEmbeddings<Embedding<float>>?> PoolLongAsync(string[] texts, EmbeddingGenerationOptions? options, CancellationToken cancellationToken)
    {
        string prompt = _model.PromptFor(options.GetIntent());
        TextEncoder encoder = _model.ChainFor(options.GetIntent()).Encoder;
        List<TextChunkPlan>[]? plans = await Task.Run(() => PlanLong(encoder, texts, prompt, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (plans is null || plans.All(plan => plan.Count == 1))
            return null;

        GeneratedEmbeddings<Embedding<float>> chunks = await GenerateAsync(ChunkTexts(texts, plans), options, cancellationToken).ConfigureAwait(false);
        int next = 0;
        return new GeneratedEmbeddings<Embedding<float>>(plans.Select(plan =>
            PooledVectors.Mean([.. plan.Select(_ => chunks[next++])], [.. plan.Select(chunk => chunk.Tokens)], _model.Space.IsNormalized)))
        {
            Usage = chunks.Usage,
            AdditionalProperties = chunks.AdditionalProperties,
        };
    }

    private static List<TextChunkPlan>[]? PlanLong(TextEncoder encoder, string[] texts, string prompt, CancellationToken cancellationToken) =>
        encoder.Tokenize(texts, prompt, cancellationToken).CutTexts == 0 ? null
            : [.. texts.Select(text => encoder.Tokenize([text], prompt, cancellationToken).CutTexts == 0
                ? [new TextChunkPlan(0, text.Length, 0)]
                : LongTextPlan.Of(encoder, text, prompt, new LongTextOptions(), cancellationToken))];

    private static IEnumerable<string> ChunkTexts(string[] texts, List<TextChunkPlan>[] plans) =>
        plans.SelectMany((plan, text) => plan.Select(chunk => texts[text].Substring(chunk.Start, chunk.Length)));

    private List<Embedding<float>> LateChunks(
        TextChain chain, string[] texts, List<TextChunkPlan>[] plans, string prompt, EmbeddingGenerationOptions? options, CancellationToken cancellationToken)
    {
        EmbeddingSpace space = _model.Space.Cut(options?.Dimensions ?? _model.Space.Dimensions);
        space = space with { Fingerprint = $"{space.Fingerprint}/late" };
        var embeddings = new List<Embedding<float>>();
        for (int text = 0; text < texts.Length; text++)
        {
            foreach (float[] vector in LateChunking.Embed(chain, texts[text], prompt, options.GetIntent(), plans[text], cancellationToken))
            {
                float[] cut = vector[..space.Dimensions];
                if (space.IsNormalized)
                    L2.Normalize(cut, cut.Length);
                embeddings.Add(_generation.Stamped(cut, space));
            }
        }

        return embeddings;
    }
}
