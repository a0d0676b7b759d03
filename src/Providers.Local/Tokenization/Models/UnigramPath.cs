namespace Polymodal.Providers.Local.Tokenization;

/// <summary>The best way to each place of a piece: the last token of it, where that starts, and the sum of scores.</summary>
/// <remarks>Reused from piece to piece; allocates only while it grows. Not safe for concurrent use.</remarks>
internal sealed class UnigramPath
{
    private const int Nowhere = -1;

    private Step[] _steps = new Step[64];
    private int _length;

    /// <summary>Starts over.</summary>
    /// <param name="length">UTF-16 units of the piece.</param>
    public void Reset(int length)
    {
        if (_steps.Length <= length)
            _steps = new Step[Math.Max(length + 1, _steps.Length * 2)];
        _steps.AsSpan(0, length + 1).Fill(new Step { From = Nowhere });
        _length = length;
    }

    /// <summary>Sum of scores of the best way to a place.</summary>
    public double ScoreAt(int place) => _steps[place].Score;

    /// <summary>Takes a token into account; of equal sums the one offered first stays.</summary>
    /// <param name="from">Where it starts.</param>
    /// <param name="to">Where it ends.</param>
    /// <param name="id">Its id.</param>
    /// <param name="score">The sum of scores to its end.</param>
    /// <returns>Whether it is the best so far.</returns>
    public bool Offer(int from, int to, int id, double score)
    {
        ref Step step = ref _steps[to];
        if (step.From != Nowhere && !(score > step.Score))
            return false;
        step.From = from;
        step.Id = id;
        step.Score = score;
        return true;
    }

    /// <summary>Turns the best way round, so that <see cref="Next"/> leads from the start to the end.</summary>
    public void Turn()
    {
        for (int to = _length; to > 0; to = _steps[to].From)
            _steps[_steps[to].From].Next = to;
    }

    /// <summary>Where the token that starts at a place of the best way ends.</summary>
    public int Next(int place) => _steps[place].Next;

    /// <summary>The token that ends at a place of the best way.</summary>
    public int IdBefore(int place) => _steps[place].Id;

    private struct Step
    {
        public double Score;
        public int From, Id, Next;
    }
}
