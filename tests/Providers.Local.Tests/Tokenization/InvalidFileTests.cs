using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Tests.Tokenization;

/// <summary>Damaged files are refused by name of the field. Which are refused and which are read is recorded, see the parity of tokenizers.</summary>
public sealed class InvalidFileTests
{
    [Theory]
    [InlineData("id-negative.json", "model.vocab.world, -5, is not a whole number from 0 to 2147483647")]
    [InlineData("vocab-array.json", "model.vocab, a JSON array, is not an object")]
    [InlineData("unk-missing-wordpiece.json", "model.unk_token is missing")]
    [InlineData("normalizer-flag-string.json", "normalizer.lowercase, \"true\", is neither true nor false")]
    [InlineData("added-tokens-null.json", "added_tokens is missing")]
    [InlineData("padding-bad-strategy.json", "padding.strategy, \"Longest\", is neither")]
    [InlineData("template-no-pair.json", "post_processor.pair is missing")]
    [InlineData("truncated.json", "cannot be read as JSON, nested up to 128 deep, from line 65, byte 16 on")]
    [InlineData("version-2.json", "version, \"2.0\", is not version \"1.0\"")]
    public void The_message_names_the_field(string file, string part) =>
        Assert.Contains(part, Assert.Throws<InvalidDataException>(() => Load(file)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_message_quotes_long_content_shortly()
    {
        string token = new('x', 100_000);
        var error = Assert.Throws<InvalidDataException>(() => TokenizerFixtures.Tokenizer(
            "invalid/good-wordpiece.json",
            ("model", $$$"""{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":100,"vocab":{"{{{token}}}":"{{{token}}}"}}""")));
        Assert.InRange(error.Message.Length, 100, 400);
    }

    [Fact]
    public void An_unknown_type_is_answered_with_the_known_ones() =>
        Assert.Equal(
            "invalid/good-bpe.json: model.type is 'Trie'; supported: BPE, WordPiece, WordLevel, Unigram. Export the model with one of these, or add the model as one file in Tokenization/Models.",
            Assert.Throws<NotSupportedException>(() => TokenizerFixtures.Tokenizer("invalid/good-bpe.json", ("model", "{\"type\":\"Trie\"}"))).Message);

    private static Tokenizer Load(string file) => Tokenizer.FromJson(File.ReadAllBytes(Path.Combine(TokenizerFixtures.Root, "invalid", file)), file);
}
