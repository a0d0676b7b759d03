namespace Polymodal.Providers.Local.Tokenization;

/// <summary>The syntax tree of a regex. Groups are only structure: nothing asks what they matched.</summary>
internal abstract record RegexNode
{
    /// <summary>Matches the empty text.</summary>
    public static readonly RegexNode Empty = new RegexSequence([]);

    /// <summary>Whether it can match without taking a character.</summary>
    public abstract bool CanBeEmpty { get; }

    /// <summary>How many code points every match has, or −1 when that varies.</summary>
    public abstract int Width { get; }
}

/// <summary>One code point of a set.</summary>
internal sealed record RegexSet(CodePointSet Set) : RegexNode
{
    public override bool CanBeEmpty => false;

    public override int Width => 1;
}

/// <summary>One after the other.</summary>
internal sealed record RegexSequence(IReadOnlyList<RegexNode> Nodes) : RegexNode
{
    public override bool CanBeEmpty => Nodes.All(node => node.CanBeEmpty);

    public override int Width => Nodes.Any(node => node.Width < 0) ? -1 : Nodes.Sum(node => node.Width);
}

/// <summary>The first of several that leads to a match.</summary>
internal sealed record RegexAlternatives(IReadOnlyList<RegexNode> Nodes) : RegexNode
{
    public override bool CanBeEmpty => Nodes.Any(node => node.CanBeEmpty);

    public override int Width => Nodes.All(node => node.Width == Nodes[0].Width) ? Nodes[0].Width : -1;
}

/// <summary>Several times.</summary>
/// <param name="Node">What.</param>
/// <param name="Min">At least so often.</param>
/// <param name="Max">At most so often; <see cref="int.MaxValue"/> without limit.</param>
/// <param name="IsLazy">As few times as lead to a match, not as many.</param>
internal sealed record RegexRepeat(RegexNode Node, int Min, int Max, bool IsLazy) : RegexNode
{
    public override bool CanBeEmpty => Min == 0 || Node.CanBeEmpty;

    public override int Width => Min == Max && Node.Width >= 0 ? Min * Node.Width : -1;
}

/// <summary>Only the first way in which it matches, <c>(?&gt;…)</c>; also possessive quantifiers.</summary>
internal sealed record RegexAtomic(RegexNode Node) : RegexNode
{
    public override bool CanBeEmpty => Node.CanBeEmpty;

    public override int Width => Node.Width;
}

/// <summary>Whether something matches after (or up to) this place.</summary>
/// <param name="Node">What.</param>
/// <param name="IsBehind">Up to this place; every alternative then has a fixed width.</param>
/// <param name="IsNegative">Whether it must not match.</param>
internal sealed record RegexLook(RegexNode Node, bool IsBehind, bool IsNegative) : RegexNode
{
    public override bool CanBeEmpty => true;

    public override int Width => 0;
}

/// <summary>A condition on the place.</summary>
internal sealed record RegexPlace(RegexPlaceKind Kind) : RegexNode
{
    public override bool CanBeEmpty => true;

    public override int Width => 0;
}

/// <summary>One extended grapheme cluster, <c>\X</c>.</summary>
internal sealed record RegexCluster : RegexNode
{
    public override bool CanBeEmpty => false;

    public override int Width => -1;
}

/// <summary>Conditions on a place.</summary>
internal enum RegexPlaceKind
{
    /// <summary><c>^</c>: the start, or behind a line feed that is not the last character.</summary>
    LineStart,

    /// <summary><c>$</c>: the end, or before a line feed.</summary>
    LineEnd,

    /// <summary><c>\A</c></summary>
    TextStart,

    /// <summary><c>\z</c></summary>
    TextEnd,

    /// <summary><c>\Z</c>: the end, or before a line feed that is the last character.</summary>
    LastLineEnd,

    /// <summary><c>\b</c></summary>
    WordBoundary,

    /// <summary><c>\B</c></summary>
    NoWordBoundary,
}
