using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Tests.Tokenization.Models;

/// <summary>Expected ids and places are what HuggingFace tokenizers 0.23.2 gives for the same file and text, unless a test says otherwise.</summary>
public sealed class UnigramTests
{
    private const string Letters = """[["<unk>",0],["a",-1],["b",-1],["ab",-2],["xy",-100],["é",-3]]""";
    private const string Bytes = """[["<unk>",0],["<0x78>",0],["<0xC3>",0],["<0xA9>",0],["a",-1]]""";

    [Theory]
    [InlineData("ab", "3", "0-2")] // A tie: the longer token was there first.
    [InlineData("xy", "4", "0-2")] // Two unknown characters would cost less, and are looked up together.
    [InlineData("x<unk>y", "0", "0-7")]
    [InlineData("xayb", "0 1 0 2", "0-1 1-2 2-3 3-4")]
    [InlineData("a<unk>", "1 0", "0-1 1-6")]
    [InlineData("😀é😀😀", "0 5 0", "0-1 1-2 2-4")]
    [InlineData("", "", "")]
    public void Takes_the_best_way_and_joins_what_is_unknown(string text, string ids, string offsets) =>
        ModelTokenizer.AssertEncodes(Create(Letters), text, ids, offsets);

    [Fact]
    public void What_is_unknown_keeps_its_text() => Assert.Equal(["😀", "é", "😀😀"], Create(Letters).Encode("😀é😀😀").Tokens);

    [Theory]
    [InlineData("xé", "1 2 3", "0-2 0-2 0-2")]
    [InlineData("axéa", "4 1 2 3 4", "0-1 1-3 1-3 1-3 3-4")]
    [InlineData("xyé", "0", "0-3")] // The byte of y is missing, so the whole is unknown.
    [InlineData("é", "2 3", "0-1 0-1")]
    public void Bytes_stand_for_what_is_unknown_if_all_are_there(string text, string ids, string offsets) =>
        ModelTokenizer.AssertEncodes(Create(Bytes, byteFallback: true), text, ids, offsets);

    [Theory, InlineData("aaa", "1 1 1"), InlineData("aaaa", "1 1 1 1")]
    public void Near_ties_fall_as_the_reference_reads_the_scores(string text, string ids)
    {
        // To the nearest double three times a is as much as aaa; the reference reads a's score as −1.6666666666666663.
        ModelTokenizer.AssertEncodes(Create("""[["<unk>",0],["a",-1.6666666666666665],["aaa",-5]]"""), text, ids);
    }

    [Fact]
    public void Of_equal_tokens_the_last_counts_and_all_have_ids()
    {
        Tokenizer tokenizer = Create("""[["<unk>",0],["a",-2],["a",-7],["aa",-8]]""");
        ModelTokenizer.AssertEncodes(tokenizer, "aaa", "2 3", "0-1 1-3");
        Assert.Equal(4, tokenizer.VocabularySize);
        Assert.Equal("a", tokenizer.IdToToken(1));
    }

    [Fact]
    public void Without_unknown_token_a_text_that_needs_it_is_an_error()
    {
        Tokenizer tokenizer = Create("""[["a",-1],["ab",-3]]""", unknownId: "null");
        ModelTokenizer.AssertEncodes(tokenizer, "aab", "0 1", "0-1 1-3");
        foreach (Action encode in (Action[])[() => tokenizer.Encode("ba"), () => tokenizer.Encode("ba", new TokenBuffer())])
            Assert.Contains("model.unk_id is null", Assert.Throws<InvalidDataException>(encode).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""[["a",-1,2]]""", "0", "model.vocab[0], a JSON array, is not a list of a token and its score")]
    [InlineData("""[["a","-1"]]""", "0", "model.vocab[0][1], \"-1\", is not a number")]
    [InlineData("""[["a",1e400]]""", "0", "model.vocab[0][1], 1e400, is not a number, or too large")]
    [InlineData("""[["a",-1]]""", "1", "model.unk_id, 1, is not below 1")]
    [InlineData("""[["a",-1]]""", "-1", "model.unk_id, -1, is not a whole number")]
    [InlineData("""[]""", "0", "model.unk_id, 0, is not below 0")]
    [InlineData("""{"a":0}""", "0", "model.vocab, a JSON object, is not a list")]
    public void A_damaged_vocabulary_is_refused(string vocabulary, string unknownId, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => Create(vocabulary, unknownId)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_million_characters_in_one_piece_are_no_trouble()
    {
        var buffer = new TokenBuffer();
        Tokenizer tokenizer = Create(Letters);
        Assert.Equal(500_000, tokenizer.Encode(string.Concat(Enumerable.Repeat("ab", 500_000)), buffer).Length);
        Assert.Equal([0], tokenizer.Encode(new string('中', 1_000_000), buffer).ToArray());
        Assert.Equal([0], tokenizer.Encode(new string('中', 1_000_000)).InputIds);
    }

    private static Tokenizer Create(string vocabulary, string unknownId = "0", bool byteFallback = false) =>
        ModelTokenizer.Create($$"""{"type":"Unigram","unk_id":{{unknownId}},"byte_fallback":{{(byteFallback ? "true" : "false")}},"vocab":{{vocabulary}}}""");
}
