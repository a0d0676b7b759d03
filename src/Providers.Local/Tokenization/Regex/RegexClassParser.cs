namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Reads what stands for one code point: bracket classes, properties and escapes.</summary>
internal sealed class RegexClassParser(RegexReader reader)
{
    /// <summary>Everything but the line feed.</summary>
    public static readonly CodePointSet NotLineFeed = CodePointSet.Of('\n').Complement();

    /// <summary><c>\R</c></summary>
    public static readonly RegexNode LineBreak = new RegexAtomic(new RegexAlternatives([
        new RegexSequence([new RegexSet(CodePointSet.Of('\r')), new RegexSet(CodePointSet.Of('\n'))]),
        new RegexSet(CodePointSet.Of([('\n', '\r'), (0x85, 0x85), (0x2028, 0x2029)]))]));

    private static readonly CodePointSet HexDigits = CodePointSet.Of([('0', '9'), ('A', 'F'), ('a', 'f')]);

    private const int DeepestNesting = 200;

    private int _depth;

    /// <summary>Reads a bracket class behind its opening bracket.</summary>
    public CodePointSet Read(RegexOptions options)
    {
        CodePointSet set = Class(out bool isNegative);
        if (options.IgnoresCase)
            set = UnicodeSets.Instance.WithAllCases(set);
        return isNegative ? set.Complement() : set;
    }

    /// <summary>Reads an escape behind its backslash.</summary>
    /// <param name="options">Options that are on.</param>
    /// <param name="codePoint">The one code point that is meant, or −1.</param>
    public CodePointSet Escape(RegexOptions options, out int codePoint)
    {
        codePoint = -1;
        int letter = reader.Take();
        UnicodeSets sets = UnicodeSets.Instance;
        switch (letter)
        {
            case 'd':
                return sets["category Nd"];
            case 'D':
                return sets["category Nd"].Complement();
            case 'w':
                return sets["rule word"];
            case 'W':
                return sets["rule word"].Complement();
            case 's':
                return sets["rule space"];
            case 'S':
                return sets["rule space"].Complement();
            case 'h':
                return HexDigits;
            case 'H':
                return HexDigits.Complement();
            case 'p' or 'P':
                CodePointSet property = Property(isNegative: letter == 'P');
                return options.IgnoresCase ? sets.WithAllCases(property) : property;
            default:
                codePoint = Character(letter);
                return CodePointSet.Of(codePoint);
        }
    }

    private int Character(int letter)
    {
        switch (letter)
        {
            case 't':
                return '\t';
            case 'n':
                return '\n';
            case 'v':
                return '\v';
            case 'f':
                return '\f';
            case 'r':
                return '\r';
            case 'a':
                return '\a';
            case 'e':
                return 0x1B;
            case 'x' when reader.TryTake('{'):
                int braced = reader.Digits(16, 8);
                if (!reader.TryTake('}'))
                    throw reader.Damaged("invalid code point value");
                return Valid(braced);
            case 'x':
                int value = Math.Max(reader.Digits(16, 2), 0);
                return value < 0x80 ? value : throw reader.Unsupported("a byte above 7F written \\x");
            case 'u':
                return Valid(reader.Digits(16, 4));
            case >= '0' and <= '7':
                int octal = letter - '0';
                for (int i = 0; i < 2 && reader.Digits(8, 1) is var digit and >= 0; i++)
                    octal = (octal * 8) + digit;
                return octal < 0x80 ? octal : throw reader.Unsupported("a byte above \\177 written in octal");
            case 'c' or 'C' or 'M':
                throw reader.Unsupported($"\\{(char)letter}");
            default:
                return letter;
        }
    }

    private int Valid(int codePoint) => codePoint is >= 0 and <= CodePointSet.Last ? codePoint : throw reader.Damaged("invalid code point value");

    private CodePointSet Property(bool isNegative)
    {
        if (!reader.TryTake('{'))
            throw reader.Damaged("invalid character property name {p}");
        isNegative ^= reader.TryTake('^');
        var name = new System.Text.StringBuilder();
        while (!reader.TryTake('}'))
            name.Append(char.ConvertFromUtf32(reader.Take()));
        CodePointSet set = RegexProperties.Find(name.ToString())
            ?? throw reader.Damaged($"invalid character property name {{{JsonPart.Shortened(name.ToString())}}}");
        return isNegative ? set.Complement() : set;
    }

    private CodePointSet Class(out bool isNegative)
    {
        if (++_depth > DeepestNesting)
            throw reader.Unsupported($"brackets nested deeper than {DeepestNesting}");
        isNegative = reader.TryTake('^');
        var parts = new List<CodePointSet>();
        CodePointSet? intersection = null;
        bool isFirst = true;
        while (isFirst || !reader.Sees(']'))
        {
            if (isFirst && reader.Sees(']') && !HasFurtherBracket())
                throw reader.Damaged("empty char-class");
            isFirst = false;
            if (reader.TryTake("&&"))
            {
                intersection = Both(intersection, parts);
                parts.Clear();
                continue;
            }

            CodePointSet item = Item(out int first);
            if (first >= 0 && reader.Sees('-') && TryRangeEnd(out int last))
                item = last >= first ? CodePointSet.Range(first, last) : throw reader.Damaged("empty range in char class");
            parts.Add(item);
        }

        reader.Take();
        _depth--;
        return intersection is null ? CodePointSet.Union(parts) : Both(intersection, parts);
    }

    // A bracket that closes at once stands for itself, when another one closes the class.
    private bool HasFurtherBracket() => reader.HasLater(']');

    private static CodePointSet Both(CodePointSet? intersection, List<CodePointSet> parts)
    {
        var set = CodePointSet.Union(parts);
        return intersection is null ? set : intersection.Intersect(set);
    }

    /// <summary>The end of a range behind its hyphen, which is left in place when it ends the class or stands before another class.</summary>
    private bool TryRangeEnd(out int last)
    {
        last = -1;
        if (reader.PeekSecond() is ']' or '[' or -1)
            return false;
        reader.Take();
        Item(out last);
        return last >= 0 ? true : throw reader.Unsupported("a class as the end of a range");
    }

    private CodePointSet Item(out int codePoint)
    {
        codePoint = -1;
        int taken = reader.Take();
        if (taken == '[' && reader.TryTake(':'))
            return Posix();
        if (taken == '[')
        {
            CodePointSet inner = Class(out bool isNegative);
            return isNegative ? inner.Complement() : inner;
        }

        if (taken == '\\' && reader.TryTake('b'))
            codePoint = '\b';
        else if (taken == '\\' && reader.Peek() is 'R' or 'X' or 'K')
            throw reader.Unsupported("\\R, \\X or \\K in a class");
        else if (taken == '\\')
            return Escape(default, out codePoint);
        else
            codePoint = taken;
        return CodePointSet.Of(codePoint);
    }

    private CodePointSet Posix()
    {
        bool isNegative = reader.TryTake('^');
        var name = new System.Text.StringBuilder();
        while (!reader.TryTake(":]"))
            name.Append(char.ConvertFromUtf32(reader.Take()));
        CodePointSet set = RegexProperties.FindPosix(name.ToString()) ?? throw reader.Unsupported($"the bracket [:{JsonPart.Shortened(name.ToString())}:]");
        return isNegative ? set.Complement() : set;
    }
}
