namespace Polymodal.Providers.Local.Tokenization;

/// <summary>The memory that a search needs, kept for the next one.</summary>
/// <remarks>Not safe for concurrent use.</remarks>
internal sealed class RegexScratch
{
    private (RegexStep Step, int Position, long Left)[] _choices = new (RegexStep, int, long)[64];
    private ulong[] _visited = [];
    private LoopRun[] _runs = [];
    private int _length;

    /// <summary>How many places there are at which the match may be taken up again.</summary>
    public int Count { get; private set; }

    /// <summary>What was done in this text so far, in tried choices and characters.</summary>
    public long Work { get; set; }

    /// <summary>What of it was done when the last match was found.</summary>
    public long WorkBeforeMatch { get; private set; }

    /// <summary>Whether places are remembered from which there is no match.</summary>
    public bool Remembers { get; private set; }

    /// <summary>Starts the search in a text.</summary>
    public void Start()
    {
        Count = 0;
        Work = 0;
        EndMatch();
    }

    /// <summary>Forgets the places: what has led to a match may lead to another one.</summary>
    public void EndMatch()
    {
        WorkBeforeMatch = Work;
        Remembers = false;
    }

    /// <summary>Remembers from now on.</summary>
    /// <param name="indexes">How many steps have an index.</param>
    /// <param name="length">The text's length.</param>
    public void Remember(int indexes, int length)
    {
        Remembers = true;
        _length = length + 1;
        int words = checked((int)((((long)indexes * _length) + 63) >> 6));
        if (_visited.Length < words)
            _visited = new ulong[words];
        else
            _visited.AsSpan(0, words).Clear();
        if (_runs.Length < indexes)
            _runs = new LoopRun[indexes];
        else
            _runs.AsSpan(0, indexes).Clear();
    }

    /// <summary>Notes that a step was tried at a place; false when it was before, and so cannot lead to a match.</summary>
    public bool IsNew(RegexStep step, int position)
    {
        long bit = ((long)step.Index * _length) + position;
        ref ulong word = ref _visited[bit >> 6];
        ulong mask = 1UL << (int)(bit & 63);
        bool isNew = (word & mask) == 0;
        word |= mask;
        return isNew;
    }

    /// <summary>The run of characters that a loop has looked at last.</summary>
    public ref LoopRun RunOf(RegexStep step) => ref _runs[step.Index];

    /// <summary>Adds a place.</summary>
    public void Push(RegexStep step, int position, long left)
    {
        if (Count == _choices.Length)
            Array.Resize(ref _choices, _choices.Length * 2);
        _choices[Count++] = (step, position, left);
    }

    /// <summary>Takes the last place away.</summary>
    public (RegexStep Step, int Position, long Left) Pop() => _choices[--Count];

    /// <summary>Forgets all but the first few places.</summary>
    public void Truncate(int count) => Count = count;
}

/// <summary>A run of characters that a loop can take.</summary>
/// <param name="Start">Where it was seen to start.</param>
/// <param name="End">Where it ends.</param>
/// <param name="Lowest">From here to the end what comes after the loop was tried everywhere, in vain.</param>
internal record struct LoopRun(int Start, int End, int Lowest);
