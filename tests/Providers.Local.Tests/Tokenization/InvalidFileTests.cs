using System.Text.Json;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Tests.Tokenization;

/// <summary>Damaged and doubtful files: refused by name of the field, or read as the reference reads them.</summary>
public sealed class InvalidFileTests
{
    /// <summary>Read by the reference, refused here; each with its reason.</summary>
    private static readonly Dictionary<string, string> RefusedOnlyHere = new()
    {
        ["id-max.json"] = "an id beyond 2147483647 fits no model's table",
        ["fixed-length-zero.json"] = "the reference reads it and then crashes on every text",
        ["precompiled-short.json"] = "the reference reads it and then crashes on every text",
        ["template-unknown-special.json"] = "the reference reads it and then crashes on every text",
    };

    public static TheoryData<string> Files => [.. Cases().Select(item => item.GetProperty("file").GetString()!)];

    [Theory, MemberData(nameof(Files))]
    public void Is_refused_or_read_as_the_reference_does(string file)
    {
        JsonElement expected = Cases().Single(item => item.GetProperty("file").GetString() == file);
        Exception? refusal = Record.Exception(() => Load(file));
        if (refusal is NotSupportedException)
        {
            Assert.Contains("; supported: ", refusal.Message, StringComparison.Ordinal);
            return;
        }

        if (!expected.GetProperty("loads").GetBoolean() || RefusedOnlyHere.ContainsKey(file))
        {
            Assert.IsType<InvalidDataException>(refusal);
            Assert.StartsWith(file, refusal.Message, StringComparison.Ordinal);
            Assert.InRange(refusal.Message.Length, 20, 400);
            return;
        }

        Assert.Null(refusal);
        Tokenizer tokenizer = Load(file);
        foreach (JsonElement encoded in expected.GetProperty("encode").EnumerateArray())
        {
            (string, string?) input = (encoded.GetProperty("text").GetString()!, encoded.TryGetProperty("pair", out JsonElement pair) ? pair.GetString() : null);
            if (encoded.TryGetProperty("ids", out JsonElement ids))
                Assert.Equal(ids.Integers(), tokenizer.EncodeBatch([input], tokenizer.FileOptions)[0].InputIds);
            else
                Assert.True(Record.Exception(() => tokenizer.EncodeBatch([input], tokenizer.FileOptions)) is InvalidDataException or ArgumentException, $"{input} was encoded");
        }
    }

    [Fact]
    public void Most_files_that_the_reference_reads_are_read()
    {
        string[] read = [.. Cases().Where(item => item.GetProperty("loads").GetBoolean()).Select(item => item.GetProperty("file").GetString()!)
            .Where(file => Record.Exception(() => Load(file)) is null)];
        Assert.True(read.Length >= 18, string.Join(' ', read));
    }

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

    private static JsonElement[] Cases() => [.. TokenizerFixtures.Json("invalid/reference.json").GetProperty("cases").EnumerateArray()];

    private static Tokenizer Load(string file) => Tokenizer.FromJson(File.ReadAllBytes(Path.Combine(TokenizerFixtures.Root, "invalid", file)), file);
}
