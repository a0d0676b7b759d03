using Microsoft.Extensions.AI;

namespace Polymodal.Delegating.Tests;

public class ChunkPoolingEmbeddingGeneratorTests
{
    // One token a UTF-16 unit makes every cut countable by hand.
    private static readonly Func<string, int> Units = text => text.Length;

    [Fact]
    public async Task A_long_text_is_the_mean_of_its_parts_weighted_by_tokens_and_a_short_one_passes_as_it_is()
    {
        var inner = new FakeGenerator<string>(text => [text.Length, text[0] == 'a' ? 1 : 0]);
        using var generator = inner.WithChunkPooling(o => (o.MaxTokens, o.CountTokens) = (6, Units));
        GeneratedEmbeddings<Embedding<float>> vectors = await generator.GenerateAsync(["aaaa bb cccc", "short", "aaaaaaaaaa"]);
        Assert.Equal([["aaaa ", "bb ", "cccc", "short", "aaaaaa", "aaaa"]], inner.Calls);
        // (5·5 + 3·3 + 4·4) / 12 and 5 / 12; (6·6 + 4·4) / 10 and 1
        Assert.Equal([50f / 12, 5f / 12], vectors[0].Vector.ToArray());
        Assert.Equal([5, 0], vectors[1].Vector.ToArray());
        Assert.Equal([5.2f, 1], vectors[2].Vector.ToArray());
    }

    [Fact]
    public async Task Where_vectors_have_unit_length_their_mean_has_it_too()
    {
        EmbeddingSpace unit = Fake.Space("unit") with { IsNormalized = true };
        using var generator = new FakeGenerator<string>(text => text[0] == 'a' ? [1, 0] : [0, 1], unit).WithChunkPooling(o => (o.MaxTokens, o.CountTokens) = (4, Units));
        Embedding<float> vector = (await generator.GenerateAsync(["aaa bbbb"]))[0];
        Assert.Equal(1, vector.Vector.Span[0] * vector.Vector.Span[0] + (vector.Vector.Span[1] * vector.Vector.Span[1]), 1e-6f);
        Assert.Equal("unit", EmbeddingSpace.SpaceIdOf(vector));
    }

    [Theory]
    [InlineData("one two three four", 9, 0, "one two |three |four")]
    [InlineData("one two three four", 9, 4, "one two |two three|four")]
    [InlineData("abcdefgh", 3, 1, "abc|cde|efg|gh")]
    [InlineData("ab   ", 3, 0, "ab ")]
    [InlineData("", 3, 0, "")]
    [InlineData("   ", 2, 0, "  ")]
    [InlineData("😀😀😀", 3, 0, "😀|😀|😀")]
    [InlineData("a😀b😀", 2, 0, "a|😀|b|😀")]
    [InlineData("😀😀", 1, 0, "😀|😀")]
    public void Parts_end_between_words_where_there_are_any_and_never_within_a_character(string text, int tokens, int overlap, string expected)
    {
        var options = new ChunkPoolingOptions { MaxTokens = tokens, OverlapTokens = overlap, CountTokens = Units };
        Assert.Equal(expected, string.Join('|', TextParts.Of(text, options).Select(part => text[part])));
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public void Parts_fit_cover_the_text_and_go_forward(int seed)
    {
        var random = new Random(seed);
        const string Letters = "abc  \n😀é　";
        for (int run = 0; run < 300; run++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(60)).Select(_ => random.Next(9) == 0 ? "😀" : Letters[random.Next(6)].ToString()));
            int tokens = random.Next(2, 12);
            var options = new ChunkPoolingOptions { MaxTokens = tokens, OverlapTokens = random.Next(tokens), CountTokens = Units };
            List<Range> parts = TextParts.Of(text, options);
            Assert.All(parts, part => Assert.True(text[part].Length <= tokens));
            Assert.All(parts, part => Assert.False(part.Start.Value < text.Length && char.IsLowSurrogate(text[part.Start.Value])));
            for (int i = 1; i < parts.Count; i++)
                Assert.True(parts[i].Start.Value > parts[i - 1].Start.Value && parts[i].End.Value > parts[i - 1].End.Value);
            Assert.All(Enumerable.Range(0, text.Length).Where(place => !char.IsWhiteSpace(text[place])), place => Assert.Contains(parts, part => part.Start.Value <= place && place < part.End.Value));
        }
    }

    [Fact]
    public void Impossible_options_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Fake.TextGenerator().WithChunkPooling(o => o.MaxTokens = 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Fake.TextGenerator().WithChunkPooling(o => o.OverlapTokens = 512));
    }
}
