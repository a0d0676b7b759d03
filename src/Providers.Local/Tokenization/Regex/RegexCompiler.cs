namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Turns the tree of a regex into steps.</summary>
internal sealed class RegexCompiler
{
    private const int MostSteps = 20_000, MostBranches = 64;

    private static readonly CodePointSet LineFeed = CodePointSet.Of('\n');

    private readonly List<RegexStep> _steps = [];
    private readonly Dictionary<RegexStep, First> _firsts = [];
    private readonly CharacterClasses _classes;
    private int _indexes;

    private RegexCompiler(CharacterClasses classes)
    {
        _classes = classes;
    }

    /// <summary>Compiles a tree.</summary>
    /// <exception cref="NotSupportedException">It is too large.</exception>
    public static RegexSteps Compile(RegexNode node)
    {
        var classes = new CharacterClasses(SetsOf(node));
        var compiler = new RegexCompiler(classes);
        RegexStep start = compiler.Before(node, compiler.Step(RegexStepKind.Accept));
        foreach (RegexStep step in compiler._steps.ToArray())
            compiler.Finish(step);
        First first = compiler.FirstOf(start);
        return new RegexSteps(start, classes.Table, classes.Count, [.. first.Has, first.IsEnd], compiler._indexes);
    }

    /// <summary>The one text that a tree matches, or null.</summary>
    public static string? LiteralOf(RegexNode node)
    {
        IReadOnlyList<RegexNode> nodes = node is RegexSequence sequence ? sequence.Nodes : [node];
        return nodes.Count > 0 && nodes.All(part => part is RegexSet { Set.Single: >= 0 })
            ? string.Concat(nodes.Select(part => char.ConvertFromUtf32(((RegexSet)part).Set.Single))) : null;
    }

    private static IEnumerable<CodePointSet> SetsOf(RegexNode node) => node switch
    {
        RegexSet set => [set.Set],
        RegexSequence sequence => sequence.Nodes.SelectMany(SetsOf),
        RegexAlternatives alternatives => alternatives.Nodes.SelectMany(SetsOf),
        RegexRepeat repeat => SetsOf(repeat.Node),
        RegexAtomic atomic => SetsOf(atomic.Node),
        RegexLook look => SetsOf(look.Node),
        RegexPlace { Kind: RegexPlaceKind.LineEnd } => [LineFeed],
        _ => [],
    };

    /// <summary>The first step of a part that is followed by a step.</summary>
    private RegexStep Before(RegexNode node, RegexStep next)
    {
        switch (node)
        {
            case RegexSequence sequence:
                return sequence.Nodes.Reverse().Aggregate(next, (after, part) => Before(part, after));
            case RegexSet set:
                RegexStep step = Step(RegexStepKind.Set, next);
                step.Has = _classes.Of(set.Set);
                return step;
            case RegexAlternatives alternatives:
                return Branches([.. alternatives.Nodes.Select(branch => Before(branch, next))]);
            case RegexRepeat repeat:
                return Repeat(repeat, next);
            case RegexAtomic atomic:
                RegexStep alone = Step(RegexStepKind.Atomic, next);
                alone.Parts = [Before(atomic.Node, Step(RegexStepKind.Accept))];
                return alone;
            case RegexLook look:
                return Look(look, next);
            case RegexPlace place:
                RegexStep where = Step(RegexStepKind.Place, next);
                where.Place = place.Kind;
                where.Has = place.Kind == RegexPlaceKind.LineEnd ? _classes.Of(LineFeed) : [];
                return where;
            default:
                return Step(RegexStepKind.Cluster, next);
        }
    }

    private RegexStep Repeat(RegexRepeat repeat, RegexStep next)
    {
        if (repeat.Node is RegexSet set)
        {
            RegexStep loop = Step(repeat.IsLazy ? RegexStepKind.LazyLoop : RegexStepKind.Loop, next, isIndexed: true);
            loop.Has = _classes.Of(set.Set);
            (loop.Min, loop.Max) = (repeat.Min, repeat.Max);
            return loop;
        }

        RegexStep step = next;
        if (repeat.Max == int.MaxValue)
        {
            step = Branches(new RegexStep[2]);
            RegexStep again = Before(repeat.Node, step);
            (step.Branches[0], step.Branches[1]) = repeat.IsLazy ? (next, again) : (again, next);
        }
        else
        {
            for (int i = repeat.Min; i < repeat.Max; i++)
            {
                RegexStep once = Before(repeat.Node, step);
                step = Branches(repeat.IsLazy ? [next, once] : [once, next]);
            }
        }

        for (int i = 0; i < repeat.Min; i++)
            step = Before(repeat.Node, step);
        return step;
    }

    private RegexStep Look(RegexLook look, RegexStep next)
    {
        RegexStep step = Step(look.IsBehind ? RegexStepKind.Behind : RegexStepKind.Ahead, next);
        step.IsNegative = look.IsNegative;
        IReadOnlyList<RegexNode> parts = look.IsBehind && look.Node is RegexAlternatives several ? several.Nodes : [look.Node];
        step.Parts = [.. parts.Select(part => Before(part, Step(RegexStepKind.Accept)))];
        step.Widths = [.. parts.Select(part => part.Width)];
        return step;
    }

    private RegexStep Branches(RegexStep[] branches)
    {
        // The last of a full set of branches holds the others.
        if (branches.Length > MostBranches)
            branches = [.. branches[..(MostBranches - 1)], Branches(branches[(MostBranches - 1)..])];
        RegexStep step = Step(RegexStepKind.Branches, isIndexed: true);
        step.Branches = branches;
        return step;
    }

    private RegexStep Step(RegexStepKind kind, RegexStep? next = null, bool isIndexed = false)
    {
        if (_steps.Count >= MostSteps)
            throw new NotSupportedException($"more than {MostSteps} steps");
        var step = new RegexStep(kind, _steps.Count, isIndexed ? _indexes++ : -1);
        step.Next = next ?? step;
        _steps.Add(step);
        return step;
    }

    /// <summary>Works out what need not be tried.</summary>
    private void Finish(RegexStep step)
    {
        if (step.Kind == RegexStepKind.Loop)
        {
            First next = FirstOf(step.Next);
            step.IsPossessive = step.Next.Kind == RegexStepKind.Accept || !(next.IsEnd || step.Has.Zip(next.Has, (inLoop, inNext) => inLoop && inNext).Any(both => both));
        }
        else if (step.Kind == RegexStepKind.Branches)
        {
            First[] firsts = [.. step.Branches.Select(FirstOf)];
            step.Candidates = new ulong[_classes.Count + 1];
            for (int branch = 0; branch < firsts.Length; branch++)
            {
                for (int number = 0; number < _classes.Count; number++)
                    step.Candidates[number] |= firsts[branch].Has[number] ? 1UL << branch : 0;
                step.Candidates[^1] |= firsts[branch].IsEnd ? 1UL << branch : 0;
            }
        }
    }

    /// <summary>What a match from a step on can start with; rather too much than too little.</summary>
    private First FirstOf(RegexStep step)
    {
        if (_firsts.TryGetValue(step, out First? known))
            return known;
        _firsts[step] = First.Nothing(_classes.Count); // Of a repeat, which takes at least one character before it comes back here.
        First first = step.Kind switch
        {
            RegexStepKind.Set => new First(step.Has, IsEnd: false),
            RegexStepKind.Loop or RegexStepKind.LazyLoop => step.Min > 0 ? new First(step.Has, IsEnd: false) : new First(step.Has, IsEnd: false).Or(FirstOf(step.Next)),
            RegexStepKind.Branches => step.Branches.Select(FirstOf).Aggregate((all, branch) => all.Or(branch)),
            RegexStepKind.Atomic when !FirstOf(step.Parts[0]).IsEnd => FirstOf(step.Parts[0]),
            RegexStepKind.Atomic or RegexStepKind.Ahead or RegexStepKind.Behind or RegexStepKind.Place => FirstOf(step.Next),
            _ => First.Everything(_classes.Count),
        };
        if (step.Kind == RegexStepKind.Atomic && FirstOf(step.Parts[0]) is { IsEnd: true } part)
            first = first.Or(part);
        return _firsts[step] = first;
    }

    /// <summary>The classes that something can start with, and whether it can match at the end of the text.</summary>
    private sealed record First(bool[] Has, bool IsEnd)
    {
        public static First Nothing(int classes) => new(new bool[classes], IsEnd: false);

        public static First Everything(int classes) => new([.. Enumerable.Repeat(true, classes)], IsEnd: true);

        public First Or(First other) => new([.. Has.Zip(other.Has, (one, two) => one || two)], IsEnd || other.IsEnd);
    }
}

/// <summary>A compiled regex.</summary>
/// <param name="Start">Its first step.</param>
/// <param name="Classes">The class of each character.</param>
/// <param name="ClassCount">How many classes there are.</param>
/// <param name="CanStart">For each class whether a match can start with it; the last item is for the end of the text.</param>
/// <param name="IndexCount">How many steps have a <see cref="RegexStep.Index"/>.</param>
internal sealed record RegexSteps(RegexStep Start, CodePointTable Classes, int ClassCount, bool[] CanStart, int IndexCount);
