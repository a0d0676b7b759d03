namespace Polymodal.Providers.Local.Tokenization;

/// <summary>What a step does.</summary>
internal enum RegexStepKind
{
    /// <summary>The match is found.</summary>
    Accept,

    /// <summary>Takes a character of a set.</summary>
    Set,

    /// <summary>Takes characters of a set, as many as there are.</summary>
    Loop,

    /// <summary>Takes characters of a set, as few as lead to a match.</summary>
    LazyLoop,

    /// <summary>Goes on with the first branch that leads to a match.</summary>
    Branches,

    /// <summary>Takes what a part matches first.</summary>
    Atomic,

    /// <summary>Asks whether a part matches from here on.</summary>
    Ahead,

    /// <summary>Asks whether a part matches up to here.</summary>
    Behind,

    /// <summary>Asks where it is.</summary>
    Place,

    /// <summary>Takes a grapheme cluster.</summary>
    Cluster,
}

/// <summary>One step of a compiled regex. Each place in the pattern is a step of its own, so what follows it is always the same.</summary>
internal sealed class RegexStep(RegexStepKind kind, int number, int index)
{
    /// <summary>Its number.</summary>
    public readonly int Number = number;

    /// <summary>What it does.</summary>
    public readonly RegexStepKind Kind = kind;

    /// <summary>Its number among those at which a match may have to be taken up again; −1 for others.</summary>
    public readonly int Index = index;

    /// <summary>What comes after it.</summary>
    public RegexStep Next = null!;

    /// <summary>Whether the set has the characters of a class; for the end of a line, whether they are line feeds.</summary>
    public bool[] Has = [];

    /// <summary>How many characters at least and at most.</summary>
    public int Min, Max;

    /// <summary>Whether fewer characters than there are can never lead to a match, so that they need not be tried.</summary>
    public bool IsPossessive;

    /// <summary>The branches.</summary>
    public RegexStep[] Branches = [];

    /// <summary>For each class the branches that can start with it, the first in the lowest bit. The last item is for the end of the text.</summary>
    public ulong[] Candidates = [];

    /// <summary>The part that <see cref="RegexStepKind.Atomic"/> and the questions run on their own; of Behind the alternatives.</summary>
    public RegexStep[] Parts = [];

    /// <summary>How many code points each of <see cref="Parts"/> has; only for Behind.</summary>
    public int[] Widths = [];

    /// <summary>Whether the answer must be no.</summary>
    public bool IsNegative;

    /// <summary>What is asked of the place.</summary>
    public RegexPlaceKind Place;
}
