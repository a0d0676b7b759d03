namespace Polymodal.VectorStore.Exact;

/// <summary>Keeps the best of many scored items: higher score first, equal scores by id.</summary>
/// <param name="k">How many to keep at most; at least 1.</param>
/// <remarks>Not safe for concurrent use.</remarks>
internal sealed class TopMatches<T>(int k)
{
    private readonly PriorityQueue<(T Item, float Score), Rank> _kept = new(WorstFirst);

    private static readonly Comparer<Rank> WorstFirst = Comparer<Rank>.Create((first, second) =>
        first.Score.CompareTo(second.Score) is not 0 and int byScore ? byScore : second.Id.CompareTo(first.Id));

    /// <summary>Whether as many are kept as were asked for.</summary>
    public bool IsFull => _kept.Count == k;

    /// <summary>The lowest score that is kept; −∞ while nothing is.</summary>
    public float Worst { get; private set; } = float.NegativeInfinity;

    /// <summary>Takes an item when it belongs to the best so far.</summary>
    public void Offer(T item, float score, RecordId id)
    {
        if (_kept.Count < k)
            _kept.Enqueue((item, score), new(score, id));
        else if (score >= Worst)
            _kept.EnqueueDequeue((item, score), new(score, id));
        else
            return;
        if (_kept.TryPeek(out _, out Rank worst))
            Worst = worst.Score;
    }

    /// <summary>The items kept, best first. Empties the list.</summary>
    public (T Item, float Score)[] Take()
    {
        var best = new (T, float)[_kept.Count];
        for (int place = best.Length - 1; place >= 0; place--)
            best[place] = _kept.Dequeue();
        return best;
    }

    private readonly record struct Rank(float Score, RecordId Id);
}
