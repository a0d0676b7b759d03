using System.Numerics.Tensors;

namespace Polymodal.Providers.Local.Pooling;

/// <summary>Turns the token embeddings of a batch into one vector a text.</summary>
public static class Pool
{
    /// <summary>Pools by a mode.</summary>
    /// <param name="mode">How.</param>
    /// <param name="tokenEmbeddings">Shape [batch, sequence, hidden], row-major.</param>
    /// <param name="attentionMask">Shape [batch, sequence]; 1 real token, 0 padding, on either side.</param>
    /// <param name="hidden">Length of one token embedding; at least 1.</param>
    /// <param name="pooled">Receives [batch, hidden], not yet of unit length.</param>
    /// <exception cref="ArgumentException">The three lengths disagree, or the mode is unknown.</exception>
    /// <remarks>
    /// A text without real tokens gives zeros, but by <see cref="PoolingMode.Cls"/> its first position and by <see cref="PoolingMode.Max"/> minus
    /// infinity, as the reference does; an empty sequence gives zeros. Reference: sentence-transformers 6.2, modules/pooling.py.
    /// </remarks>
    public static void By(PoolingMode mode, ReadOnlySpan<float> tokenEmbeddings, ReadOnlySpan<long> attentionMask, int hidden, Span<float> pooled) =>
        By([mode], tokenEmbeddings, attentionMask, hidden, promptTokens: 0, pooled);

    /// <summary>Pools by several modes, whose vectors stand one after the other, and may leave a prompt out.</summary>
    /// <param name="modes">How, in the order of the result; at least one.</param>
    /// <param name="tokenEmbeddings">Shape [batch, sequence, hidden], row-major.</param>
    /// <param name="attentionMask">Shape [batch, sequence]; 1 real token, 0 padding, on either side.</param>
    /// <param name="hidden">Length of one token embedding; at least 1.</param>
    /// <param name="promptTokens">How many positions from the first real token on are left out; 0 for none. The weights of <see cref="PoolingMode.WeightedMean"/> count them all the same.</param>
    /// <param name="pooled">Receives [batch, modes × hidden], not yet of unit length.</param>
    /// <exception cref="ArgumentException">The lengths disagree, there is no mode, or one is unknown.</exception>
    /// <remarks>Of texts without real tokens see the overload of one mode. Reference: sentence-transformers 6.2, modules/pooling.py.</remarks>
    public static void By(
        ReadOnlySpan<PoolingMode> modes, ReadOnlySpan<float> tokenEmbeddings, ReadOnlySpan<long> attentionMask, int hidden, int promptTokens, Span<float> pooled)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(hidden, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(promptTokens);
        if (modes.IsEmpty)
            throw new ArgumentException("modes is empty. Give at least one.", nameof(modes));
        int width = modes.Length * hidden;
        int batch = pooled.Length / width;
        if (pooled.Length % width != 0)
            throw new ArgumentException($"pooled has {pooled.Length} elements, which is no multiple of {modes.Length} × hidden {hidden}. Give [batch, modes × hidden].", nameof(pooled));
        if (tokenEmbeddings.Length != (long)attentionMask.Length * hidden || (batch == 0 ? attentionMask.Length != 0 : attentionMask.Length % batch != 0))
        {
            throw new ArgumentException(
                $"attentionMask has {attentionMask.Length} elements, tokenEmbeddings has {tokenEmbeddings.Length}, pooled holds {batch} vectors of {width}. Give one mask element per token.", nameof(attentionMask));
        }

        int sequence = batch == 0 ? 0 : attentionMask.Length / batch;
        for (int text = 0; text < batch; text++)
        {
            ReadOnlySpan<float> tokens = tokenEmbeddings.Slice(text * sequence * hidden, sequence * hidden);
            ReadOnlySpan<long> mask = attentionMask.Slice(text * sequence, sequence);
            int first = Math.Max(0, mask.IndexOfAnyExcept(0));
            int kept = Math.Min(first + promptTokens, sequence);
            for (int mode = 0; mode < modes.Length; mode++)
                One(modes[mode], tokens, mask, first, kept, pooled.Slice((text * width) + (mode * hidden), hidden));
        }
    }

    // One text by one mode: positions from "kept" on with a mask of 1 count; "first" is the first real token, left out or not.
    private static void One(PoolingMode mode, ReadOnlySpan<float> tokens, ReadOnlySpan<long> mask, int first, int kept, Span<float> pooled)
    {
        int hidden = pooled.Length;
        ReadOnlySpan<long> counted = mask[kept..];
        if (mask.IsEmpty)
        {
            pooled.Clear();
            return;
        }

        switch (mode)
        {
            case PoolingMode.Cls:
                int cls = counted.IndexOfAnyExcept(0);
                tokens.Slice((cls < 0 ? 0 : kept + cls) * hidden, hidden).CopyTo(pooled);
                break;
            case PoolingMode.LastToken:
                int last = counted.LastIndexOfAnyExcept(0);
                if (last < 0)
                    pooled.Clear();
                else
                    tokens.Slice((kept + last) * hidden, hidden).CopyTo(pooled);
                break;
            case PoolingMode.Max:
                pooled.Fill(float.NegativeInfinity);
                for (int token = kept; token < mask.Length; token++)
                {
                    if (mask[token] != 0)
                        TensorPrimitives.Max(pooled, tokens.Slice(token * hidden, hidden), pooled);
                }

                break;
            case PoolingMode.Mean or PoolingMode.MeanSqrtLength or PoolingMode.WeightedMean:
                double weights = Sum(tokens, mask, kept, mode == PoolingMode.WeightedMean ? first : null, pooled);
                if (weights > 0)
                    TensorPrimitives.Divide(pooled, (float)(mode == PoolingMode.MeanSqrtLength ? Math.Sqrt(weights) : weights), pooled);
                break;
            default:
                throw new ArgumentException($"mode is {mode}; known: {string.Join(", ", Enum.GetNames<PoolingMode>())}.", nameof(mode));
        }
    }

    /// <summary>Adds up the tokens that count; gives the sum of their weights, which are 1, or count from a position.</summary>
    private static double Sum(ReadOnlySpan<float> tokens, ReadOnlySpan<long> mask, int kept, int? weightsFrom, Span<float> sum)
    {
        sum.Clear();
        double weights = 0;
        for (int token = kept; token < mask.Length; token++)
        {
            if (mask[token] == 0)
                continue;
            ReadOnlySpan<float> embedding = tokens.Slice(token * sum.Length, sum.Length);
            float weight = weightsFrom is { } from ? token - from + 1 : 1;
            if (weightsFrom is null)
                TensorPrimitives.Add(sum, embedding, sum);
            else
                TensorPrimitives.MultiplyAdd(embedding, weight, sum, sum);
            weights += weight;
        }

        return weights;
    }
}
