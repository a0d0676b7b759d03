namespace Polymodal.Providers.Cloud;

/// <summary>Consecutive inputs that are sent together.</summary>
/// <param name="Start">The first one's place.</param>
/// <param name="Count">How many; at least 1.</param>
internal readonly record struct CloudRange(int Start, int Count)
{
    /// <summary>The two halves; only of more than one input.</summary>
    public (CloudRange First, CloudRange Second) Halves => (new(Start, Count / 2), new(Start + (Count / 2), Count - (Count / 2)));

    /// <summary>For messages: counted from 0.</summary>
    public string Describe(int total, string noun = "input") => Count == 1 ? $"{noun} {Start} of {total}" : $"{noun}s {Start}–{Start + Count - 1} of {total}";
}

/// <summary>Splits a list by items, tokens and bytes, and runs the parts.</summary>
internal static class CloudBatches
{
    /// <summary>Splits a list, in its order. An input that is over a limit by itself has a request of its own.</summary>
    /// <param name="count">How many inputs.</param>
    /// <param name="maxInputs">Of one request.</param>
    /// <param name="maxTokens">Of one request; null for no limit.</param>
    /// <param name="maxBytes">Of one request.</param>
    /// <param name="tokens">Tokens of an input; only asked with a limit.</param>
    /// <param name="bytes">Bytes of an input.</param>
    public static IEnumerable<CloudRange> Split(int count, int maxInputs, int? maxTokens, long maxBytes, Func<int, int> tokens, Func<int, long> bytes)
    {
        int start = 0;
        long tokenSum = 0, byteSum = 0;
        for (int i = 0; i < count; i++)
        {
            long itsTokens = maxTokens is null ? 0 : tokens(i), itsBytes = bytes(i);
            if (i > start && (i - start == maxInputs || tokenSum + itsTokens > maxTokens || byteSum + itsBytes > maxBytes))
            {
                yield return new CloudRange(start, i - start);
                (start, tokenSum, byteSum) = (i, 0, 0);
            }

            tokenSum += itsTokens;
            byteSum += itsBytes;
        }

        if (count > start)
            yield return new CloudRange(start, count - start);
    }

    /// <summary>Runs all parts; a part that is too large for the service is halved, as often as it takes. After a failure no further part is begun, but those under way are waited for: they are paid.</summary>
    /// <param name="ranges">The parts.</param>
    /// <param name="send">Sends one. It keeps its results itself, and limits how many are under way.</param>
    /// <param name="cancellationToken">Ends all at once.</param>
    /// <returns>The first failure; null when all went well.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public static async Task<Exception?> RunAsync(IEnumerable<CloudRange> ranges, Func<CloudRange, Func<bool>, Task> send, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        bool Stopped() => Volatile.Read(ref failure) is not null;

        async Task RunOneAsync(CloudRange range)
        {
            try
            {
                await send(range, Stopped).ConfigureAwait(false);
            }
            catch (CloudServiceException exception) when (exception.IsTooMany && range.Count > 1)
            {
                (CloudRange first, CloudRange second) = range.Halves;
                await Task.WhenAll(RunOneAsync(first), RunOneAsync(second)).ConfigureAwait(false);
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                throw new OperationCanceledException(cancellationToken);
            }
#pragma warning disable CA1031 // The first failure is given back, with what was done before it.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Interlocked.CompareExchange(ref failure, exception, null);
            }
        }

        await Task.WhenAll(ranges.Select(RunOneAsync)).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return failure;
    }
}
