using System.Net;
using Microsoft.Extensions.AI;

namespace Polymodal.Providers.Cloud;

/// <summary>A service could not be reached, refused, or answered what cannot be used. The message says what, for which inputs, and what to do; it holds no key.</summary>
public sealed class CloudServiceException : HttpRequestException, IPartialEmbeddings
{
    internal CloudServiceException(CloudFailure failure, string message, HttpStatusCode? statusCode, Exception? inner = null)
        : base(HttpRequestError.Unknown, message, inner, statusCode) => Failure = failure;

    /// <summary>The kind of failure.</summary>
    public CloudFailure Failure { get; }

    /// <summary>The service's own code, e.g. <c>insufficient_quota</c>; null when it gave none.</summary>
    public string? Code { get; internal init; }

    /// <summary>The service's name of the request, for its support; null when it gave none.</summary>
    public string? RequestId { get; internal init; }

    /// <summary>When the service wants to be asked again; null when it did not say.</summary>
    public TimeSpan? RetryAfter { get; internal init; }

    /// <summary>The beginning of the answer, at most 4,096 characters, without the key; null when there was none.</summary>
    public string? ResponseText { get; internal init; }

    /// <inheritdoc/>
    public int InputCount { get; private set; }

    /// <summary>The vectors that were computed, and paid for, before the call failed, by their place in the list of inputs.</summary>
    public IReadOnlyDictionary<int, Embedding<float>> Completed { get; private set; } = new Dictionary<int, Embedding<float>>();

    /// <summary>What the completed part used; null when nothing is known.</summary>
    public UsageDetails? CompletedUsage { get; private set; }

    /// <summary>Whether a smaller request could do what this one could not.</summary>
    internal bool IsTooMany { get; init; }

    /// <inheritdoc/>
    public void SetCompleted(int inputCount, IReadOnlyDictionary<int, Embedding<float>> completed, UsageDetails? usage)
    {
        ArgumentNullException.ThrowIfNull(completed);
        (InputCount, Completed, CompletedUsage) = (inputCount, completed, usage);
    }
}

/// <summary>Kinds of failures of a service.</summary>
public enum CloudFailure
{
    /// <summary>No connection, a broken one, or no answer in time.</summary>
    Connection,

    /// <summary>The key is missing, wrong, or may not do this.</summary>
    Authentication,

    /// <summary>Too many requests for now; the same call may work later.</summary>
    RateLimit,

    /// <summary>The quota or the money is used up; waiting a little does not help.</summary>
    Quota,

    /// <summary>The request is not one that the service takes: an input, a model or an option.</summary>
    InvalidRequest,

    /// <summary>The service failed or is overloaded.</summary>
    Unavailable,

    /// <summary>The answer is not what the service documents: no JSON, a wrong number of vectors, a wrong length, no finite numbers, too large.</summary>
    InvalidAnswer,
}
