using Microsoft.Extensions.AI;

namespace Polymodal.Delegating;

/// <summary>One call of the inner generator that several callers may wait for. It ends early only when none of them waits any more.</summary>
/// <param name="keys">What it computes.</param>
#pragma warning disable CA1001 // A token source without a timer or wait handle holds nothing to free, and may be asked after the flight is over.
internal sealed class Flight(IReadOnlyList<string> keys)
#pragma warning restore CA1001
{
    private readonly CancellationTokenSource _abandoned = new();

    /// <summary>What it computes.</summary>
    public IReadOnlyList<string> Keys => keys;

    /// <summary>Fires when the last caller has gone.</summary>
    public CancellationToken Abandoned => _abandoned.Token;

    /// <summary>The entries by key, and what they cost.</summary>
    public Task<FlightResult> Result { get; set; } = null!;

    /// <summary>How many callers wait; changed under the lock of <see cref="Flights"/>.</summary>
    public int Waiting { get; set; }

    /// <summary>Ends the inner call, for nobody waits.</summary>
    public Task AbandonAsync() => _abandoned.CancelAsync();
}

/// <summary>What a flight brought.</summary>
/// <param name="Entries">An entry a key.</param>
/// <param name="Usage">What the inner generator says it used.</param>
/// <param name="Failure">Why entries are missing, an <see cref="IPartialEmbeddings"/>; null when there are all.</param>
internal sealed record FlightResult(IReadOnlyDictionary<string, byte[]> Entries, UsageDetails? Usage, Exception? Failure = null);

/// <summary>The calls under way, by what they compute.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class Flights
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Flight> _byKey = new(StringComparer.Ordinal);

    /// <summary>Joins the calls under way for some keys, and starts one for the rest.</summary>
    /// <param name="keys">The keys, all different; at least one.</param>
    /// <param name="start">Starts the call; run by this caller.</param>
    /// <returns>All calls to wait for, and which of them is this caller's own.</returns>
    public (IReadOnlyList<Flight> Joined, Flight? Own) Board(IReadOnlyList<string> keys, Func<Flight, Task<FlightResult>> start)
    {
        var joined = new HashSet<Flight>();
        Flight? own = null;
        lock (_lock)
        {
            List<string> free = [];
            foreach (string key in keys)
            {
                if (_byKey.TryGetValue(key, out Flight? flight))
                    joined.Add(flight);
                else
                    free.Add(key);
            }

            if (free.Count > 0)
            {
                own = new Flight(free);
                var result = new TaskCompletionSource<FlightResult>(TaskCreationOptions.RunContinuationsAsynchronously);
                own.Result = result.Task;
                foreach (string key in free)
                    _byKey[key] = own;
                joined.Add(own);
                Launch(own, start, result);
            }

            foreach (Flight flight in joined)
                flight.Waiting++;
        }

        return ([.. joined], own);
    }

    /// <summary>Says that a caller does not wait for a call any more. When nobody does, it is ended and later callers start anew.</summary>
    public async ValueTask LeaveAsync(Flight flight)
    {
        bool isAbandoned;
        lock (_lock)
        {
            isAbandoned = --flight.Waiting == 0 && !flight.Result.IsCompleted;
            if (isAbandoned)
                Land(flight);
        }

        if (isAbandoned)
            await flight.AbandonAsync().ConfigureAwait(false);
    }

    private void Launch(Flight flight, Func<Flight, Task<FlightResult>> start, TaskCompletionSource<FlightResult> result) => _ = Task.Run(async () =>
    {
        Task<FlightResult> work = start(flight);
        await ((Task)work).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_lock)
            Land(flight);
        result.SetFromTask(work);
        if (result.Task.IsFaulted)
            _ = result.Task.Exception; // It may be that nobody waits any more.
    });

    private void Land(Flight flight)
    {
        foreach (string key in flight.Keys)
        {
            if (_byKey.TryGetValue(key, out Flight? current) && current == flight)
                _byKey.Remove(key);
        }
    }
}
