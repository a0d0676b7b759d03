using Microsoft.Extensions.AI;

namespace Polymodal.Delegating;

/// <summary>Makes a call again that failed for a reason that may pass, with growing waits.</summary>
/// <typeparam name="TInput">What the generator takes.</typeparam>
/// <remarks>
/// Safe for concurrent use. Cancellation is never tried again. The last failure is given back as it is. Where a failure says what was computed before it
/// (<see cref="IPartialEmbeddings"/>), only the rest is asked for again.
/// </remarks>
public sealed class RetryingEmbeddingGenerator<TInput> : DelegatingEmbeddingGenerator<TInput, Embedding<float>>
{
    private readonly RetryOptions _options;

    /// <summary>Wraps a generator, which it owns from then on.</summary>
    /// <param name="inner">The generator.</param>
    /// <param name="options">When and how often; null for the defaults.</param>
    /// <exception cref="ArgumentNullException"><paramref name="inner"/> is null.</exception>
    /// <exception cref="ArgumentException">An option is out of its range; the message names it.</exception>
    public RetryingEmbeddingGenerator(IEmbeddingGenerator<TInput, Embedding<float>> inner, RetryOptions? options = null)
        : base(inner) => _options = (options ?? new()).Validated();

    /// <inheritdoc/>
    public override async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<TInput> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        TInput[] inputs = [.. values]; // The list may be readable only once.
        long start = _options.Time.GetTimestamp();
        var answer = new PartialAnswer(inputs.Length);
        for (int attempt = 1; ; attempt++)
        {
            TimeSpan delay;
            try
            {
                int[] places = answer.Missing;
                GeneratedEmbeddings<Embedding<float>> part = await answer.CallAsync(
                    places, () => InnerGenerator.GenerateAsync([.. places.Select(place => inputs[place])], options, cancellationToken)).ConfigureAwait(false);
                if (places.Length == inputs.Length)
                    return part;
                answer.Add(places, part);
                return answer.Whole;
            }
            catch (Exception exception) when (attempt < _options.MaxAttempts && !cancellationToken.IsCancellationRequested && _options.ShouldRetry(exception)
                && _options.Time.GetElapsedTime(start) + (delay = _options.DelayAfter(attempt)) <= _options.TotalTime)
            {
                await Task.Delay(delay, _options.Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
