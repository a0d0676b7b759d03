namespace Polymodal.Providers.Local.Tokenization;

/// <summary>A list of numbers that keeps its memory when it is cleared, and can be sorted in place.</summary>
internal sealed class ScratchList
{
    private long[] _items = [];

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>All of them.</summary>
    public Span<long> Items => _items.AsSpan(0, Count);

    /// <summary>Adds one.</summary>
    public void Add(long item)
    {
        if (Count == _items.Length)
            Array.Resize(ref _items, Math.Max(64, _items.Length * 2));
        _items[Count++] = item;
    }

    /// <summary>Drops all after the first few.</summary>
    public void Truncate(int count) => Count = count;
}
