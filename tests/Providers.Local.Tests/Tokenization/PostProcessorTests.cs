using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Tests.Tokenization;

/// <summary>What the recorded WordPiece folders do not have: RobertaProcessing, as MPNet uses it, and a sequence.</summary>
public sealed class PostProcessorTests
{
    private const string Roberta = """{"type":"RobertaProcessing","cls":["[CLS]",2],"sep":["[SEP]",3],"trim_offsets":true,"add_prefix_space":false}""";

    [Theory, InlineData(Roberta), InlineData("""{"type":"Sequence","processors":[""" + Roberta + "]}")]
    public void Roberta_closes_the_first_text_and_opens_the_second_and_has_one_type(string postProcessor)
    {
        Tokenizer tokenizer = WithPostProcessor(postProcessor);
        Assert.Equal([2, 4, 3], tokenizer.Encode("hello").InputIds);
        EncodedText pair = tokenizer.Encode("hello", "a b");
        Assert.Equal([2, 4, 3, 3, 7, 8, 3], pair.InputIds);
        Assert.Equal([1, 0, 1, 1, 0, 0, 1], pair.SpecialTokensMask);
        Assert.All(pair.TokenTypeIds, type => Assert.Equal(0, type));
        Assert.All(tokenizer.Encode("hello", "a b", new EncodeOptions { AddSpecialTokens = false }).TokenTypeIds, type => Assert.Equal(0, type));
    }

    [Fact]
    public void Roberta_counts_four_special_tokens_of_a_pair_when_cutting()
    {
        EncodedText pair = WithPostProcessor(Roberta).Encode("hello world", "a b", new EncodeOptions { Truncation = new Truncation { MaxTokens = 6 } });
        Assert.Equal([2, 4, 3, 3, 7, 3], pair.InputIds);
        Assert.Equal([2, 5, 3, 3, 7, 3], pair.Overflowing[0].InputIds);
        Assert.All(pair.Overflowing, part => Assert.All(part.TokenTypeIds, type => Assert.Equal(0, type)));
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Roberta_trims_the_white_space_that_an_added_token_swallowed(bool trims)
    {
        Tokenizer tokenizer = TokenizerFixtures.Tokenizer(
            "invalid/good-wordpiece.json",
            ("post_processor", Roberta.Replace("\"trim_offsets\":true", $"\"trim_offsets\":{(trims ? "true" : "false")}", StringComparison.Ordinal)),
            ("added_tokens", """[{"id":11,"content":"<x>","single_word":false,"lstrip":true,"rstrip":true,"normalized":false,"special":false}]"""));
        EncodedText encoded = tokenizer.Encode("a  <x> b", new EncodeOptions { AddSpecialTokens = false });
        Assert.Equal([7, 11, 8], encoded.InputIds);
        Assert.Equal("  <x> ", encoded.Tokens[1]);
        Assert.Equal(trims ? new TokenOffset(3, 6) : new TokenOffset(1, 7), encoded.Offsets[1]);
    }

    [Fact]
    public void Two_post_processors_that_put_tokens_together_are_not_supported()
    {
        var error = Assert.Throws<NotSupportedException>(() => WithPostProcessor($$"""{"type":"Sequence","processors":[{{Roberta}},{{Roberta}}]}"""));
        Assert.Contains("post_processor.processors has 2 that put tokens together", error.Message, StringComparison.Ordinal);
    }

    private static Tokenizer WithPostProcessor(string json) => TokenizerFixtures.Tokenizer("invalid/good-wordpiece.json", ("post_processor", json));
}
