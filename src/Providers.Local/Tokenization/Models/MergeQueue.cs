namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Merges that wait, the smallest rank first, of equal ones the leftmost.</summary>
/// <remarks>A heap in which each item has four below it. Keeps its memory. Not safe for concurrent use.</remarks>
internal sealed class MergeQueue
{
    private const int Below = 4;

    private ulong[] _items = new ulong[64];
    private int _count;

    /// <summary>Starts over.</summary>
    public void Clear() => _count = 0;

    /// <summary>Adds a merge.</summary>
    /// <param name="rank">Its rank.</param>
    /// <param name="place">Where its left symbol is.</param>
    public void Add(int rank, int place)
    {
        if (_count == _items.Length)
            Array.Resize(ref _items, _count * 2);
        ulong item = ((ulong)(uint)rank << 32) | (uint)place;
        int index = _count++;
        while (index > 0)
        {
            int above = (index - 1) / Below;
            if (_items[above] <= item)
                break;
            _items[index] = _items[above];
            index = above;
        }

        _items[index] = item;
    }

    /// <summary>Takes the first merge.</summary>
    /// <returns>False when there is none.</returns>
    public bool TryTake(out int rank, out int place)
    {
        if (_count == 0)
        {
            rank = place = 0;
            return false;
        }

        rank = (int)(_items[0] >> 32);
        place = (int)_items[0];
        ulong last = _items[--_count];
        int index = 0;
        while (true)
        {
            int first = (index * Below) + 1, smallest = first;
            if (first >= _count)
                break;
            for (int i = first + 1; i < Math.Min(first + Below, _count); i++)
            {
                if (_items[i] < _items[smallest])
                    smallest = i;
            }

            if (_items[smallest] >= last)
                break;
            _items[index] = _items[smallest];
            index = smallest;
        }

        _items[index] = last;
        return true;
    }
}
