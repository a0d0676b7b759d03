using System.Globalization;
using System.Text.Json;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Tests.Tokenization;

/// <summary>Every code point but the surrogates through every rule, against what the reference library did with it.</summary>
public sealed class UnicodeDataTests
{
    public static TheoryData<string, string> Maps => new()
    {
        { "Lowercase", """{"type":"Lowercase"}""" },
        { "NFC", """{"type":"NFC"}""" },
        { "NFD", """{"type":"NFD"}""" },
        { "NFKC", """{"type":"NFKC"}""" },
        { "NFKD", """{"type":"NFKD"}""" },
        { "StripAccents", """{"type":"StripAccents"}""" },
        { "Nmt", """{"type":"Nmt"}""" },
        { "Precompiled nmt_nfkc.bin", $$"""{"type":"Precompiled","precompiled_charsmap":"{{TokenizerFixtures.Charsmap}}"}""" },
        { "BertNormalizer clean_text", Bert(cleanText: true) },
        { "BertNormalizer handle_chinese_chars", Bert(handleChineseChars: true) },
        { "BertNormalizer strip_accents", Bert(stripAccents: "true") },
        { "BertNormalizer lowercase strip_accents=false", Bert(lowercase: true) },
        { "BertNormalizer all on, strip_accents=null", Bert(cleanText: true, handleChineseChars: true, stripAccents: "null", lowercase: true) },
    };

    [Theory, MemberData(nameof(Maps))]
    public void Normalizes_every_code_point_like_the_reference(string map, string configuration)
    {
        using JsonDocument json = JsonDocument.Parse(configuration);
        Normalizer normalizer = TokenizerJson.Normalizers.Read(new JsonPart("normalizer", "", json.RootElement));
        Dictionary<int, string> expected = Expected(TokenizerFixtures.Json("unicode.json.gz").GetProperty("maps").GetProperty(map));
        Assert.True(expected.Count > 40, $"only {expected.Count} code points change");
        var text = new NormalizedText();
        foreach (int codePoint in CodePoints())
        {
            string character = char.ConvertFromUtf32(codePoint);
            text.Reset(character, 0, tracks: false);
            normalizer.Apply(text);
            string wanted = expected.GetValueOrDefault(codePoint, character);
            if (!text.Chars.SequenceEqual(wanted))
                Assert.Fail($"U+{codePoint:X}: '{wanted}' expected, '{text.Chars}' found");
        }
    }

    [Theory]
    [InlineData("""{"type":"Whitespace"}""", "Whitespace \\w", 1)]
    [InlineData("""{"type":"Whitespace"}""", "Whitespace \\s", 2)]
    [InlineData("""{"type":"Whitespace"}""", "Whitespace [^\\w\\s]", 3)]
    [InlineData("""{"type":"WhitespaceSplit"}""", "WhitespaceSplit space", 2)]
    [InlineData("""{"type":"BertPreTokenizer"}""", "BertPreTokenizer space", 2)]
    [InlineData("""{"type":"BertPreTokenizer"}""", "BertPreTokenizer punctuation", 3)]
    [InlineData("""{"type":"Punctuation"}""", "Punctuation punctuation", 3)]
    [InlineData("""{"type":"Digits","individual_digits":false}""", "Digits numeric", 3)]
    [InlineData("""{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true}""", "ByteLevel \\p{L}", 1)]
    public void Cuts_at_every_code_point_like_the_reference(string configuration, string set, int piecesBetweenLetters)
    {
        using JsonDocument json = JsonDocument.Parse(configuration);
        PreTokenizer preTokenizer = TokenizerJson.PreTokenizers.Read(new JsonPart("pre_tokenizer", "", json.RootElement));
        HashSet<int> expected = [.. Ranges(TokenizerFixtures.Json("unicode.json.gz").GetProperty("sets").GetProperty(set))];
        Assert.True(expected.Count >= 25);
        var text = new NormalizedText();
        var pieces = new PieceList();
        foreach (int codePoint in CodePoints())
        {
            text.Reset($"a{char.ConvertFromUtf32(codePoint)}a", 0, tracks: false);
            pieces.Reset(0, text.Chars.Length);
            preTokenizer.Apply(text, pieces);
            if (expected.Contains(codePoint) != (pieces.Current.Length == piecesBetweenLetters))
                Assert.Fail($"U+{codePoint:X}: {pieces.Current.Length} pieces");
        }
    }

    public static TheoryData<string> Regexes =>
        [.. TokenizerFixtures.Json("unicode.json.gz").GetProperty("sets").EnumerateObject().Select(set => set.Name).Where(name => name.StartsWith("Regex ", StringComparison.Ordinal))];

    [Theory, MemberData(nameof(Regexes))]
    public void A_regex_matches_the_code_points_that_it_matches_in_the_reference(string set)
    {
        var pattern = TextPattern.Regex(set["Regex ".Length..]);
        HashSet<int> expected = [.. Ranges(TokenizerFixtures.Json("unicode.json.gz").GetProperty("sets").GetProperty(set))];
        var scratch = new RegexScratch();
        foreach (int codePoint in CodePoints())
        {
            string text = char.ConvertFromUtf32(codePoint);
            RegexMatches matches = pattern.Matches(text, scratch);
            bool isMatch = matches.TryNext(out int start, out int end);
            if (isMatch != expected.Contains(codePoint) || (isMatch && (start, end) != (0, text.Length)))
                Assert.Fail($"U+{codePoint:X}: {start}–{end}");
        }
    }

    [Fact]
    public void Unicode_scripts_cuts_between_the_recorded_groups_and_drops_what_has_no_script()
    {
        JsonElement recorded = TokenizerFixtures.Json("unicode.json.gz");
        var group = new Dictionary<int, int>();
        int number = 0;
        foreach (JsonElement ranges in recorded.GetProperty("unicode_scripts").EnumerateArray())
        {
            number++;
            foreach (int codePoint in Ranges(ranges))
                group.Add(codePoint, number);
        }

        int letter = group['a'];
        var preTokenizer = new UnicodeScripts();
        var text = new NormalizedText();
        var pieces = new PieceList();
        foreach (int codePoint in CodePoints())
        {
            string character = char.ConvertFromUtf32(codePoint);
            text.Reset(character + "a", 0, tracks: false);
            pieces.Reset(0, text.Chars.Length);
            preTokenizer.Apply(text, pieces);
            (int, int)[] wanted = !group.TryGetValue(codePoint, out int own) ? [(character.Length, character.Length + 1)]
                : own == letter ? [(0, 2)] : [(0, character.Length), (character.Length, character.Length + 1)];
            if (!wanted.SequenceEqual(pieces.Current.ToArray()))
                Assert.Fail($"U+{codePoint:X}: {string.Join(' ', pieces.Current.ToArray())}");
        }
    }

    [Fact]
    public void Marks_that_are_newer_than_the_reference_keep_their_place()
    {
        JsonElement rule = TokenizerFixtures.Json("unicode-versions.json").GetProperty("rules").GetProperty("canonical reordering");
        foreach (JsonProperty version in rule.EnumerateObject().Where(property => property.Value.ValueKind == JsonValueKind.Object))
        {
            foreach (int codePoint in Ranges(version.Value.GetProperty("not_reordered_by_library")))
                Assert.Equal(0u, (uint)(UnicodeData.Instance[codePoint] & CharacterKinds.CombiningClass));
        }
    }

    [Fact]
    public void Marks_of_different_classes_come_out_in_one_order_whatever_the_order_they_came_in()
    {
        string[] marks = [.. CodePoints().Where(codePoint => (UnicodeData.Instance[codePoint] & CharacterKinds.CombiningClass) != 0)
            .DistinctBy(codePoint => UnicodeData.Instance[codePoint] & CharacterKinds.CombiningClass).Select(char.ConvertFromUtf32)];
        Assert.True(marks.Length > 50, $"{marks.Length} classes");
        var random = new Random(20261122);
        var text = new NormalizedText();
        string Nfd(string input)
        {
            text.Reset(input, 0, tracks: true);
            UnicodeForm.Nfd.Apply(text);
            return text.Chars.ToString();
        }

        string ordered = Nfd("x" + string.Concat(marks) + "y");
        Assert.Equal(ordered, Nfd(ordered));
        for (int round = 0; round < 50; round++)
        {
            random.Shuffle(marks);
            Assert.Equal(ordered, Nfd("x" + string.Concat(marks) + "y"));
        }
    }

    private static string Bert(bool cleanText = false, bool handleChineseChars = false, string stripAccents = "false", bool lowercase = false) =>
        $$"""{"type":"BertNormalizer","clean_text":{{Json(cleanText)}},"handle_chinese_chars":{{Json(handleChineseChars)}},"strip_accents":{{stripAccents}},"lowercase":{{Json(lowercase)}}}""";

    private static string Json(bool value) => value ? "true" : "false";

    private static IEnumerable<int> CodePoints() => Enumerable.Range(0, 0xD800).Concat(Enumerable.Range(0xE000, 0x110000 - 0xE000));

    private static Dictionary<int, string> Expected(JsonElement map)
    {
        var expected = new Dictionary<int, string>();
        foreach (int codePoint in Ranges(map.GetProperty("removed")))
            expected[codePoint] = "";
        foreach (int codePoint in Ranges(map.GetProperty("to_one_space")))
            expected[codePoint] = " ";
        foreach (int codePoint in Ranges(map.GetProperty("surrounded_by_spaces")))
            expected[codePoint] = $" {char.ConvertFromUtf32(codePoint)} ";
        for (int index = 0; map.GetProperty("hangul_syllables_decomposed").GetBoolean() && index < 11172; index++)
        {
            string tail = index % 28 == 0 ? "" : $"{(char)(0x11A7 + (index % 28))}";
            expected[0xAC00 + index] = $"{(char)(0x1100 + (index / 588))}{(char)(0x1161 + (index % 588 / 28))}{tail}";
        }

        foreach (JsonProperty other in map.GetProperty("other").EnumerateObject())
            expected[Hex(other.Name)] = other.Value.GetString()!;
        return expected;
    }

    private static IEnumerable<int> Ranges(JsonElement ranges) =>
        ranges.GetString()!.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(range => range.Split('-'))
            .SelectMany(ends => Enumerable.Range(Hex(ends[0]), Hex(ends[^1]) - Hex(ends[0]) + 1));

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
