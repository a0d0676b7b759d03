namespace Polymodal.Providers.Local.Tokenization;

/// <summary>A piece on its way through the merges: symbols that stand side by side, each a token with the bytes it covers.</summary>
/// <remarks>Reused from piece to piece; allocates only while it grows. Not safe for concurrent use.</remarks>
internal sealed class BpeWord
{
    // Up to here looking at every pair again is faster than keeping a queue.
    private const int LongestScan = 48;

    private readonly int[] _ranks = new int[LongestScan];
    private int[] _ids = new int[64], _lengths = new int[64], _previous = [], _next = [];
    private readonly MergeQueue _queue = new();

    /// <summary>How many symbols there are.</summary>
    public int Count { get; private set; }

    /// <summary>Starts over.</summary>
    public void Clear() => Count = 0;

    /// <summary>Adds a symbol.</summary>
    /// <param name="id">Its token.</param>
    /// <param name="length">The UTF-8 bytes it counts for.</param>
    public void Add(int id, int length)
    {
        if (Count == _ids.Length)
        {
            Array.Resize(ref _ids, Count * 2);
            Array.Resize(ref _lengths, Count * 2);
        }

        _ids[Count] = id;
        _lengths[Count++] = length;
    }

    /// <summary>Joins neighbours, the earliest merge first, of equal ones the leftmost, until none is left.</summary>
    /// <param name="merges">The merges.</param>
    public void Merge(BpeMerges merges)
    {
        if (Count < 2)
            return;
        if (Count <= LongestScan && merges.IsResultTelling)
            MergeByScan(merges);
        else
            MergeByQueue(merges);
    }

    /// <summary>Adds the tokens of the symbols; each comes from the characters that its bytes, counted one symbol behind the other, lie in.</summary>
    /// <param name="tokens">Receives them.</param>
    /// <param name="piece">The piece.</param>
    /// <param name="start">Where it starts.</param>
    /// <param name="vocabulary">The model's tokens.</param>
    public void AddTo(TokenList tokens, ReadOnlySpan<char> piece, int start, Vocabulary vocabulary)
    {
        if (!tokens.Tracks)
        {
            tokens.Add(_ids.AsSpan(0, Count));
            return;
        }

        var from = new Utf8Position(piece);
        Utf8Position to = from;
        int offset = 0;
        for (int i = 0; i < Count; i++)
        {
            from.MoveTo(offset);
            offset += _lengths[i];
            to.MoveTo(offset - 1);
            tokens.Add(_ids[i], start + from.CharacterStart, start + to.CharacterEnd, vocabulary.TokenOf(_ids[i]));
        }
    }

    private void MergeByScan(BpeMerges merges)
    {
        int count = Count;
        Span<int> ids = _ids.AsSpan(0, count), lengths = _lengths.AsSpan(0, count), ranks = _ranks.AsSpan(0, count);
        for (int i = 0; i < count - 1; i++)
            ranks[i] = merges.RankOf(ids[i], ids[i + 1]);
        ranks[count - 1] = BpeMerges.None;
        while (true)
        {
            int best = 0, rank = ranks[0];
            for (int i = 1; i < count - 1; i++)
            {
                if (ranks[i] < rank)
                    (best, rank) = (i, ranks[i]);
            }

            if (rank == BpeMerges.None)
                break;
            ids[best] = merges.ResultOf(rank);
            lengths[best] += lengths[best + 1];
            count--;
            for (int i = best + 1; i < count; i++)
            {
                ids[i] = ids[i + 1];
                lengths[i] = lengths[i + 1];
                ranks[i] = ranks[i + 1];
            }

            ranks[best] = best + 1 < count ? merges.RankOf(ids[best], ids[best + 1]) : BpeMerges.None;
            if (best > 0)
                ranks[best - 1] = merges.RankOf(ids[best - 1], ids[best]);
        }

        Count = count;
    }

    private void MergeByQueue(BpeMerges merges)
    {
        if (_next.Length < _ids.Length)
        {
            _next = new int[_ids.Length];
            _previous = new int[_ids.Length];
        }

        _queue.Clear();
        for (int i = 0; i < Count; i++)
        {
            _previous[i] = i - 1;
            _next[i] = i + 1;
            Offer(merges, i);
        }

        while (_queue.TryTake(out int rank, out int place))
        {
            int right = _next[place];
            if (_lengths[place] == 0 || right == Count)
                continue;
            int result = merges.ResultOf(rank), present = merges.RankOf(_ids[place], _ids[right]);
            if (present == BpeMerges.None || merges.ResultOf(present) != result)
                continue;
            _ids[place] = result;
            _lengths[place] += _lengths[right];
            _lengths[right] = 0;
            _next[place] = _next[right];
            if (_next[right] < Count)
                _previous[_next[right]] = place;
            if (_previous[place] >= 0)
                Offer(merges, _previous[place]);
            Offer(merges, place);
        }

        int kept = 0;
        for (int i = 0; i < Count; i = _next[i])
        {
            _ids[kept] = _ids[i];
            _lengths[kept++] = _lengths[i];
        }

        Count = kept;
    }

    private void Offer(BpeMerges merges, int place)
    {
        if (_next[place] >= Count)
            return;
        int rank = merges.RankOf(_ids[place], _ids[_next[place]]);
        if (rank != BpeMerges.None)
            _queue.Add(rank, place);
    }
}
