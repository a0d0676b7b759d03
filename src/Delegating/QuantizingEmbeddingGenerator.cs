using System.Collections;
using Microsoft.Extensions.AI;

namespace Polymodal.Delegating;

/// <summary>Gives the vectors of a generator as codes of one byte or one bit a dimension, those of sentence-transformers.</summary>
/// <typeparam name="TInput">What the generator takes.</typeparam>
/// <typeparam name="TEmbedding">The codes: <see cref="Embedding{T}"/> of <see cref="sbyte"/> or <see cref="byte"/>, or <see cref="BinaryEmbedding"/>.</typeparam>
/// <remarks>Safe for concurrent use. Its space is another one (<c>…/int8</c>): codes are not compared with vectors. Made by <c>QuantizeToInt8</c>, <c>QuantizeToUInt8</c>, <c>QuantizeToBits</c>.</remarks>
public sealed class QuantizingEmbeddingGenerator<TInput, TEmbedding> : IEmbeddingGenerator<TInput, TEmbedding>
    where TEmbedding : Embedding
{
    private readonly IEmbeddingGenerator<TInput, Embedding<float>> _inner;
    private readonly Func<ReadOnlyMemory<float>, TEmbedding> _quantize;
    private readonly string _suffix;

    internal QuantizingEmbeddingGenerator(IEmbeddingGenerator<TInput, Embedding<float>> inner, Func<ReadOnlyMemory<float>, TEmbedding> quantize, string suffix)
    {
        ArgumentNullException.ThrowIfNull(inner);
        _inner = inner;
        _quantize = quantize;
        _suffix = suffix;
    }

    /// <inheritdoc/>
    public async Task<GeneratedEmbeddings<TEmbedding>> GenerateAsync(
        IEnumerable<TInput> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        GeneratedEmbeddings<Embedding<float>> embeddings = await _inner.GenerateAsync(values, options, cancellationToken).ConfigureAwait(false);
        return new GeneratedEmbeddings<TEmbedding>(embeddings.Select(embedding =>
        {
            TEmbedding codes = _quantize(embedding.Vector);
            codes.CreatedAt = embedding.CreatedAt;
            codes.ModelId = embedding.ModelId;
            codes.AdditionalProperties = VectorChange.Renamed(embedding.AdditionalProperties, _suffix);
            return codes;
        }))
        {
            Usage = embeddings.Usage,
            AdditionalProperties = embeddings.AdditionalProperties,
        };
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is null && serviceType.IsInstanceOfType(this) ? this
            : _inner.GetService(serviceType, serviceKey) is { } service ? service is EmbeddingSpace space && serviceType == typeof(EmbeddingSpace) ? VectorChange.Renamed(space, _suffix) : service
            : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _inner.Dispose();
}

/// <summary>The codes of a vector.</summary>
internal static class Codes
{
    public static Embedding<sbyte> Int8(ReadOnlyMemory<float> vector, QuantizationRanges ranges)
    {
        sbyte[] codes = new sbyte[vector.Length];
        EmbeddingQuantization.ToInt8(vector.Span, ranges, codes);
        return new Embedding<sbyte>(codes);
    }

    public static Embedding<byte> UInt8(ReadOnlyMemory<float> vector, QuantizationRanges ranges)
    {
        byte[] codes = new byte[vector.Length];
        EmbeddingQuantization.ToUInt8(vector.Span, ranges, codes);
        return new Embedding<byte>(codes);
    }

    public static BinaryEmbedding Bits(ReadOnlyMemory<float> vector)
    {
        var bits = new BitArray(vector.Length);
        for (int i = 0; i < vector.Length; i++)
            bits[i] = vector.Span[i] > 0;
        return new BinaryEmbedding(bits);
    }
}
