namespace Polymodal.Providers.Local.Tokenization;

/// <summary>The steps at which a search could be, each with the characters its loop has taken, the preferred ones first.</summary>
internal sealed class RegexThreads
{
    private readonly List<(RegexStep Step, int Taken)> _threads = [];

    private RegexThreads()
    {
    }

    /// <summary>No step.</summary>
    public static RegexThreads None { get; } = new();

    /// <summary>Equal for equal lists.</summary>
    public string Key => string.Join(' ', _threads.Select(thread => $"{thread.Step.Number}.{thread.Taken}"));

    /// <summary>One step.</summary>
    public static RegexThreads At(RegexStep step)
    {
        var threads = new RegexThreads();
        threads._threads.Add((step, 0));
        return threads;
    }

    /// <summary>What comes next.</summary>
    /// <param name="number">The class of the next character.</param>
    /// <param name="isEnd">Whether there is none.</param>
    /// <returns>The steps behind the character and whether a match ends before it; null when a step asks for more than this character.</returns>
    public (RegexThreads Next, bool IsMatch)? Next(int number, bool isEnd)
    {
        var walk = new Walk(number, isEnd);
        foreach ((RegexStep step, int taken) in _threads)
        {
            walk.Go(step, taken);
            if (walk.IsMatch)
                break;
        }

        return walk.IsPossible ? (walk.Next, walk.IsMatch) : null;
    }

    /// <summary>The way through the steps that take no character.</summary>
    private sealed class Walk(int number, bool isEnd)
    {
        private readonly HashSet<(RegexStep, int)> _seen = [];
        private readonly HashSet<(RegexStep, int)> _added = [];

        public RegexThreads Next { get; } = new();

        public bool IsMatch { get; private set; }

        public bool IsPossible { get; private set; } = true;

        public void Go(RegexStep step, int taken)
        {
            if (IsMatch || !_seen.Add((step, taken)))
                return;
            switch (step.Kind)
            {
                case RegexStepKind.Accept:
                    IsMatch = true;
                    break;
                case RegexStepKind.Set:
                    if (Takes(step))
                        Add(step.Next, 0);
                    break;
                case RegexStepKind.Loop:
                    Loop(step, taken, step.IsPossessive, step, step.Next);
                    break;
                case RegexStepKind.Atomic when step.Parts[0] is { Kind: RegexStepKind.Loop, Next.Kind: RegexStepKind.Accept } loop:
                    Loop(loop, taken, isPossessive: true, step, step.Next);
                    break;
                case RegexStepKind.LazyLoop:
                    if (taken >= step.Min)
                        Go(step.Next, 0);
                    if (!IsMatch && taken < step.Max && Takes(step))
                        Add(step, Counted(step, taken));
                    break;
                case RegexStepKind.Branches:
                    foreach (RegexStep branch in step.Branches)
                        Go(branch, 0);
                    break;
                case RegexStepKind.Ahead when step.Parts[0] is { Kind: RegexStepKind.Set, Next.Kind: RegexStepKind.Accept } set:
                    if (Takes(set) != step.IsNegative)
                        Go(step.Next, 0);
                    break;
                case RegexStepKind.Place when step.Place == RegexPlaceKind.TextEnd:
                    if (isEnd)
                        Go(step.Next, 0);
                    break;
                case RegexStepKind.Place when step.Place == RegexPlaceKind.LineEnd:
                    if (isEnd || step.Has[number])
                        Go(step.Next, 0);
                    break;
                default:
                    IsPossible = false;
                    break;
            }
        }

        private void Loop(RegexStep loop, int taken, bool isPossessive, RegexStep again, RegexStep next)
        {
            bool takes = taken < loop.Max && Takes(loop);
            if (takes)
                Add(again, Counted(loop, taken));
            if (taken >= loop.Min && !(takes && isPossessive))
                Go(next, 0);
        }

        private bool Takes(RegexStep step) => !isEnd && step.Has[number];

        // Beyond the least number only a limit makes a difference.
        private static int Counted(RegexStep loop, int taken) => loop.Max == int.MaxValue ? Math.Min(taken + 1, loop.Min) : taken + 1;

        private void Add(RegexStep step, int taken)
        {
            if (_added.Add((step, taken)))
                Next._threads.Add((step, taken));
        }
    }
}
