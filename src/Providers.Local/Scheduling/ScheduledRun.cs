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

    /// <summary>Ends the run at the next graph node.</summary>
    public void Cancel() => _cancellation.Cancel();

    /// <inheritdoc/>
    public void Dispose() => _cancellation.Dispose();

    /// <summary>An item of a run.</summary>
    internal readonly record struct Slot(ScheduledCall<TItem, TResult> Call, TItem Item, int Index);
}
