using System.Numerics.Tensors;
using Polymodal.Providers.Local.Text;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.LongText;

/// <summary>Vectors of chunks from token embeddings that have seen the chunks around them.</summary>
internal static class LateChunking
{
    /// <summary>Embeds the chunks of a text on the calling thread.</summary>
    /// <param name="chain">The way through the model.</param>
    /// <param name="text">The text.</param>
    /// <param name="prompt">Put before each window that the model reads; not part of any chunk.</param>
    /// <param name="intent">Passed on to the model.</param>
    /// <param name="chunks">The chunks.</param>
    /// <param name="cancellationToken">Looked at between windows.</param>
    /// <returns>A vector a chunk, after the steps that follow the pooling.</returns>
    /// <exception cref="NotSupportedException">The model has no vectors of tokens, or pools them by another way than the mean.</exception>
    public static List<float[]> Embed(TextChain chain, string text, string prompt, EmbeddingIntent? intent, IReadOnlyList<TextChunkPlan> chunks, CancellationToken cancellationToken)
    {
        if (!chain.Encoder.PoolsByMean)
            throw new NotSupportedException("late chunking needs a model whose tokens have vectors and are pooled by their mean; this one is another. Embed chunks separately.");
        var vectors = new List<float[]>(chunks.Count);
        for (int first = 0; first < chunks.Count;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = Window(chain.Encoder, text, prompt, chunks, first, cancellationToken);
            int start = chunks[first].Start, end = End(chunks[first + count - 1]);
            string read = prompt + text[start..end];
            TokenizedTexts tokenized = chain.Encoder.Tokenize([text[start..end]], prompt, cancellationToken);
            var steps = new TextSteps();
            chain.Encoder.Encode(tokenized.Batch([0], chain.Encoder.PadId, chain.Encoder.PadsLeft, intent), chain.Encoder.PromptTokens(prompt), steps);
            EncodedText tokens = chain.Encoder.Tokenizer.Encode(read);
            for (int chunk = first; chunk < first + count; chunk++)
            {
                int from = chunks[chunk].Start - start + prompt.Length;
                vectors.Add(chain.Finish(Mean(steps.TokenEmbeddings, tokenized.Total, tokens, from, from + chunks[chunk].Length), 1));
            }

            first += count;
        }

        return vectors;
    }

    // How many chunks from one on the model can read at once.
    private static int Window(TextEncoder encoder, string text, string prompt, IReadOnlyList<TextChunkPlan> chunks, int first, CancellationToken cancellationToken)
    {
        int count = 1;
        while (first + count < chunks.Count && encoder.Tokenize([text[chunks[first].Start..End(chunks[first + count])]], prompt, cancellationToken).CutTexts == 0)
            count++;
        return count;
    }

    private static int End(TextChunkPlan chunk) => chunk.Start + chunk.Length;

    private static float[] Mean(float[] tokenEmbeddings, int sequence, EncodedText tokens, int start, int end)
    {
        int hidden = tokenEmbeddings.Length / sequence, count = 0;
        float[] mean = new float[hidden];
        for (int token = 0; token < Math.Min(sequence, tokens.InputIds.Count); token++)
        {
            TokenOffset offset = tokens.Offsets[token];
            if (tokens.SpecialTokensMask[token] == 1 || offset.End <= start || offset.End > end)
                continue; // By its end: where a token starts, white space may belong to it.
            TensorPrimitives.Add(mean, tokenEmbeddings.AsSpan(token * hidden, hidden), mean);
            count++;
        }

        if (count > 0)
            TensorPrimitives.Divide(mean, count, mean);
        return mean;
    }
}
