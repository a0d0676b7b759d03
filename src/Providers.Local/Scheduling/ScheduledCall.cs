using System.Diagnostics;

namespace Polymodal.Providers.Local.Scheduling;

/// <summary>A call on its way through a scheduler, which alone touches it, under its lock.</summary>
internal sealed class ScheduledCall<TItem, TResult>(Submission<TItem> submission, CancellationToken cancellationToken)
    where TItem : IWorkItem
{
    private readonly List<(TItem Item, int Index)> _ready = [];
    private readonly long _entered = Stopwatch.GetTimestamp();
    private int _next, _done;

    public Submission<TItem> Submission { get; } = submission;

    public CancellationToken CancellationToken { get; } = cancellationToken;

    public TaskCompletionSource<CallResult<TResult>> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TResult[] Results { get; } = new TResult[submission.Count];

    /// <summary>Completed, failed or cancelled: what is still computed of it is thrown away.</summary>
    public bool HasEnded { get; set; }

    /// <summary>Its place in a list of calls that have inputs to make ready; null when it is in none.</summary>
    public LinkedListNode<ScheduledCall<TItem, TResult>>? Listed { get; set; }

    /// <summary>Whether none of its inputs was taken yet.</summary>
    public bool IsNew => _next == 0;

    /// <summary>Runs under way that hold items of it.</summary>
    public List<ScheduledRun<TItem, TResult>> Runs { get; } = [];

    /// <summary>Inputs without a result.</summary>
    public int Waiting => Submission.Count - _done;

    /// <summary>Estimated cost of the inputs without a result.</summary>
    public long WaitingCost { get; set; }

    /// <summary>Items made ready and not yet in a run.</summary>
    public int ReadyCount => _ready.Count;

    /// <summary>Their cost.</summary>
    public long ReadyCost { get; private set; }

    /// <summary>Estimated cost of inputs that are being made ready.</summary>
    public long Preparing { get; set; }

    /// <summary>Whether inputs are left that nobody has begun to make ready.</summary>
    public bool HasUnprepared => _next < Submission.Count;

    /// <summary>What the call cost so far.</summary>
    public CallStatistics Statistics { get; set; } = new();

    /// <summary>Takes the next inputs to make ready.</summary>
    /// <param name="cost">About how much; at least one input is taken.</param>
    public (int Start, int Count, long Cost) TakeUnprepared(int cost)
    {
        int start = _next;
        long taken = 0;
        while (_next < Submission.Count && (_next == start || taken < cost))
            taken += Submission.Estimate(_next++);
        Preparing += taken;
        return (start, _next - start, taken);
    }

    /// <summary>Adds an item, keeping them in the order of cost.</summary>
    public void Add(TItem item, int index)
    {
        int place = UpTo(item.Cost);
        _ready.Insert(place, (item, index));
        ReadyCost += item.Cost;
    }

    /// <summary>The place behind all items that cost at most this much; 0 when there is none.</summary>
    public int UpTo(int cost)
    {
        int low = 0, high = _ready.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = _ready[middle].Item.Cost <= cost ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    /// <summary>The cost of the item at a place.</summary>
    public int CostAt(int place) => _ready[place].Item.Cost;

    /// <summary>Takes the item at a place.</summary>
    public (TItem Item, int Index) TakeAt(int place)
    {
        (TItem Item, int Index) taken = _ready[place];
        _ready.RemoveAt(place);
        ReadyCost -= taken.Item.Cost;
        return taken;
    }

    /// <summary>Drops what is ready.</summary>
    public void Clear()
    {
        _ready.Clear();
        ReadyCost = 0;
        _next = Submission.Count;
    }

    /// <summary>Keeps a result.</summary>
    /// <returns>Whether it was the last one.</returns>
    public bool Complete(int index, TResult result)
    {
        Results[index] = result;
        WaitingCost -= Submission.Estimate(index);
        return ++_done == Submission.Count;
    }

    /// <summary>Notes that one of its items is in a run now.</summary>
    public void Started()
    {
        if (Statistics.Runs == 0 && Runs.Count == 1)
            Statistics = Statistics with { Queued = Stopwatch.GetElapsedTime(_entered) };
    }
}

/// <summary>What a call gives.</summary>
/// <param name="Results">One an input, in their order.</param>
/// <param name="Statistics">Where the time went.</param>
internal sealed record CallResult<TResult>(TResult[] Results, CallStatistics Statistics);
