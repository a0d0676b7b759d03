namespace Polymodal.Providers.Local.Scheduling;

/// <summary>Counts what waits and refuses what is too much.</summary>
/// <remarks>
/// A call waits in its caller's own memory, so it counts for at most a quarter of the queue, however long its list: one bulk caller neither
/// fills the queue nor is refused by an empty one. Not safe for concurrent use.
/// </remarks>
/// <param name="maxItems">Most inputs.</param>
/// <param name="maxCost">Most cost.</param>
internal sealed class AdmissionQueue(int maxItems, long maxCost)
{
    private readonly int _itemShare = Math.Max(1, maxItems / 4);
    private readonly long _costShare = Math.Max(1, maxCost / 4);

    /// <summary>Inputs that count.</summary>
    public int Items { get; private set; }

    /// <summary>Cost that counts.</summary>
    public long Cost { get; private set; }

    /// <summary>Counts a call, unless that is too much. An empty queue takes any call.</summary>
    public bool TryEnter(int items, long cost)
    {
        (items, cost) = Share(items, cost);
        if (Items > 0 && (Items + items > maxItems || Cost + cost > maxCost))
            return false;
        Items += items;
        Cost += cost;
        return true;
    }

    /// <summary>Some or all of what a call had waiting waits no more.</summary>
    public void Shrink((int Items, long Cost) before, (int Items, long Cost) after)
    {
        (before, after) = (Share(before.Items, before.Cost), Share(after.Items, after.Cost));
        Items -= before.Items - after.Items;
        Cost -= before.Cost - after.Cost;
    }

    private (int Items, long Cost) Share(int items, long cost) => (Math.Min(items, _itemShare), Math.Min(cost, _costShare));
}
