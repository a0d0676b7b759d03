namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Reads the syntax of Oniguruma, in which the patterns of tokenizer.json are written, into a tree.</summary>
/// <remarks>What the syntax does not have is refused as in the reference; what it has and this reader has not is refused by name.</remarks>
internal sealed class RegexParser
{
    private const int DeepestNesting = 200, HighestCount = 1000;

    private readonly RegexReader _reader;
    private readonly RegexClassParser _classes;
    private int _depth;

    private RegexParser(string pattern)
    {
        _reader = new RegexReader(pattern);
        _classes = new RegexClassParser(_reader);
    }

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="FormatException">The pattern is damaged; the message says where.</exception>
    /// <exception cref="NotSupportedException">It uses what is not supported; the message names it.</exception>
    public static RegexNode Parse(string pattern)
    {
        var parser = new RegexParser(pattern);
        RegexNode node = parser.Alternatives(new RegexOptions());
        return parser._reader.IsAtEnd ? node : throw parser._reader.Damaged("unmatched ')'");
    }

    private RegexNode Alternatives(RegexOptions options)
    {
        if (++_depth > DeepestNesting)
            throw _reader.Unsupported($"groups nested deeper than {DeepestNesting}");
        var nodes = new List<RegexNode> { Sequence(options) };
        while (_reader.TryTake('|'))
            nodes.Add(Sequence(options));
        _depth--;
        return nodes.Count == 1 ? nodes[0] : new RegexAlternatives(nodes);
    }

    private RegexNode Sequence(RegexOptions options)
    {
        var nodes = new List<RegexNode>();
        while (!_reader.IsAtEnd && !_reader.Sees('|') && !_reader.Sees(')'))
        {
            if (options.IsExtended && _reader.TrySkipRemark())
                continue;
            if (Item(options) is { } node)
                nodes.Add(Quantified(node, options));
        }

        return nodes.Count == 1 ? nodes[0] : new RegexSequence(RegexCases.Joined(nodes, options, _reader));
    }

    /// <summary>One item without its quantifier; null for a remark.</summary>
    private RegexNode? Item(RegexOptions options)
    {
        int codePoint = _reader.Take();
        switch (codePoint)
        {
            case '(':
                return Group(options);
            case '[':
                return new RegexSet(_classes.Read(options));
            case '.':
                return new RegexSet(options.DotTakesLineFeed ? CodePointSet.All : RegexClassParser.NotLineFeed);
            case '^':
                return new RegexPlace(RegexPlaceKind.LineStart);
            case '$':
                return new RegexPlace(RegexPlaceKind.LineEnd);
            case '\\':
                return Escape(options);
            case '*' or '+' or '?':
                throw _reader.Damaged("target of repeat operator is not specified");
            default:
                return Character(codePoint, options);
        }
    }

    private RegexSet Character(int codePoint, RegexOptions options)
    {
        if (options.IgnoresCase && UnicodeSets.Instance.Expansions.ContainsKey(codePoint))
            throw _reader.Unsupported($"'{char.ConvertFromUtf32(codePoint)}' without regard to case, which is also several letters");
        return new RegexSet(options.IgnoresCase && UnicodeSets.Instance.CasesOf(codePoint) is { } cases ? cases : CodePointSet.Of(codePoint));
    }

    private RegexNode Escape(RegexOptions options)
    {
        if (_reader.IsAtEnd)
            throw _reader.Damaged("end pattern at escape");
        int letter = _reader.Peek();
        RegexNode? node = letter switch
        {
            'A' => new RegexPlace(RegexPlaceKind.TextStart),
            'z' => new RegexPlace(RegexPlaceKind.TextEnd),
            'Z' => new RegexPlace(RegexPlaceKind.LastLineEnd),
            'b' => new RegexPlace(RegexPlaceKind.WordBoundary),
            'B' => new RegexPlace(RegexPlaceKind.NoWordBoundary),
            'X' => new RegexCluster(),
            'N' => new RegexSet(RegexClassParser.NotLineFeed),
            'O' => new RegexSet(CodePointSet.All),
            'R' => RegexClassParser.LineBreak,
            _ => null,
        };
        if (node is not null)
        {
            _reader.Take();
            return node;
        }

        if (letter is 'K' or 'G' or 'y' or 'Y' or 'k' or 'g' or (>= '1' and <= '9'))
            throw _reader.Unsupported($"\\{(char)letter}");
        CodePointSet set = _classes.Escape(options, out int codePoint);
        return codePoint >= 0 ? Character(codePoint, options) : new RegexSet(set);
    }

    private RegexNode? Group(RegexOptions options)
    {
        RegexNode node;
        if (_reader.TryTake("?#"))
        {
            while (!_reader.TryTake(')'))
                _reader.Take();
            return null;
        }

        if (_reader.TryTake("?:"))
            node = Alternatives(options);
        else if (_reader.TryTake("?="))
            node = new RegexLook(Alternatives(options), IsBehind: false, IsNegative: false);
        else if (_reader.TryTake("?!"))
            node = new RegexLook(Alternatives(options), IsBehind: false, IsNegative: true);
        else if (_reader.TryTake("?<="))
            node = Behind(options, isNegative: false);
        else if (_reader.TryTake("?<!"))
            node = Behind(options, isNegative: true);
        else if (_reader.TryTake("?>"))
            node = new RegexAtomic(Alternatives(options));
        else if (_reader.TryTake("?<") || _reader.TryTake("?'"))
            node = Named(options);
        else if (_reader.TryTake("?"))
            return WithOptions(options);
        else if (_reader.Sees('*'))
            throw _reader.Unsupported("the callout (*…)");
        else
            node = Alternatives(options);
        Close();
        return node;
    }

    private RegexLook Behind(RegexOptions options, bool isNegative)
    {
        RegexNode node = Alternatives(options);
        IReadOnlyList<RegexNode> alternatives = node is RegexAlternatives several ? several.Nodes : [node];
        return alternatives.Any(alternative => alternative.Width < 0)
            ? throw _reader.Unsupported("a look-behind of varying width")
            : new RegexLook(node, IsBehind: true, isNegative);
    }

    private RegexNode Named(RegexOptions options)
    {
        while (!_reader.Sees('>') && !_reader.Sees('\''))
            _reader.Take();
        _reader.Take();
        return Alternatives(options);
    }

    /// <summary><c>(?i)</c> counts up to the end of the group around it, its further alternatives included; <c>(?i:…)</c> inside.</summary>
    private RegexNode? WithOptions(RegexOptions options)
    {
        RegexOptions inner = options;
        bool turnsOn = true;
        while (!_reader.Sees(')') && !_reader.Sees(':'))
        {
            int letter = _reader.Take();
            inner = letter switch
            {
                '-' => inner,
                'i' => inner with { IgnoresCase = turnsOn },
                'm' => inner with { DotTakesLineFeed = turnsOn },
                'x' => inner with { IsExtended = turnsOn },
                'W' or 'D' or 'S' or 'P' or 'y' or 'C' or 'I' or 'L' or '~' or '(' or '{' => throw _reader.Unsupported($"the group (?{(char)letter}…)"),
                _ => throw _reader.Damaged("undefined group option"),
            };
            turnsOn &= letter != '-';
        }

        if (_reader.TryTake(')'))
        {
            return Alternatives(inner);
        }

        _reader.Take();
        RegexNode node = Alternatives(inner);
        Close();
        return node;
    }

    private void Close()
    {
        if (!_reader.TryTake(')'))
            throw _reader.Damaged("end pattern with unmatched parenthesis");
    }

    private RegexNode Quantified(RegexNode node, RegexOptions options)
    {
        while (true)
        {
            if (options.IsExtended && _reader.TrySkipRemark())
                continue;
            if (_reader.TryTake('?'))
                node = Suffixed(node, 0, 1);
            else if (_reader.TryTake('*'))
                node = Suffixed(node, 0, int.MaxValue);
            else if (_reader.TryTake('+'))
                node = Suffixed(node, 1, int.MaxValue);
            else if (_reader.TryTakeCounts(out int min, out int max))
                node = Counted(node, min, max);
            else
                return node;
        }
    }

    private RegexNode Suffixed(RegexNode node, int min, int max)
    {
        if (_reader.TryTake('+'))
            return new RegexAtomic(Repeat(node, min, max, isLazy: false));
        return Repeat(node, min, max, _reader.TryTake('?'));
    }

    /// <summary><c>{n}?</c> is an optional one and <c>{n,m}+</c> a repeated one in this syntax, not lazy and not possessive.</summary>
    private RegexRepeat Counted(RegexNode node, int min, int max)
    {
        if (min > max)
            throw _reader.Unsupported($"the count {{{min},{max}}}");
        if (Math.Max(min, max == int.MaxValue ? 0 : max) > HighestCount)
            throw _reader.Unsupported($"a count above {HighestCount}");
        return Repeat(node, min, max, isLazy: min != max && _reader.TryTake('?'));
    }

    private RegexRepeat Repeat(RegexNode node, int min, int max, bool isLazy)
    {
        if (max == int.MaxValue && node.CanBeEmpty)
            throw _reader.Unsupported("a repeat without limit of what can be empty");

        // (?:a{1,3})+ takes what a+ takes.
        if (node is RegexRepeat { Node: RegexSet set, Min: 1, IsLazy: false } && (min, max, isLazy) == (1, int.MaxValue, false))
            return new RegexRepeat(set, 1, int.MaxValue, IsLazy: false);
        return new RegexRepeat(node, min, max, isLazy);
    }
}

/// <summary>What options of a pattern are on.</summary>
/// <param name="IgnoresCase"><c>i</c></param>
/// <param name="DotTakesLineFeed"><c>m</c></param>
/// <param name="IsExtended"><c>x</c>: white space and remarks do not count.</param>
internal readonly record struct RegexOptions(bool IgnoresCase, bool DotTakesLineFeed, bool IsExtended);
