using System.Text.Json;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Tests.Tokenization;

/// <summary>What surprises in the reference library, one test each: the facts that its recorded README lists.</summary>
public sealed class ReferenceFactsTests
{
    private const string Base = "invalid/good-wordpiece.json";

    [Fact]
    public void Unicode_versions_are_mixed()
    {
        string newer = char.ConvertFromUtf32(TokenizerFixtures.Json("unicode.json.gz").GetProperty("maps").GetProperty("Lowercase").GetProperty("other").EnumerateObject()
            .Select(change => Convert.ToInt32(change.Name, 16)).First(codePoint => UnicodeSets.Instance["category Cn"].Contains(codePoint)));
        Assert.NotEqual(newer, Normalized("""{"type":"Lowercase"}""", newer)); // A letter of Unicode 17 …
        Assert.Empty(Pieces(Split(@"\\p{L}", "Removed", invert: true), newer)); // … is none in a regex,
        Assert.Equal("\u32FF", Normalized("""{"type":"NFKC"}""", "\u32FF")); // and a sign of Unicode 12.1 has no decomposition yet.
    }

    [Theory, InlineData("""{"type":"WhitespaceSplit"}"""), InlineData("""{"type":"Split","pattern":{"Regex":"\\s+"},"behavior":"Removed","invert":false}"""), InlineData("""{"type":"BertPreTokenizer"}""")]
    public void White_space_is_everywhere_the_same(string preTokenizer)
    {
        const string Spaces = "\t\n\v\f\r \u0085\u00A0\u1680\u2000\u200A\u2028\u2029\u202F\u205F\u3000", Others = "\u001C\u001F\u180E\u200B\uFEFF";
        Assert.All(Spaces, space => Assert.Equal(["a", "b"], Pieces(preTokenizer, $"a{space}b")));
        Assert.All(Others, other => Assert.Equal([$"a{other}b"], Pieces(preTokenizer, $"a{other}b")));
        Assert.Equal("a", Normalized("""{"type":"Strip","strip_left":true,"strip_right":true}""", Spaces + "a" + Spaces));
    }

    [Fact]
    public void Clean_text_removes_format_characters_and_keeps_unassigned_ones() =>
        Assert.Equal("ab\u0378", Normalized(Bert("clean_text"), "a\u0085\uE000\uFFFD\u200D\0b\u0378"));

    [Fact]
    public void One_range_of_ideographs_starts_late() =>
        Assert.Equal("\U0002B81F \U0002B820 \U0002B920", string.Join(' ', Normalized(Bert("handle_chinese_chars"), "\U0002B81F\U0002B820\U0002B920").Split(' ', StringSplitOptions.RemoveEmptyEntries)));

    [Fact]
    public void Lower_casing_has_no_final_sigma_and_one_letter_becomes_two() =>
        Assert.Equal("οδοσ i\u0307", Normalized("""{"type":"Lowercase"}""", "ΟΔΟΣ \u0130"));

    [Fact]
    public void The_words_of_Whitespace_are_not_those_of_a_regex()
    {
        Assert.Equal(["a\u200Db", "²"], Pieces("""{"type":"Whitespace"}""", "a\u200Db²"));
        Assert.Equal(["a", "b²"], Pieces(Split(@"\\w+", "Removed", invert: true), "a\u200Db²"));
        Assert.Equal(["a", "$", "b"], Pieces("""{"type":"Punctuation"}""", "a$b"));
        Assert.Equal(["x", "Ⅷ½", "y"], Pieces("""{"type":"Digits","individual_digits":false}""", "xⅧ½y"));
    }

    [Fact]
    public void Contractions_are_cut_with_the_straight_apostrophe_and_in_lower_case_only() =>
        Assert.Equal(["it", "'s", "ĠIT", "'", "S", "Ġit", "âĢĻ", "s"], Pieces("""{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true}""", "it's IT'S it’s"));

    [Fact]
    public void An_added_token_that_is_not_in_the_vocabulary_gets_the_next_free_id()
    {
        Tokenizer tokenizer = TokenizerFixtures.Tokenizer(Base, ("added_tokens", Added(("<x>", 900, ""), ("hello", 901, ""))));
        Assert.Equal(11, tokenizer.TokenToId("<x>"));
        Assert.Equal(4, tokenizer.TokenToId("hello"));
    }

    [Theory]
    [InlineData("<ab>", "<ab>")]
    [InlineData("x<AB>", "x <AB>")] // Written otherwise it is found in the normalized text only, and where raw tokens left it over.
    [InlineData("<a><ab><abc>", "<a> <ab> <abc>")]
    public void Raw_tokens_are_found_before_normalized_ones_and_the_longest_wins(string text, string tokens)
    {
        Tokenizer tokenizer = TokenizerFixtures.Tokenizer(Base, ("added_tokens", Added(("<a>", 11, ""), ("<ab>", 12, "normalized"), ("<abc>", 13, ""), ("x", 14, ""))));
        Assert.Equal(tokens.ToLowerInvariant(), string.Join(' ', tokenizer.Encode(text, new EncodeOptions { AddSpecialTokens = false }).Tokens));
    }

    [Fact]
    public void Strip_flags_swallow_white_space_and_a_typed_special_token_is_not_special()
    {
        Tokenizer tokenizer = TokenizerFixtures.Tokenizer(Base, ("added_tokens", Added(("<e>", 11, "lstrip rstrip"), ("[CLS]", 2, "special"), ("one", 12, "single_word"))));
        EncodedText encoded = tokenizer.Encode("a \u3000<e>\t b [CLS] one ones");
        Assert.Equal([2, 7, 11, 8, 2, 12, 1, 3], encoded.InputIds);
        Assert.Equal(" \u3000<e>\t ", encoded.Tokens[2]);
        Assert.Equal(new TokenOffset(1, 8), encoded.Offsets[2]);
        Assert.Equal([1, 0, 0, 0, 0, 0, 0, 1], encoded.SpecialTokensMask);
    }

    [Theory]
    [InlineData("always", "▁a <x> ▁a <x> ▁a")]
    [InlineData("first", "▁a <x> a <x> a")]
    [InlineData("never", "a <x> a <x> a")]
    public void Every_part_after_an_added_token_gets_a_prefix_again_but_with_first(string scheme, string tokens)
    {
        Tokenizer tokenizer = TokenizerFixtures.Tokenizer(
            Base,
            ("normalizer", "null"), ("post_processor", "null"), ("added_tokens", Added(("<x>", 2, ""))),
            ("pre_tokenizer", $$"""{"type":"Metaspace","replacement":"▁","prepend_scheme":"{{scheme}}","split":true}"""),
            ("model", """{"type":"WordLevel","unk_token":"a","vocab":{"a":0,"▁a":1}}"""));
        EncodedText encoded = tokenizer.Encode("a<x>a<x>a");
        Assert.Equal(tokens, string.Join(' ', encoded.Tokens));
        Assert.Equal(encoded.InputIds, tokenizer.Encode("a<x>a<x>a", new TokenBuffer()).ToArray());
    }

    [Fact]
    public void A_normalizer_that_prepends_does_it_behind_every_added_token() =>
        Assert.Equal(["▁a", "<x>", "▁a"], TokenizerFixtures.Tokenizer(
            Base,
            ("normalizer", """{"type":"Prepend","prepend":"▁"}"""), ("post_processor", "null"), ("pre_tokenizer", "null"), ("added_tokens", Added(("<x>", 2, ""))),
            ("model", """{"type":"WordLevel","unk_token":"a","vocab":{"a":0,"▁a":1}}""")).Encode("a<x>a").Tokens);

    [Fact]
    public void Replacements_are_literal_and_nothing_is_prepended_to_nothing()
    {
        Assert.Equal("$1$1", Normalized("""{"type":"Replace","pattern":{"Regex":"(.)"},"content":"$1"}""", "ab"));
        Assert.Equal("", Normalized("""{"type":"Prepend","prepend":"▁"}""", ""));
        Assert.Equal(["a"], Pieces("""{"type":"UnicodeScripts"}""", "  a"));
        Assert.Throws<InvalidDataException>(() => Decoded("""{"type":"Strip","content":"a","start":0,"stop":1}""", ""));
    }

    [Theory]
    [InlineData("\"add_prefix_space\":true", "▁a ▁b")]
    [InlineData("\"add_prefix_space\":true,\"str_rep\":\"▁\"", "▁a ▁b")]
    [InlineData("\"add_prefix_space\":false,\"prepend_scheme\":\"never\"", "a ▁b")]
    public void Old_Metaspace_says_add_prefix_space(string fields, string pieces)
    {
        Assert.Equal(pieces, string.Join(' ', Pieces($$"""{"type":"Metaspace","replacement":"▁",{{fields}}}""", "a b")));
        Assert.Throws<InvalidDataException>(() => Pieces("""{"type":"Metaspace","replacement":"▁","add_prefix_space":false}""", "a"));
    }

    [Fact]
    public void A_lone_surrogate_in_a_file_is_refused() => Assert.Throws<InvalidDataException>(() => Tokenizer.FromFile(Path.Combine(TokenizerFixtures.Root, "invalid/lone-surrogate.json")));

    [Fact]
    public void Clip_is_cut_and_filled_up_to_77_as_transformers_does()
    {
        Tokenizer tokenizer = TokenizerFixtures.Tokenizer("real/clip-bpe");
        var options = new EncodeOptions { Truncation = new Truncation { MaxTokens = 77 }, Padding = new Padding { Id = 49407, Token = "<|endoftext|>", Length = 77 } };
        foreach (JsonElement recorded in TokenizerFixtures.Json("real/clip-bpe/context-77.json").GetProperty("cases").EnumerateArray())
        {
            int[] expected = recorded.GetProperty("transformers").Integers();
            EncodedText encoded = tokenizer.Encode(TokenizerFixtures.Texts[recorded.GetProperty("id").GetString()!], options);
            Assert.Equal([.. expected, .. Enumerable.Repeat(49407, 77 - expected.Length)], encoded.InputIds);
            Assert.Equal(expected.Length, encoded.AttentionMask.Sum());
        }
    }

    private static string Added(params (string Content, int Id, string Flags)[] tokens) => JsonSerializer.Serialize(tokens.Select(token => new Dictionary<string, object>
    {
        ["id"] = token.Id,
        ["content"] = token.Content,
        ["single_word"] = token.Flags.Contains("single_word", StringComparison.Ordinal),
        ["lstrip"] = token.Flags.Contains("lstrip", StringComparison.Ordinal),
        ["rstrip"] = token.Flags.Contains("rstrip", StringComparison.Ordinal),
        ["normalized"] = token.Flags.Contains("normalized", StringComparison.Ordinal),
        ["special"] = token.Flags.Contains("special", StringComparison.Ordinal),
    }));

    private static string Bert(string rule) =>
        $$"""{"type":"BertNormalizer","clean_text":{{(rule == "clean_text" ? "true" : "false")}},"handle_chinese_chars":{{(rule == "handle_chinese_chars" ? "true" : "false")}},"strip_accents":false,"lowercase":false}""";

    private static string Split(string regex, string behavior, bool invert) =>
        $$"""{"type":"Split","pattern":{"Regex":"{{regex}}"},"behavior":"{{behavior}}","invert":{{(invert ? "true" : "false")}}}""";

    private static string Normalized(string configuration, string input)
    {
        var text = new NormalizedText();
        text.Reset(input, 0, tracks: false);
        TokenizerJson.Normalizers.Read(Part(configuration)).Apply(text);
        return text.Chars.ToString();
    }

    private static string[] Pieces(string configuration, string input)
    {
        var text = new NormalizedText();
        var pieces = new PieceList();
        text.Reset(input, 0, tracks: true);
        pieces.Reset(0, input.Length);
        TokenizerJson.PreTokenizers.Read(Part(configuration)).Apply(text, pieces);
        return [.. pieces.Current.ToArray().Select(piece => text.Chars[piece.Start..piece.End].ToString())];
    }

    private static string Decoded(string configuration, params string[] tokens) => TokenizerJson.Decoders.Read(Part(configuration)).Decode(tokens);

    private static JsonPart Part(string configuration)
    {
        using JsonDocument json = JsonDocument.Parse(configuration);
        return new JsonPart("component", "", json.RootElement.Clone());
    }
}
