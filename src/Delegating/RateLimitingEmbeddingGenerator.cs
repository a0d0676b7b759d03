using Microsoft.Extensions.AI;

namespace Polymodal.Delegating;

/// <summary>Asks a generator no faster than it may be asked: inputs and tokens a second, over all callers together.</summary>
/// <typeparam name="TInput">What the generator takes.</typeparam>
/// <remarks>
/// Safe for concurrent use. A long list goes out in parts of at most one burst; an input with more tokens than that waits until its tokens have come in.
/// Callers are served in the order of asking.
/// </remarks>
public sealed class RateLimitingEmbeddingGenerator<TInput> : DelegatingEmbeddingGenerator<TInput, Embedding<float>>
{
    private readonly RateLimitOptions<TInput> _options;
    private readonly TokenBucket? _inputs, _tokens;
    private readonly double _inputsAtOnce, _tokensAtOnce;

    /// <summary>Wraps a generator, which it owns from then on.</summary>
    /// <param name="inner">The generator.</param>
    /// <param name="options">The limits.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">An option is out of its range; the message names it.</exception>
    public RateLimitingEmbeddingGenerator(IEmbeddingGenerator<TInput, Embedding<float>> inner, RateLimitOptions<TInput> options)
        : base(inner)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Validated();
        _inputs = _options.InputsPerSecond is { } inputs ? new TokenBucket(inputs, _options.Burst, _options.Time) : null;
        _tokens = _options.TokensPerSecond is { } tokens ? new TokenBucket(tokens, _options.Burst, _options.Time) : null;
        _inputsAtOnce = _options.InputsPerSecond * _options.Burst.TotalSeconds ?? double.PositiveInfinity;
        _tokensAtOnce = _options.TokensPerSecond * _options.Burst.TotalSeconds ?? double.PositiveInfinity;
    }

    /// <inheritdoc/>
    public override async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<TInput> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        TInput[] inputs = [.. values];
        var answer = new PartialAnswer(inputs.Length);
        for (int start = 0; start < inputs.Length;)
        {
            int count = Part(inputs.AsSpan(start), out double tokens);
            await WaitAsync(count, tokens, cancellationToken).ConfigureAwait(false);
            int[] places = [.. Enumerable.Range(start, count)];
            TInput[] some = inputs[start..(start + count)];
            answer.Add(places, await answer.CallAsync(places, () => InnerGenerator.GenerateAsync(some, options, cancellationToken)).ConfigureAwait(false));
            start += count;
        }

        return answer.Whole;
    }

    // As many inputs as one burst allows, at least one.
    private int Part(ReadOnlySpan<TInput> inputs, out double tokens)
    {
        tokens = 0;
        int count = 0;
        for (; count < inputs.Length && count < Math.Max(1, Math.Floor(_inputsAtOnce)); count++)
        {
            double next = _tokens is null ? 0 : _options.CountTokens!(inputs[count]);
            if (count > 0 && tokens + next > _tokensAtOnce)
                break;
            tokens += next;
        }

        return count;
    }

    private async Task WaitAsync(int inputs, double tokens, CancellationToken cancellationToken)
    {
        TimeSpan forInputs = _inputs?.Take(inputs) ?? TimeSpan.Zero, forTokens = _tokens?.Take(tokens) ?? TimeSpan.Zero;
        TimeSpan wait = forInputs > forTokens ? forInputs : forTokens;
        if (wait == TimeSpan.Zero)
            return;
        try
        {
            await Task.Delay(wait, _options.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _inputs?.GiveBack(inputs);
            _tokens?.GiveBack(tokens);
            throw;
        }
    }
}
