using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Tests.Tokenization.Models;

public sealed class WordLevelTests
{
    private const string Model = """{"type":"WordLevel","unk_token":"[X]","vocab":{"hello":4,"[X]":7,"wörld":2}}""";

    [Theory]
    [InlineData("hello wörld", "4 2", "0-5 6-11")]
    [InlineData("hell hello", "7 4", "0-4 5-10")]
    [InlineData("[X] 😀😀", "7 7", "0-3 4-6")]
    [InlineData("", "", "")]
    public void Every_word_is_one_token(string text, string ids, string offsets) => ModelTokenizer.AssertEncodes(ModelTokenizer.Create(Model, "WhitespaceSplit"), text, ids, offsets);

    [Fact]
    public void An_unknown_word_is_shown_as_the_unknown_token() =>
        Assert.Equal(["[X]", "hello"], ModelTokenizer.Create(Model, "WhitespaceSplit").Encode("hell hello").Tokens);

    [Fact]
    public void A_word_that_needs_a_missing_unknown_token_is_an_error_that_names_it()
    {
        Tokenizer tokenizer = ModelTokenizer.Create("""{"type":"WordLevel","unk_token":"[X]","vocab":{"hello":4}}""", "WhitespaceSplit");
        Assert.Equal([4], tokenizer.Encode("hello").InputIds);
        Assert.Contains("unk_token '[X]'", Assert.Throws<InvalidDataException>(() => tokenizer.Encode("hell")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_unknown_token_must_be_named() =>
        Assert.Contains("model.unk_token is missing", Assert.Throws<InvalidDataException>(() => ModelTokenizer.Create("""{"type":"WordLevel","vocab":{"a":0}}""")).Message, StringComparison.Ordinal);
}
