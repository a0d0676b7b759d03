using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Tests.Tokenization;

/// <summary>The regex engine: what the syntax means, that both ways of matching agree, and that no text makes it hang.</summary>
public sealed class TextPatternTests
{
    public static TheoryData<string> SplitPatterns => [.. TokenizerFixtures.Json("regex.json.gz").GetProperty("patterns").EnumerateObject().SelectMany(pattern => Regexes(pattern.Value)).Distinct()];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 10)];

    [Theory, MemberData(nameof(SplitPatterns))]
    public void Table_and_trying_find_the_same_in_every_text(string regex)
    {
        TextPattern table = TextPattern.Regex(regex), trying = TextPattern.RegexWithoutTable(regex);
        Assert.True(table.HasTable);
        foreach (string text in TokenizerFixtures.Texts.Values.Concat(Passages()))
            Assert.Equal(Matches(trying, text), Matches(table, text));
    }

    [Theory]
    [InlineData("$", "a\nb\n", "1-1 3-3 4-4")]
    [InlineData("^", "a\nb\n", "0-0 2-2")]
    [InlineData(@"\A|\z", "a\nb", "0-0 3-3")]
    [InlineData(@"\Z", "a\n", "1-1 2-2")]
    [InlineData("a.", "a\nab", "2-4")]
    [InlineData("(?m:a.)", "a\nab", "0-2 2-4")]
    [InlineData(@"\h+", "0fgF", "0-2 3-4")]
    [InlineData(@"\R", "a\r\nb\u2028", "1-3 4-5")]
    [InlineData(@"\X", "e\u0301x", "0-2 2-3")]
    [InlineData(@"\p{L}", "\U00010400\U0001D400", "0-2 2-4")]
    [InlineData(@"\p{^L}+", "a12b", "1-3")]
    [InlineData(@"\P{L}+", "a12b", "1-3")]
    [InlineData(@"\p{Hiragana}+|\p{han}", "あいア日", "0-2 3-4")]
    [InlineData("(?i:'s|K)", "'\u017Fk\u212A", "0-2 2-3 3-4")]
    [InlineData("(?i)[^a]", "aAb", "2-3")]
    [InlineData("a(?i)b|c", "aBaC", "0-2 2-4")]
    [InlineData("(?i)a(?-i)b|(?-i:c)", "AbABC", "0-2")]
    [InlineData("a{2}?", "aaa", "0-2 3-3")]
    [InlineData("a{1,2}+b", "aaaab", "0-5")]
    [InlineData("a{,2}", "aaa", "0-2 2-3")]
    [InlineData("a{,}", "a{,}", "0-4")]
    [InlineData("a{x", "a{x", "0-3")]
    [InlineData("a++a", "aaa", "")]
    [InlineData("(?>a|ab)c", "abc", "")]
    [InlineData("(?:a|ab)c", "abc", "0-3")]
    [InlineData("a+?b??", "aab", "0-1 1-2")]
    [InlineData("(?<=ab|c)d", "abdcdd", "2-3 4-5")]
    [InlineData("(?<!a)b", "abb", "2-3")]
    [InlineData(@"\bé", "aé é", "3-4")]
    [InlineData(@"\Ba", "aa", "1-2")]
    [InlineData("[a-c&&[^b]]", "abcd", "0-1 2-3")]
    [InlineData("[[:alpha:][:digit:]]+|[[:^space:]]", "a1 !", "0-2 3-4")]
    [InlineData(@"[\]\-\\a-]+", @"-]\a", "0-4")]
    [InlineData("[]a]", "a]", "0-1 1-2")]
    [InlineData(@"[\x{1F600}-\x{1F64F}]", "😀", "0-2")]
    [InlineData(@"\u00e9\x41[\101]\t", "éAA\t", "0-4")]
    [InlineData("(?x) a b # c\n d", "abd", "0-3")]
    [InlineData("a(?#no)b", "ab", "0-2")]
    [InlineData("(?<name>a)(?'other'b)", "ab", "0-2")]
    [InlineData("x*", "axb", "0-0 1-2 3-3")]
    [InlineData("😀+", "😀😀", "0-4")]
    public void Means_what_it_means_in_Oniguruma(string regex, string text, string matches)
    {
        Assert.Equal(matches, string.Join(' ', Matches(TextPattern.Regex(regex), text).Select(match => $"{match.Start}-{match.End}")));
        Assert.Equal(matches, string.Join(' ', Matches(TextPattern.RegexWithoutTable(regex), text).Select(match => $"{match.Start}-{match.End}")));
    }

    [Theory]
    [InlineData("(", "end pattern with unmatched parenthesis")]
    [InlineData("a)", "unmatched ')'")]
    [InlineData("[a", "too early")]
    [InlineData("[]", "empty char-class")]
    [InlineData("[b-a]", "empty range")]
    [InlineData("*", "target of repeat operator is not specified")]
    [InlineData("(?s:.)", "undefined group option")]
    [InlineData(@"\p{Script=Han}", "invalid character property name")]
    [InlineData("\\", "end pattern at escape")]
    public void Is_refused_where_Oniguruma_refuses_it(string regex, string problem) =>
        Assert.Contains(problem, Assert.Throws<FormatException>(() => TextPattern.Regex(regex)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(@"(a)\1", @"\1")]
    [InlineData(@"(?<n>a)\k<n>", @"\k")]
    [InlineData(@"a\Kb", @"\K")]
    [InlineData(@"\Ga", @"\G")]
    [InlineData("(?<=a+)b", "a look-behind of varying width")]
    [InlineData("(?:a|b?)*", "a repeat without limit of what can be empty")]
    [InlineData("(?(1)a)", "the group (?(…)")]
    [InlineData("(?~a)", "the group (?~…)")]
    [InlineData("(*FAIL)", "the callout (*…)")]
    [InlineData("(?i:strasse)", "'ss' without regard to case")]
    [InlineData("(?i:ß)", "'ß' without regard to case")]
    [InlineData("a{1001}", "a count above 1000")]
    [InlineData("a{3,1}", "the count {3,1}")]
    public void Names_what_is_not_supported(string regex, string what)
    {
        using JsonDocument json = JsonDocument.Parse(JsonSerializer.Serialize(new Dictionary<string, string> { ["Regex"] = regex }));
        string message = Assert.Throws<NotSupportedException>(() => TextPattern.Read(new JsonPart("tokenizer.json", "pre_tokenizer.pattern", json.RootElement))).Message;
        Assert.StartsWith("tokenizer.json: pre_tokenizer.pattern.Regex '", message, StringComparison.Ordinal);
        Assert.Contains($"uses {what}", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(@"\s+$", " ", "x")]
    [InlineData(@"\s+\z", " ", "x")]
    [InlineData("(?:a+)+$", "a", "b")]
    [InlineData("(?:a|aa)+$", "a", "b")]
    [InlineData(@"(?:a*b?)c\b", "a", "d")]
    [InlineData(@"\b(?:\w+\s*)+!", "word ", ".")]
    [InlineData("(?:(?:a?){30}){30}b", "a", "c")]
    [InlineData("a(?=a*b)", "a", "c")]
    public void No_text_makes_it_hang(string regex, string repeated, string last)
    {
        string text = string.Concat(Enumerable.Repeat(repeated, 20_000)) + last;
        var scratch = new RegexScratch();
        try
        {
            RegexMatches matches = TextPattern.Regex(regex).Matches(text, scratch);
            Assert.False(matches.TryNext(out _, out _));
        }
        catch (InvalidDataException exception)
        {
            Assert.Contains("Cut the text into shorter ones", exception.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>.NET's engine looks for matches in the same order; over ASCII the two mean the same, but for atomic groups in or under others, which it joins.</summary>
    [Theory, MemberData(nameof(Seeds))]
    public void Random_patterns_match_like_those_of_another_backtracking_engine(int seed)
    {
        var random = new Random(seed);
        int compared = 0;
        for (int i = 0; i < 60; i++)
        {
            string regex = RandomRegex(random, depth: 3);
            TextPattern table, trying;
            try
            {
                (table, trying) = (TextPattern.Regex(regex), TextPattern.RegexWithoutTable(regex));
            }
            catch (NotSupportedException)
            {
                continue;
            }

            var oracle = new System.Text.RegularExpressions.Regex(regex, System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(30));
            for (int round = 0; round < 10; round++)
            {
                string text = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => "abc"[random.Next(3)]));
                Match first = oracle.Match(text);
                (int, int)? expected = first.Success ? (first.Index, first.Index + first.Length) : null;
                Assert.Equal((regex, text, expected), (regex, text, First(trying, text)));
                Assert.Equal((regex, text, expected), (regex, text, First(table, text)));
                compared++;
            }
        }

        Assert.True(compared > 200, $"{compared} texts");
    }

    private static string RandomRegex(Random random, int depth)
    {
        string Item() => random.Next(depth == 0 ? 4 : 9) switch
        {
            0 or 1 => "abc"[random.Next(3)].ToString(),
            2 => "[ab]",
            3 => "[^a]",
            4 => $"(?:{RandomRegex(random, depth - 1)})",
            5 => $"(?={RandomRegex(random, depth - 1)})",
            6 => $"(?!{RandomRegex(random, depth - 1)})",
            7 => $"(?>{RandomRegex(random, depth: 0)})",
            _ => random.Next(2) == 0 ? "(?<=a|bc)" : "(?<!b)",
        };
        string Quantified()
        {
            string item = Item();
            return item.StartsWith("(?>", StringComparison.Ordinal) || item.StartsWith("(?=", StringComparison.Ordinal) || item.StartsWith("(?!", StringComparison.Ordinal) || item.StartsWith("(?<", StringComparison.Ordinal)
                ? item : item + new[] { "", "", "", "?", "*", "+", "{2}", "{1,2}", "{2,}", "??", "*?", "+?" }[random.Next(12)];
        }

        var regex = new StringBuilder();
        for (int branch = random.Next(1, 3); branch > 0; branch--)
        {
            for (int item = random.Next(1, 4); item > 0; item--)
                regex.Append(Quantified());
            regex.Append(branch > 1 ? "|" : "");
        }

        return regex.ToString();
    }

    private static (int, int)? First(TextPattern pattern, string text)
    {
        RegexMatches matches = pattern.Matches(text, new RegexScratch());
        return matches.TryNext(out int start, out int end) ? (start, end) : null;
    }

    private static List<(int Start, int End)> Matches(TextPattern pattern, string text)
    {
        var found = new List<(int, int)>();
        RegexMatches matches = pattern.Matches(text, new RegexScratch());
        while (matches.TryNext(out int start, out int end))
            found.Add((start, end));
        return found;
    }

    private static IEnumerable<string> Passages() =>
        File.ReadLines(Path.Combine(Repository.Reference("evaluation"), "facts", "corpus.jsonl")).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("text").GetString()!);

    private static IEnumerable<string> Regexes(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object when value.TryGetProperty("Regex", out JsonElement regex) => [regex.GetString()!],
        JsonValueKind.Object when value.TryGetProperty("config", out JsonElement configuration) => Regexes(configuration),
        JsonValueKind.Object => value.EnumerateObject().SelectMany(property => Regexes(property.Value)),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(Regexes),
        _ => [],
    };
}
