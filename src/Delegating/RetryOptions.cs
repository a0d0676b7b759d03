using System.Net;

namespace Polymodal.Delegating;

/// <summary>When and how often a failed call is made again. Copied and checked once.</summary>
public sealed class RetryOptions
{
    /// <summary>How often a call is made at most, the first one included; at least 1, default 4.</summary>
    public int MaxAttempts { get; set; } = 4;

    /// <summary>The wait after the first failure, doubled after each further one and shortened by up to half at random; above zero, default 0.5 s.</summary>
    public TimeSpan FirstDelay { get; set; } = TimeSpan.FromSeconds(0.5);

    /// <summary>The longest wait; default 30 s.</summary>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest time for all attempts and waits: a wait that would end after it is not begun, and the failure is given back. Default 2 minutes.</summary>
    public TimeSpan TotalTime { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Which failures are worth another attempt. Default: no connection, time run out, and the answers 408, 429 and 5xx but 501 of a service. Errors of
    /// the input or of the model's files would only come again.
    /// </summary>
    public Func<Exception, bool> ShouldRetry { get; set; } = IsTransient;

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>The random numbers of the waits, 0 to 1. Default: <see cref="Random.Shared"/>.</summary>
    public Func<double> NextRandom { get; set; } = Random.Shared.NextDouble;

    internal RetryOptions Validated()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxAttempts, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(FirstDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDelay, FirstDelay);
        ArgumentOutOfRangeException.ThrowIfLessThan(TotalTime, TimeSpan.Zero);
        ArgumentNullException.ThrowIfNull(ShouldRetry);
        ArgumentNullException.ThrowIfNull(Time);
        ArgumentNullException.ThrowIfNull(NextRandom);
        return (RetryOptions)MemberwiseClone();
    }

    /// <summary>The wait after so many failures.</summary>
    internal TimeSpan DelayAfter(int failures)
    {
        double whole = Math.Min(MaxDelay.TotalSeconds, FirstDelay.TotalSeconds * Math.Pow(2, failures - 1));
        return TimeSpan.FromSeconds(whole * (1 - (NextRandom() / 2)));
    }

    private static bool IsTransient(Exception exception) => exception switch
    {
        HttpRequestException { StatusCode: { } status } => status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || ((int)status >= 500 && status != HttpStatusCode.NotImplemented),
        HttpRequestException or TimeoutException or TaskCanceledException { InnerException: TimeoutException } => true,
        _ => false,
    };
}
