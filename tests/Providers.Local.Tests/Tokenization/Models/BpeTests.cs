using System.Text.Json;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Tests.Tokenization.Models;

/// <summary>Expected ids and places are what HuggingFace tokenizers 0.23.2 gives for the same file and text, unless a test says otherwise.</summary>
public sealed class BpeTests
{
    [Theory]
    [InlineData("aba", "0 3", "0-1 1-3")]
    [InlineData("abab", "0 3 1", "0-1 1-3 3-4")]
    [InlineData("bab", "3 1", "0-2 2-3")]
    public void Of_a_merge_given_twice_the_later_rank_counts(string text, string ids, string offsets) =>
        ModelTokenizer.AssertEncodes(Create("""{"a":0,"b":1,"ab":2,"ba":3}""", """["a b","b a","a b"]"""), text, ids, offsets);

    [Theory]
    [InlineData("ab", "6", "0-2")]
    [InlineData("a", "7", "0-1")]
    [InlineData("b", "3", "0-1")]
    [InlineData("abb", "8 4", "0-2 2-3")]
    [InlineData("aab", "1 0 4", "0-1 1-2 2-3")]
    [InlineData("xya", "0", "0-3")]
    [InlineData("ba", "0", "0-2")]
    [InlineData("ab b", "6 3", "0-2 3-4")]
    public void Prefix_and_suffix_mark_where_in_a_word_a_character_stands(string text, string ids, string offsets) =>
        ModelTokenizer.AssertEncodes(
            Create(
                """{"[U]":0,"a":1,"##b":2,"b~":3,"##b~":4,"a##":5,"ab~":6,"a~":7,"ab":8}""", """[["a","##b~"],["a","##b"]]""",
                "\"unk_token\":\"[U]\",\"fuse_unk\":true,\"continuing_subword_prefix\":\"##\",\"end_of_word_suffix\":\"~\"", "WhitespaceSplit"),
            text, ids, offsets);

    [Theory]
    [InlineData("aba", "2", "0-3")]
    [InlineData("abab", "3 3", "0-2 2-4")]
    public void A_piece_that_is_a_token_stays_whole_when_merges_are_ignored(string text, string ids, string offsets) =>
        ModelTokenizer.AssertEncodes(Create("""{"a":0,"b":1,"aba":2,"ab":3}""", """["a b"]""", "\"ignore_merges\":true"), text, ids, offsets);

    [Theory]
    [InlineData("xéa", "2 3 0 1", "0-1 1-2 1-2 2-3")]
    [InlineData("xxéya", "0 2 3 0 0 1", "0-1 1-2 2-3 2-3 3-4 4-5")]
    [InlineData("éx", "2 3 0", "0-1 0-1 1-2")]
    public void An_unknown_token_waits_behind_the_bytes_of_the_characters_that_follow(string text, string ids, string offsets) =>
        ModelTokenizer.AssertEncodes(Create("""{"<unk>":0,"a":1,"<0xC3>":2,"<0xA9>":3}""", "[]", "\"unk_token\":\"<unk>\",\"byte_fallback\":true"), text, ids, offsets);

    [Theory]
    [InlineData("xaéyb😀", "0 2 1 3", "0-1 1-3 2-3 3-6")]
    [InlineData("中a😀", "0 3", "0-1 0-3")]
    [InlineData("中😀ab", "3 0 1", "0-2 1-2 1-2")]
    [InlineData("xyz", "", "")]
    public void Without_unknown_token_characters_are_left_out_and_places_move_up(string text, string ids, string offsets) =>
        ModelTokenizer.AssertEncodes(Create("""{"a":0,"b":1,"é":2,"😀":3}""", "[]"), text, ids, offsets);

    [Theory]
    [InlineData("""{"a":0,"b":1,"c":2,"bc":3,"ab":4,"abc":4}""", """["a b","b c","a bc"]""", "abcabc", "4 2 4 2")]
    [InlineData("""{"a":0,"b":1,"c":2,"bc":1,"abc":5,"ab":5}""", """["b c","a b","a bc"]""", "aabbcc", "0 5 1")]
    public void Tokens_may_share_an_id(string vocabulary, string merges, string text, string ids) => ModelTokenizer.AssertEncodes(Create(vocabulary, merges), text, ids);

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6)]
    public void Merges_are_made_one_by_one_the_earliest_first_however_long_the_text(int seed)
    {
        // Against the definition itself: look at all pairs, join the leftmost of the earliest, start over.
        var random = new Random(seed);
        (Dictionary<string, int> vocabulary, List<string> merges) = RandomMerges(random, letters: 2 + (seed % 3), count: 40);
        Tokenizer tokenizer = Create(JsonSerializer.Serialize(vocabulary), JsonSerializer.Serialize(merges));
        foreach (int length in (int[])[1, 2, 3, 7, 20, 31, 32, 33, 47, 48, 49, 50, 100, 400])
        {
            string text = new(random.GetItems(vocabulary.Keys.Where(token => token.Length == 1).Select(token => token[0]).ToArray(), length));
            Assert.Equal(Defined(text, vocabulary, merges), tokenizer.Encode(text).InputIds);
            ModelTokenizer.AssertSameIds(tokenizer, text);
        }
    }

    [Fact]
    public void A_million_characters_in_one_piece_are_no_trouble()
    {
        Tokenizer tokenizer = Create("""{"a":0,"b":1,"aa":2,"aaaa":3,"ab":4,"aab":5}""", """["a a","aa aa","a b","aa b"]""");
        var buffer = new TokenBuffer();
        Assert.Equal(250_000, tokenizer.Encode(new string('a', 1_000_000), buffer).Length);
        Assert.Equal(250_000, tokenizer.Encode(new string('a', 1_000_000)).InputIds.Count);
        Assert.Equal(500_000, tokenizer.Encode(string.Concat(Enumerable.Repeat("ab", 500_000)), buffer).Length);
    }

    [Theory]
    [InlineData("""["a b",["b","a"]]""", "model.merges[1], a JSON array, is not text")]
    [InlineData("""[["a","b"],"b a"]""", "model.merges[1], \"b a\", is not a list")]
    [InlineData("""["a  b"]""", "model.merges[0], \"a  b\", is not two tokens")]
    [InlineData("""["ab"]""", "model.merges[0], \"ab\", is not two tokens")]
    [InlineData("""[["a","b","c"]]""", "model.merges[0], a JSON array, is not a list of two tokens")]
    [InlineData("""["b b"]""", "model.merges[0], \"b b\", joins what is not in model.vocab")]
    [InlineData("""["a x"]""", "model.merges[0], \"a x\", joins what is not in model.vocab")]
    [InlineData("""[["a",1]]""", "model.merges[0][1], 1, is not text")]
    public void A_merge_that_cannot_be_made_is_refused(string merges, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => Create("""{"a":0,"b":1,"ab":2,"ba":3}""", merges)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_version_line_is_no_merge_and_takes_no_rank()
    {
        Tokenizer tokenizer = Create("""{"a":0,"b":1,"ab":2}""", """["#version: 0.2","a b"]""");
        Assert.Equal([2], tokenizer.Encode("ab").InputIds);
        Assert.Throws<InvalidDataException>(() => Create("""{"a":0,"b":1,"ab":2}""", """[["#version:","0.2"]]"""));
    }

    [Theory, InlineData("null"), InlineData("0"), InlineData("0.0"), InlineData("-0.0")]
    public void No_dropout_is_read(string dropout) =>
        Assert.Equal([2], Create("""{"a":0,"b":1,"ab":2}""", """["a b"]""", $"\"dropout\":{dropout}").Encode("ab").InputIds);

    [Fact]
    public void Dropout_is_refused_since_it_makes_ids_random()
    {
        Tokenizer With(string dropout) => Create("""{"a":0}""", "[]", $"\"dropout\":{dropout}");
        Assert.Contains("model.dropout is 0.1", Assert.Throws<NotSupportedException>(() => With("0.1")).Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => With("1"));
        Assert.Contains("model.dropout, 1.5, is not from 0 to 1", Assert.Throws<InvalidDataException>(() => With("1.5")).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => With("\"0\""));
    }

    [Fact]
    public void A_character_that_needs_a_missing_unknown_token_is_an_error_that_names_it()
    {
        Tokenizer tokenizer = Create("""{"a":0}""", "[]", "\"unk_token\":\"[X]\"");
        Assert.Equal([0, 0], tokenizer.Encode("aa").InputIds);
        foreach (Action encode in (Action[])[() => tokenizer.Encode("ab"), () => tokenizer.Encode("ab", new TokenBuffer())])
            Assert.Contains("unk_token '[X]'", Assert.Throws<InvalidDataException>(encode).Message, StringComparison.Ordinal);
    }

    private static Tokenizer Create(string vocabulary, string merges, string fields = "\"unk_token\":null", string? preTokenizer = null) =>
        ModelTokenizer.Create($$"""{"type":"BPE",{{fields}},"vocab":{{vocabulary}},"merges":{{merges}}}""", preTokenizer);

    private static (Dictionary<string, int> Vocabulary, List<string> Merges) RandomMerges(Random random, int letters, int count)
    {
        var vocabulary = Enumerable.Range(0, letters).ToDictionary(letter => ((char)('a' + letter)).ToString(), letter => letter);
        var merges = new List<string>();
        while (merges.Count < count)
        {
            string[] tokens = [.. vocabulary.Keys];
            string left = tokens[random.Next(tokens.Length)], right = tokens[random.Next(tokens.Length)];
            if (left.Length + right.Length > 12 || merges.Contains($"{left} {right}"))
                continue;
            vocabulary.TryAdd(left + right, vocabulary.Count);
            merges.Add($"{left} {right}");
        }

        return (vocabulary, merges);
    }

    private static int[] Defined(string text, Dictionary<string, int> vocabulary, List<string> merges)
    {
        List<string> symbols = [.. text.Select(letter => letter.ToString())];
        while (true)
        {
            int best = -1, place = -1;
            for (int i = 0; i + 1 < symbols.Count; i++)
            {
                int rank = merges.IndexOf($"{symbols[i]} {symbols[i + 1]}");
                if (rank >= 0 && (best < 0 || rank < best))
                    (best, place) = (rank, i);
            }

            if (best < 0)
                return [.. symbols.Select(symbol => vocabulary[symbol])];
            symbols[place] += symbols[place + 1];
            symbols.RemoveAt(place + 1);
        }
    }
}
