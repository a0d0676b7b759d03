namespace Polymodal.Providers.Local;

/// <summary>A model has as much waiting as it may have. Nothing of the call was done; the same call may be made again.</summary>
/// <param name="message">What was found and what to do.</param>
/// <param name="retryAfter">When to try again.</param>
public sealed class EmbeddingOverloadException(string message, TimeSpan retryAfter) : InvalidOperationException(message)
{
    /// <summary>About how long what waits now takes; 10 ms to one minute. A server passes it on as <c>Retry-After</c>.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;
}
