using Polymodal.Providers.Local.Tests.Tokenization.Models;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Tests.Tokenization;

public sealed class WordCacheTests
{
    private const string Model = """{"type":"BPE","vocab":{"a":0,"b":1,"aa":2,"aaaa":3,"ab":4},"merges":["a a","aa aa","a b"]}""";

    [Theory, InlineData("WhitespaceSplit"), InlineData(null)]
    public void Pieces_of_any_length_and_any_number_of_tokens_come_out_as_without_it(string? preTokenizer)
    {
        Tokenizer tokenizer = ModelTokenizer.Create(Model, preTokenizer);
        for (int length = 1; length < 70; length++)
        {
            ModelTokenizer.AssertSameIds(tokenizer, new string('a', length));
            ModelTokenizer.AssertSameIds(tokenizer, new string('b', length)); // As many tokens as characters.
            ModelTokenizer.AssertSameIds(tokenizer, new string('a', length - 1) + "b");
            ModelTokenizer.AssertSameIds(tokenizer, string.Concat(Enumerable.Repeat("\0", length)) + "a");
        }
    }

    [Fact]
    public void Pieces_that_differ_only_in_length_or_at_the_end_are_told_apart()
    {
        Tokenizer tokenizer = ModelTokenizer.Create("""{"type":"WordLevel","unk_token":"?","vocab":{"?":0,"x":1,"xx":2,"xxxxxxxxxxxxxxxx":3,"xxxxxxxxxxxxxxxxx":4,"xxxxxxxxxxxxxxxxy":5}}""", "WhitespaceSplit");
        var buffer = new TokenBuffer();
        for (int round = 0; round < 2; round++)
        {
            Assert.Equal([1, 2, 0, 3, 4, 5, 0], tokenizer.Encode($"x xx x\0 {new string('x', 16)} {new string('x', 17)} {new string('x', 16)}y {new string('x', 16)}\0", buffer).ToArray());
        }
    }

    [Fact]
    public void More_words_than_it_holds_come_out_right_from_many_threads()
    {
        Tokenizer tokenizer = ModelTokenizer.Create(Model, "WhitespaceSplit");
        string[] words = [.. Enumerable.Range(0, 30_000).Select(number => Convert.ToString(number, 2).Replace('0', 'a').Replace('1', 'b'))];
        int[][] expected = [.. words.Select(word => tokenizer.Encode(word).InputIds.ToArray())];
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, worker =>
        {
            var buffer = new TokenBuffer();
            for (int i = 0; i < words.Length; i++)
            {
                // All threads pass over the same few slots again and again.
                int place = worker % 2 == 0 ? i : i % 500;
                Assert.Equal(expected[place], tokenizer.Encode(words[place], buffer).ToArray());
            }
        });
    }
}
