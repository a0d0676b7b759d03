namespace Polymodal.VectorStore.Exact;

/// <summary>The rows with the k highest coarse bounds.</summary>
internal sealed class TopRows(int k)
{
    private readonly PriorityQueue<int, float> _rows = new();

    /// <summary>A bound has to be above this to be taken.</summary>
    public float Least { get; private set; } = float.NegativeInfinity;

    /// <summary>Where the rows are.</summary>
    public IEnumerable<int> Places => _rows.UnorderedItems.Select(row => row.Element);

    /// <summary>Takes a row if its bound is among the highest.</summary>
    public void Offer(int place, float bound)
    {
        if (_rows.Count < k)
            _rows.Enqueue(place, bound);
        else
            _rows.EnqueueDequeue(place, bound);
        if (_rows.Count == k && _rows.TryPeek(out _, out float least))
            Least = least;
    }

    /// <summary>Offers these rows to another list.</summary>
    public void AddTo(TopRows other)
    {
        foreach ((int place, float bound) in _rows.UnorderedItems)
            other.Offer(place, bound);
    }
}

/// <summary>The k highest of some lower bounds: that many rows are known to score no less than the least of them.</summary>
internal sealed class LowerBounds(int k)
{
    private readonly PriorityQueue<double, double> _highest = new();

    /// <summary>What the k-th best row scores at least; −∞ while there are fewer rows.</summary>
    public double Least { get; private set; } = double.NegativeInfinity;

    /// <summary>Takes a bound and says whether <see cref="Least"/> rose.</summary>
    public bool Offer(double bound)
    {
        if (_highest.Count == k && bound <= Least)
            return false;
        if (_highest.Count < k)
            _highest.Enqueue(bound, bound);
        else
            _highest.EnqueueDequeue(bound, bound);
        if (_highest.Count < k || _highest.Peek() <= Least)
            return false;
        Least = _highest.Peek();
        return true;
    }
}
