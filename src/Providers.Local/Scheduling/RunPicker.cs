namespace Polymodal.Providers.Local.Scheduling;

/// <summary>Chooses the items of the next run.</summary>
/// <remarks>
/// Callers take turns. The one whose turn it is brings the dearest of its ready items; then all callers, in their turn, add an item that fits in beside
/// it, round after round, until the run is full. So a single text waits for at most one run a caller, beside however long a list.
/// Dear items go first: a long list ends with small runs, which fill all lanes to the end. Not safe for concurrent use.
/// </remarks>
internal sealed class RunPicker<TItem, TResult>(SchedulerSettings settings)
    where TItem : IWorkItem
{
    private readonly LinkedList<ScheduledCall<TItem, TResult>> _turns = new();
    private uint _explored;

    /// <summary>Ready items of all callers.</summary>
    public int ReadyCount { get; private set; }

    /// <summary>Their cost.</summary>
    public long ReadyCost { get; private set; }

    /// <summary>Adds a ready item.</summary>
    public void Add(ScheduledCall<TItem, TResult> call, TItem item, int index)
    {
        if (call.ReadyCount == 0)
            _turns.AddLast(call);
        call.Add(item, index);
        ReadyCount++;
        ReadyCost += item.Cost;
    }

    /// <summary>Drops the ready items of a call.</summary>
    public void Remove(ScheduledCall<TItem, TResult> call)
    {
        if (call.ReadyCount == 0)
            return;
        ReadyCount -= call.ReadyCount;
        ReadyCost -= call.ReadyCost;
        call.Clear();
        _turns.Remove(call);
    }

    /// <summary>Takes the items of a run.</summary>
    /// <param name="budget">Most it costs, padding included.</param>
    /// <param name="share">Cost that is enough, because other lanes wait for work too.</param>
    /// <param name="exploring">Take items from across the costs, so that plans are measured on like work.</param>
    /// <returns>At least one item; there must be one.</returns>
    public List<ScheduledRun<TItem, TResult>.Slot> Take(int budget, long share, bool exploring)
    {
        ScheduledCall<TItem, TResult> first = _turns.First!.Value;
        var slots = new List<ScheduledRun<TItem, TResult>.Slot>();
        int dearest = exploring ? Math.Max(0, (int)(Scattered(_explored++) * first.ReadyCount)) : first.ReadyCount - 1;
        int cost = Math.Max(1, first.CostAt(dearest));
        int least = cost - Math.Max(settings.PaddingAllowed, cost / 4);
        int count = (int)Math.Clamp(Math.Min(budget, share + cost - 1) / cost, 1, settings.MaxItemsPerRun ?? int.MaxValue);
        Take(first, dearest, slots);

        bool added = true;
        while (added && slots.Count < count)
        {
            added = false;
            // Taking moves nobody: turns change when the run is full.
            for (LinkedListNode<ScheduledCall<TItem, TResult>>? turn = _turns.First; turn is not null && slots.Count < count; turn = turn.Next)
            {
                ScheduledCall<TItem, TResult> call = turn.Value;
                if (call != first && !(settings.MergesCallers && call.Submission.Kind.Equals(first.Submission.Kind)))
                    continue;
                int place = call.UpTo(cost) - 1;
                if (place < 0 || call.CostAt(place) < least)
                    continue;
                Take(call, place, slots);
                added = true;
            }
        }

        for (LinkedListNode<ScheduledCall<TItem, TResult>>? turn = _turns.First, next; turn is not null; turn = next)
        {
            next = turn.Next;
            if (turn.Value.ReadyCount == 0)
                _turns.Remove(turn);
        }

        if (first.ReadyCount > 0)
        {
            _turns.Remove(first);
            _turns.AddLast(first);
        }

        return slots;
    }

    private void Take(ScheduledCall<TItem, TResult> call, int place, List<ScheduledRun<TItem, TResult>.Slot> slots)
    {
        (TItem item, int index) = call.TakeAt(place);
        slots.Add(new(call, item, index));
        ReadyCount--;
        ReadyCost -= item.Cost;
    }

    // The binary digits of a counter, mirrored: 0, 1/2, 1/4, 3/4, 1/8 …, evenly spread however many are taken.
    private static double Scattered(uint n)
    {
        double value = 0;
        for (double digit = 0.5; n > 0; n >>= 1, digit /= 2)
            value += digit * (n & 1);
        return value;
    }
}
