using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Polymodal.Delegating;

namespace Polymodal;

/// <summary>Wraps generators, from the inside out: <c>generator.WithRetry().WithRateLimit(…).WithCache(cache)</c> looks into the cache first.</summary>
public static class DelegatingEmbeddingGeneratorExtensions
{
    /// <summary>Keeps vectors, and computes each input once. See <see cref="CachingEmbeddingGenerator{TInput}"/>.</summary>
    /// <typeparam name="TInput"><see cref="string"/> or <see cref="DataContent"/>.</typeparam>
    /// <param name="generator">The generator, owned by the result.</param>
    /// <param name="cache">Where vectors are kept.</param>
    /// <param name="identity">What tells the model from any other; null: its fingerprint.</param>
    /// <param name="logger">Where failures of the cache are logged; null for nowhere.</param>
    public static CachingEmbeddingGenerator<TInput> WithCache<TInput>(
        this IEmbeddingGenerator<TInput, Embedding<float>> generator, IEmbeddingCache cache, string? identity = null, ILogger? logger = null) => new(generator, cache, identity, logger);

    /// <summary>Asks no faster than allowed. See <see cref="RateLimitingEmbeddingGenerator{TInput}"/>.</summary>
    /// <typeparam name="TInput">What the generator takes.</typeparam>
    /// <param name="generator">The generator, owned by the result.</param>
    /// <param name="configure">Sets the limits.</param>
    public static RateLimitingEmbeddingGenerator<TInput> WithRateLimit<TInput>(this IEmbeddingGenerator<TInput, Embedding<float>> generator, Action<RateLimitOptions<TInput>> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var options = new RateLimitOptions<TInput>();
        configure(options);
        return new(generator, options);
    }

    /// <summary>Makes calls again that failed for a reason that may pass. See <see cref="RetryingEmbeddingGenerator{TInput}"/>.</summary>
    /// <typeparam name="TInput">What the generator takes.</typeparam>
    /// <param name="generator">The generator, owned by the result.</param>
    /// <param name="configure">Changes the options; null for the defaults.</param>
    public static RetryingEmbeddingGenerator<TInput> WithRetry<TInput>(this IEmbeddingGenerator<TInput, Embedding<float>> generator, Action<RetryOptions>? configure = null)
    {
        var options = new RetryOptions();
        configure?.Invoke(options);
        return new(generator, options);
    }

    /// <summary>Cuts long texts into parts and averages their vectors. See <see cref="ChunkPoolingEmbeddingGenerator"/>.</summary>
    /// <param name="generator">The generator, owned by the result.</param>
    /// <param name="configure">Changes the options; null for the defaults.</param>
    public static ChunkPoolingEmbeddingGenerator WithChunkPooling(this IEmbeddingGenerator<string, Embedding<float>> generator, Action<ChunkPoolingOptions>? configure = null)
    {
        var options = new ChunkPoolingOptions();
        configure?.Invoke(options);
        return new(generator, options);
    }

    /// <summary>Scales vectors to unit length. See <see cref="NormalizingEmbeddingGenerator{TInput}"/>.</summary>
    /// <typeparam name="TInput">What the generator takes.</typeparam>
    /// <param name="generator">The generator, owned by the result.</param>
    public static NormalizingEmbeddingGenerator<TInput> WithNormalization<TInput>(this IEmbeddingGenerator<TInput, Embedding<float>> generator) => new(generator);

    /// <summary>Keeps the first numbers of each vector. See <see cref="TruncatingEmbeddingGenerator{TInput}"/>.</summary>
    /// <typeparam name="TInput">What the generator takes.</typeparam>
    /// <param name="generator">The generator, owned by the result.</param>
    /// <param name="dimensions">How many numbers are left; at least 1.</param>
    public static TruncatingEmbeddingGenerator<TInput> WithDimensions<TInput>(this IEmbeddingGenerator<TInput, Embedding<float>> generator, int dimensions) => new(generator, dimensions);

    /// <summary>Codes −128 to 127, one byte a dimension.</summary>
    /// <typeparam name="TInput">What the generator takes.</typeparam>
    /// <param name="generator">The generator, owned by the result.</param>
    /// <param name="ranges">The ranges of the dimensions, from vectors like those to come.</param>
    public static QuantizingEmbeddingGenerator<TInput, Embedding<sbyte>> QuantizeToInt8<TInput>(this IEmbeddingGenerator<TInput, Embedding<float>> generator, QuantizationRanges ranges)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        return new(generator, vector => Codes.Int8(vector, ranges), "/int8");
    }

    /// <summary>Codes 0 to 255, one byte a dimension.</summary>
    /// <typeparam name="TInput">What the generator takes.</typeparam>
    /// <param name="generator">The generator, owned by the result.</param>
    /// <param name="ranges">The ranges of the dimensions, from vectors like those to come.</param>
    public static QuantizingEmbeddingGenerator<TInput, Embedding<byte>> QuantizeToUInt8<TInput>(this IEmbeddingGenerator<TInput, Embedding<float>> generator, QuantizationRanges ranges)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        return new(generator, vector => Codes.UInt8(vector, ranges), "/uint8");
    }

    /// <summary>One bit a dimension, set where it is above 0.</summary>
    /// <typeparam name="TInput">What the generator takes.</typeparam>
    /// <param name="generator">The generator, owned by the result.</param>
    public static QuantizingEmbeddingGenerator<TInput, BinaryEmbedding> QuantizeToBits<TInput>(this IEmbeddingGenerator<TInput, Embedding<float>> generator) => new(generator, Codes.Bits, "/bits");
}
