namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Character properties of regexes by the names Oniguruma knows them by.</summary>
internal static class RegexProperties
{
    private static readonly Dictionary<string, string> LongNames = new()
    {
        ["letter"] = "L",
        ["mark"] = "M",
        ["number"] = "N",
        ["punctuation"] = "P",
        ["punct"] = "P",
        ["symbol"] = "S",
        ["separator"] = "Z",
        ["other"] = "C",
        ["uppercaseletter"] = "Lu",
        ["lowercaseletter"] = "Ll",
        ["titlecaseletter"] = "Lt",
        ["modifierletter"] = "Lm",
        ["otherletter"] = "Lo",
        ["nonspacingmark"] = "Mn",
        ["spacingmark"] = "Mc",
        ["enclosingmark"] = "Me",
        ["decimalnumber"] = "Nd",
        ["letternumber"] = "Nl",
        ["othernumber"] = "No",
        ["connectorpunctuation"] = "Pc",
        ["dashpunctuation"] = "Pd",
        ["openpunctuation"] = "Ps",
        ["closepunctuation"] = "Pe",
        ["initialpunctuation"] = "Pi",
        ["finalpunctuation"] = "Pf",
        ["otherpunctuation"] = "Po",
        ["mathsymbol"] = "Sm",
        ["currencysymbol"] = "Sc",
        ["modifiersymbol"] = "Sk",
        ["othersymbol"] = "So",
        ["spaceseparator"] = "Zs",
        ["lineseparator"] = "Zl",
        ["paragraphseparator"] = "Zp",
        ["control"] = "Cc",
        ["format"] = "Cf",
        ["surrogate"] = "Cs",
        ["privateuse"] = "Co",
        ["unassigned"] = "Cn",
    };

    /// <summary>A property of <c>\p{…}</c>: a category, a script, a binary property or a POSIX name; null when it is not known.</summary>
    /// <param name="name">Its name; case, spaces, hyphens and underscores do not count.</param>
    public static CodePointSet? Find(string name)
    {
        UnicodeSets sets = UnicodeSets.Instance;
        string plain = Plain(name);
        if (plain == "any")
            return CodePointSet.All;
        if (plain == "assigned")
            return sets["category Cn"].Complement();
        string category = LongNames.GetValueOrDefault(plain) ?? sets.Names("category").FirstOrDefault(known => Plain(known) == plain) ?? plain.ToUpperInvariant();
        if (category.Length == 1 && category[0] is 'L' or 'M' or 'N' or 'P' or 'S' or 'Z' or 'C')
            return CodePointSet.Union(sets.Names("category").Where(known => known[0] == category[0]).Select(known => sets["category " + known]));
        if (plain == "lc")
            return CodePointSet.Union(sets["category Lu"], sets["category Ll"], sets["category Lt"]);
        if (sets.Find("category " + category) is { } found)
            return found;
        foreach (string kind in (string[])["script", "property"])
        {
            if (sets.Names(kind).FirstOrDefault(known => Plain(known) == plain) is { } known)
                return sets[$"{kind} {known}"];
        }

        return FindPosix(plain);
    }

    /// <summary>A bracket of POSIX as Unicode has it; null when it is not known.</summary>
    public static CodePointSet? FindPosix(string name)
    {
        UnicodeSets sets = UnicodeSets.Instance;
        return name switch
        {
            "alpha" => sets["property Alphabetic"],
            "upper" => sets["property Uppercase"],
            "lower" => sets["property Lowercase"],
            "digit" => sets["category Nd"],
            "alnum" => CodePointSet.Union(sets["property Alphabetic"], sets["category Nd"]),
            "xdigit" => CodePointSet.Of([('0', '9'), ('A', 'F'), ('a', 'f')]),
            "space" => sets["rule space"],
            "blank" => CodePointSet.Union(sets["category Zs"], CodePointSet.Of('\t')),
            "cntrl" => sets["category Cc"],
            "word" => sets["rule word"],
            "ascii" => CodePointSet.Range(0, 0x7F),
            "punct" or "posixpunct" => CodePointSet.Union(Find("P")!, Find("S")!),
            "graph" => Unprinted(sets["rule space"]),
            "print" => Unprinted(CodePointSet.None),
            _ => null,
        };

        CodePointSet Unprinted(CodePointSet more) => CodePointSet.Union(sets["category Cc"], sets["category Cn"], sets["category Cs"], more).Complement();
    }

    private static string Plain(string name) => string.Concat(name.Where(character => character is not (' ' or '-' or '_'))).ToLowerInvariant();
}
