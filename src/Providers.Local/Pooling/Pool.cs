using System.Numerics.Tensors;

namespace Polymodal.Providers.Local.Pooling;

/// <summary>Turns the token embeddings of a batch into one vector a text.</summary>
public static class Pool
{
    /// <summary>Pools by a mode.</summary>
    /// <param name="mode">How.</param>
    /// <param name="tokenEmbeddings">Shape [batch, sequence, hidden], row-major.</param>
    /// <param name="attentionMask">Shape [batch, sequence]; 1 token to pool, 0 padding or a token left out, on either side.</param>
    /// <param name="hidden">Length of one token embedding; at least 1.</param>
    /// <param name="pooled">Receives [batch, hidden], not yet of unit length.</param>
    /// <exception cref="ArgumentException">The three lengths disagree, or the mode is unknown.</exception>
    /// <remarks>Reference: sentence-transformers 6.2, modules/pooling.py.</remarks>
    public static void By(PoolingMode mode, ReadOnlySpan<float> tokenEmbeddings, ReadOnlySpan<long> attentionMask, int hidden, Span<float> pooled)
    {
        switch (mode)
        {
            case PoolingMode.Cls:
                Cls(tokenEmbeddings, attentionMask, hidden, pooled);
                break;
            case PoolingMode.Mean:
                Mean(tokenEmbeddings, attentionMask, hidden, pooled);
                break;
            case PoolingMode.LastToken:
                LastToken(tokenEmbeddings, attentionMask, hidden, pooled);
                break;
            default:
                throw new ArgumentException($"mode is {mode}; known: {string.Join(", ", Enum.GetNames<PoolingMode>())}.", nameof(mode));
        }
    }

    /// <summary>Averages the embeddings of the real tokens of each text.</summary>
    /// <param name="tokenEmbeddings">Shape [batch, sequence, hidden], row-major.</param>
    /// <param name="attentionMask">Shape [batch, sequence]; 1 real token, 0 padding, on either side.</param>
    /// <param name="hidden">Length of one token embedding; at least 1.</param>
    /// <param name="pooled">Receives [batch, hidden], not yet of unit length. A text without real tokens gives zeros, not NaN.</param>
    /// <exception cref="ArgumentException">The three lengths disagree.</exception>
    /// <remarks>Reference: sentence-transformers 6.2, modules/pooling.py, mode "mean".</remarks>
    public static void Mean(ReadOnlySpan<float> tokenEmbeddings, ReadOnlySpan<long> attentionMask, int hidden, Span<float> pooled)
    {
        int sequence = SequenceLength(tokenEmbeddings, attentionMask, hidden, pooled);
        for (int text = 0; text < pooled.Length / hidden; text++)
        {
            ReadOnlySpan<long> mask = attentionMask.Slice(text * sequence, sequence);
            Span<float> sum = pooled.Slice(text * hidden, hidden);
            sum.Clear();
            int tokens = 0;
            for (int token = 0; token < sequence; token++)
            {
                if (mask[token] == 0)
                    continue;
                TensorPrimitives.Add(sum, tokenEmbeddings.Slice(((text * sequence) + token) * hidden, hidden), sum);
                tokens++;
            }

            if (tokens > 0)
                TensorPrimitives.Divide(sum, tokens, sum);
        }
    }

    /// <summary>Takes the first real token of each text.</summary>
    /// <param name="tokenEmbeddings">Shape [batch, sequence, hidden], row-major.</param>
    /// <param name="attentionMask">Shape [batch, sequence]; 1 real token, 0 padding, on either side.</param>
    /// <param name="hidden">Length of one token embedding; at least 1.</param>
    /// <param name="pooled">Receives [batch, hidden]. A text without real tokens gives its first position, as the reference does; an empty sequence gives zeros.</param>
    /// <exception cref="ArgumentException">The three lengths disagree.</exception>
    /// <remarks>Reference: sentence-transformers 6.2, modules/pooling.py, mode "cls".</remarks>
    public static void Cls(ReadOnlySpan<float> tokenEmbeddings, ReadOnlySpan<long> attentionMask, int hidden, Span<float> pooled)
    {
        int sequence = SequenceLength(tokenEmbeddings, attentionMask, hidden, pooled);
        for (int text = 0; text < pooled.Length / hidden; text++)
        {
            int first = Math.Max(0, attentionMask.Slice(text * sequence, sequence).IndexOfAnyExcept(0));
            Take(tokenEmbeddings, text, first, sequence, hidden, pooled);
        }
    }

    /// <summary>Takes the last real token of each text.</summary>
    /// <param name="tokenEmbeddings">Shape [batch, sequence, hidden], row-major.</param>
    /// <param name="attentionMask">Shape [batch, sequence]; 1 real token, 0 padding, on either side.</param>
    /// <param name="hidden">Length of one token embedding; at least 1.</param>
    /// <param name="pooled">Receives [batch, hidden]. A text without real tokens gives zeros.</param>
    /// <exception cref="ArgumentException">The three lengths disagree.</exception>
    /// <remarks>Reference: sentence-transformers 6.2, modules/pooling.py, mode "lasttoken".</remarks>
    public static void LastToken(ReadOnlySpan<float> tokenEmbeddings, ReadOnlySpan<long> attentionMask, int hidden, Span<float> pooled)
    {
        int sequence = SequenceLength(tokenEmbeddings, attentionMask, hidden, pooled);
        for (int text = 0; text < pooled.Length / hidden; text++)
        {
            int last = attentionMask.Slice(text * sequence, sequence).LastIndexOfAnyExcept(0);
            if (last < 0)
                pooled.Slice(text * hidden, hidden).Clear();
            else
                Take(tokenEmbeddings, text, last, sequence, hidden, pooled);
        }
    }

    private static void Take(ReadOnlySpan<float> tokenEmbeddings, int text, int token, int sequence, int hidden, Span<float> pooled)
    {
        Span<float> vector = pooled.Slice(text * hidden, hidden);
        if (sequence == 0)
            vector.Clear();
        else
            tokenEmbeddings.Slice(((text * sequence) + token) * hidden, hidden).CopyTo(vector);
    }

    private static int SequenceLength(ReadOnlySpan<float> tokenEmbeddings, ReadOnlySpan<long> attentionMask, int hidden, Span<float> pooled)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(hidden, 1);
        int batch = pooled.Length / hidden;
        if (pooled.Length % hidden != 0)
            throw new ArgumentException($"pooled has {pooled.Length} elements, which is no multiple of hidden {hidden}. Give [batch, hidden].", nameof(pooled));
        if (tokenEmbeddings.Length != (long)attentionMask.Length * hidden || (batch == 0 ? attentionMask.Length != 0 : attentionMask.Length % batch != 0))
        {
            throw new ArgumentException(
                $"attentionMask has {attentionMask.Length} elements, tokenEmbeddings has {tokenEmbeddings.Length}, pooled holds {batch} vectors of {hidden}. Give one mask element per token.", nameof(attentionMask));
        }

        return batch == 0 ? 0 : attentionMask.Length / batch;
    }
}
