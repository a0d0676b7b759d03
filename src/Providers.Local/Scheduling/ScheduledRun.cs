namespace Polymodal.Providers.Local.Scheduling;

/// <summary>One run of the model: items of one or several calls.</summary>
/// <param name="slots">The items, and the call and place each belongs to.</param>
/// <param name="plan">The plan that it follows.</param>
/// <param name="threads">Threads that may compute it.</param>
internal sealed class ScheduledRun<TItem, TResult>(ScheduledRun<TItem, TResult>.Slot[] slots, RunPlan plan, int threads)
    : IDisposable
    where TItem : IWorkItem
{
    private readonly CancellationTokenSource _cancellation = new();

    public Slot[] Slots { get; } = slots;

    public RunPlan Plan { get; } = plan;

    public int Threads { get; } = threads;

    /// <summary>The calls that have items in it.</summary>
    public ScheduledCall<TItem, TResult>[] Calls { get; } = [.. slots.Select(slot => slot.Call).Distinct()];

    /// <summary>What its items cost.</summary>
    public long Cost { get; } = slots.Sum(slot => (long)slot.Item.Cost);

    /// <summary>What it costs with padding.</summary>
    public long PaddedCost { get; } = slots.Max(slot => (long)slot.Item.Cost) * slots.Length;

    /// <summary>Asked for when every call in it has ended.</summary>
    public CancellationToken CancellationToken => _cancellation.Token;

    /// <summary>Computes it. A run that fails is computed again, caller by caller, so that only the one with the fault sees it.</summary>
    /// <param name="runner">What computes.</param>
    /// <param name="results">One for each slot, but for the calls that failed or have ended.</param>
    /// <returns>The calls that failed.</returns>
    public List<(ScheduledCall<TItem, TResult> Call, Exception Error)> Compute(IBatchRunner<TItem, TResult> runner, out TResult[] results)
    {
        results = new TResult[Slots.Length];
        if (Compute(runner, Slots, results) is not { } error)
            return [];
        if (Calls.Length == 1 || CancellationToken.IsCancellationRequested)
            return [.. Calls.Select(call => (call, error))];

        var failed = new List<(ScheduledCall<TItem, TResult> Call, Exception Error)>();
        foreach (ScheduledCall<TItem, TResult> call in Calls)
        {
            int[] own = [.. Enumerable.Range(0, Slots.Length).Where(slot => Slots[slot].Call == call)];
            var ownResults = new TResult[own.Length];
            if (Compute(runner, [.. own.Select(slot => Slots[slot])], ownResults) is { } ownError)
                failed.Add((call, ownError));
            for (int i = 0; i < own.Length; i++)
                results[own[i]] = ownResults[i];
        }

        return failed;
    }

    /// <summary>Ends the run at the next graph node.</summary>
    public void Cancel() => _cancellation.Cancel();

    /// <inheritdoc/>
    public void Dispose() => _cancellation.Dispose();

    private Exception? Compute(IBatchRunner<TItem, TResult> runner, Slot[] some, TResult[] results)
    {
        TItem[] items = [.. some.Select(slot => slot.Item)];
        try
        {
            runner.Run(items, Threads, results, CancellationToken);
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }

    /// <summary>An item of a run.</summary>
    internal readonly record struct Slot(ScheduledCall<TItem, TResult> Call, TItem Item, int Index);
}
