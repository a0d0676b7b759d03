using Microsoft.Extensions.AI;

namespace Polymodal;

/// <summary>Of an exception of a generator: the vectors that were computed, and perhaps paid for, before the call failed.</summary>
/// <remarks>
/// A generator that calls another one with other inputs, or changes its vectors, gives the exception on with <see cref="SetCompleted"/>, so that places and vectors are always those of
/// the generator that the caller called. Caches and retries keep what is here and ask only for the rest. Not safe for concurrent use, as an exception is not.
/// </remarks>
public interface IPartialEmbeddings
{
    /// <summary>How many inputs the failed call had; whoever reads <see cref="Completed"/> trusts it only when this is the number of his inputs.</summary>
    int InputCount { get; }

    /// <summary>The vectors that there are, by the places (from 0, below <see cref="InputCount"/>) of their inputs in the call; empty when there are none.</summary>
    IReadOnlyDictionary<int, Embedding<float>> Completed { get; }

    /// <summary>What they used; null when nothing is known.</summary>
    UsageDetails? CompletedUsage { get; }

    /// <summary>Says what is there in the words of an outer call.</summary>
    /// <param name="inputCount">How many inputs the outer call had.</param>
    /// <param name="completed">Its vectors by the places of its inputs.</param>
    /// <param name="usage">What they used; null when nothing is known.</param>
    void SetCompleted(int inputCount, IReadOnlyDictionary<int, Embedding<float>> completed, UsageDetails? usage);
}
