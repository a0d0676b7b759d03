using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Tests.Tokenization;

public sealed class TokenizerTests
{
    private const int Start = 101, Separator = 102, Unknown = 100;

    private static readonly Tokenizer MiniLM = TokenizerFixtures.Tokenizer("real/minilm-uncased");

    [Theory, InlineData(""), InlineData(" \t\r\n\u3000"), InlineData("\0\u200B\uFEFF")]
    public void A_text_without_content_is_its_special_tokens(string text)
    {
        Assert.Equal([Start, Separator], Ids(text));
        Assert.Equal([Start, Separator], MiniLM.Encode(text).InputIds);
        Assert.Empty(Ids(text, addSpecialTokens: false));
    }

    [Fact] // Not a theory: xunit passes arguments through UTF-8, which unpaired surrogates do not survive.
    public void An_unpaired_surrogate_counts_as_the_replacement_character()
    {
        Tokenizer keepsIt = TokenizerFixtures.Tokenizer("trained/wordpiece-no-clean-no-chinese");
        foreach ((string text, string replaced) in ((string, string)[])[
            ("a\uD800b", "a\uFFFDb"), ("\uDC00 hello \uD83D", "\uFFFD hello \uFFFD"), ("\uDC00\uD800", "\uFFFD\uFFFD"), ("\uD83D\uD83D\uDE00", "\uFFFD\uD83D\uDE00")])
        {
            Assert.Equal(Ids(replaced), Ids(text));
            foreach (Tokenizer tokenizer in (Tokenizer[])[MiniLM, keepsIt])
            {
                EncodedText expected = tokenizer.Encode(replaced), actual = tokenizer.Encode(text);
                Assert.Equal(expected.InputIds, actual.InputIds);
                Assert.Equal(expected.Offsets, actual.Offsets);
            }
        }
    }

    [Fact]
    public void Both_paths_agree_on_every_text_alone_and_without_special_tokens()
    {
        var buffer = new TokenBuffer();
        foreach (string folder in (string[])["real/minilm-uncased", "trained/added-wordpiece-both-strip", "trained/wordpiece-sequence-normalizer", "trained/template-types"])
        {
            Tokenizer tokenizer = TokenizerFixtures.Tokenizer(folder);
            foreach (string text in TokenizerFixtures.Texts.Values)
            {
                foreach (bool special in (bool[])[true, false])
                {
                    EncodedText full = tokenizer.Encode(text, new EncodeOptions { AddSpecialTokens = special });
                    Assert.Equal(full.InputIds, tokenizer.Encode(text, buffer, addSpecialTokens: special).ToArray());
                    Assert.Equal(full.TokenTypeIds, buffer.TokenTypeIds.ToArray());
                    Assert.False(buffer.WasCut);
                }
            }
        }
    }

    [Theory, InlineData(2), InlineData(3), InlineData(8), InlineData(9)]
    public void Cutting_keeps_the_closing_special_token_and_says_that_the_text_was_longer(int maxTokens)
    {
        const string Text = "The quick brown fox jumps over the lazy dog.";
        int[] all = Ids(Text);
        var buffer = new TokenBuffer();
        int[] cut = MiniLM.Encode(Text, buffer, maxTokens).ToArray();
        Assert.Equal([.. all[..(maxTokens - 1)], Separator], cut);
        Assert.Equal(MiniLM.Encode(Text, new EncodeOptions { Truncation = new Truncation { MaxTokens = maxTokens } }).InputIds, cut);
        Assert.Equal(maxTokens, buffer.Count);
        Assert.True(buffer.WasCut);
        Assert.Equal(all, MiniLM.Encode(Text, buffer, all.Length).ToArray());
        Assert.False(buffer.WasCut);
    }

    // A space in the middle of every kind of neighbourhood; longer by far than what is looked at first.
    [Theory]
    [InlineData("real/minilm-uncased"), InlineData("real/gpt2"), InlineData("real/clip-bpe"), InlineData("real/qwen2"), InlineData("real/xlmr-e5"), InlineData("real/mistral-v1"), InlineData("trained/llama3")]
    [InlineData("trained/added-overlap"), InlineData("trained/starcoder"), InlineData("trained/bpe-fixed-length"), InlineData("trained/added-llama-legacy"), InlineData("trained/unigram-metaspace-first")]
    public void The_first_tokens_of_a_long_text_are_those_of_the_whole(string name)
    {
        Tokenizer tokenizer = TokenizerFixtures.Tokenizer(name);
        string all = string.Join(' ', TokenizerFixtures.Texts.Values);
        var buffer = new TokenBuffer();
        foreach (string text in (string[])[all, "a " + all, "x" + all, all + " z", string.Concat(Enumerable.Repeat("word ", 2_000)), new string(' ', 5_000) + "a b c d e f"])
        {
            IReadOnlyList<int> whole = tokenizer.Encode(text, new EncodeOptions { AddSpecialTokens = false }).InputIds;
            foreach (int most in (int[])[1, 2, 7, 100, 1_000, whole.Count - 1, whole.Count])
            {
                Assert.Equal(whole.Take(most), tokenizer.Encode(text, buffer, most, addSpecialTokens: false).ToArray());
                Assert.Equal(whole.Count > most, buffer.WasCut);
            }
        }
    }

    [Theory, InlineData("real/minilm-uncased"), InlineData("real/gpt2"), InlineData("real/qwen2"), InlineData("real/xlmr-e5")]
    public void A_long_text_costs_what_its_first_tokens_cost(string name)
    {
        Tokenizer tokenizer = TokenizerFixtures.Tokenizer(name);
        string text = string.Concat(Enumerable.Repeat("The quick brown fox jumps over the lazy dog. ", 100_000));
        var buffer = new TokenBuffer();
        long before = GC.GetAllocatedBytesForCurrentThread();
        tokenizer.Encode(text, buffer, 512);
        Assert.True(buffer.WasCut);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000); // the whole text would need 9 MB in each buffer
    }

    [Fact]
    public void A_limit_below_the_special_tokens_is_an_error()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => { MiniLM.Encode("hello", new TokenBuffer(), maxTokens: 1); });
        Assert.Equal([7592], MiniLM.Encode("hello", new TokenBuffer(), maxTokens: 1, addSpecialTokens: false).ToArray());
    }

    [Fact]
    public void The_files_own_truncation_and_padding_act_only_when_asked_for()
    {
        string text = string.Concat(Enumerable.Repeat("hello ", 300));
        Assert.Equal(128, MiniLM.Truncation?.MaxTokens);
        Assert.Equal(128, MiniLM.Padding?.Length);
        Assert.Equal(302, MiniLM.Encode(text).InputIds.Count);
        Assert.Equal(128, MiniLM.Encode(text, MiniLM.FileOptions).InputIds.Count);
        EncodedText filled = MiniLM.Encode("hello", MiniLM.FileOptions);
        Assert.Equal(128, filled.InputIds.Count);
        Assert.Equal(3, filled.AttentionMask.Sum());
    }

    [Fact]
    public void Long_texts_and_long_words_are_no_trouble()
    {
        Assert.Equal([Start, Unknown, Separator], Ids(new string('a', 1 << 20)));
        Assert.Equal([Start, Unknown, Separator], MiniLM.Encode(new string('é', 1 << 20)).InputIds);
        int[] words = Ids(string.Concat(Enumerable.Repeat("hello ", 100_000)));
        Assert.Equal(100_002, words.Length);
        Assert.All(words[1..^1], id => Assert.Equal(7592, id));
        Assert.Equal(1 << 20, Ids(new string('[', 1 << 20)).Length - 2);
    }

    [Theory, InlineData("NFC"), InlineData("NFD"), InlineData("NFKC"), InlineData("NFKD")]
    public void A_million_marks_on_one_letter_are_no_trouble(string form)
    {
        Tokenizer tokenizer = TokenizerFixtures.Tokenizer("invalid/good-wordpiece.json", ("normalizer", $$"""{"type":"{{form}}"}"""));
        string marks = string.Concat(Enumerable.Repeat("\u0301\u0323\u0345", 350_000));
        Assert.Equal([2, 1, 3], tokenizer.Encode("a" + marks, new TokenBuffer()).ToArray());
    }

    [Fact]
    public void Encoding_into_a_used_buffer_allocates_nothing()
    {
        string[] texts = [.. TokenizerFixtures.Texts.Values];
        foreach (string folder in (string[])[
            "real/minilm-uncased", "real/gpt2", "real/xlmr-e5", "real/clip-bpe", "trained/added-wordpiece-both-strip", "trained/gpt2-prefix-space", "trained/llama-legacy",
            "trained/unigram-t5", "trained/unigram-metaspace-first", "trained/bpe-scripts", "trained/bytelevel-normalizer"])
        {
            Tokenizer tokenizer = TokenizerFixtures.Tokenizer(folder);
            var buffer = new TokenBuffer();
            long least = long.MaxValue;
            for (int round = 0; round < 10; round++) // Growing buffers and compiling come first; what a text itself costs would show in every round.
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                foreach (string text in texts)
                    tokenizer.Encode(text, buffer, maxTokens: 128);
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }

            Assert.Equal(0, least);
        }
    }

    [Fact]
    public void Many_threads_get_the_same_ids()
    {
        string[] texts = [.. TokenizerFixtures.Texts.Values];
        int[][] expected = [.. texts.Select(text => Ids(text))];
        Parallel.For(0, 16, new ParallelOptions { MaxDegreeOfParallelism = 16 }, worker =>
        {
            var buffer = new TokenBuffer();
            for (int i = 0; i < texts.Length; i++)
            {
                int place = (i + (worker * 97)) % texts.Length;
                Assert.Equal(expected[place], MiniLM.Encode(texts[place], buffer).ToArray());
            }
        });
    }

    [Fact]
    public void Offsets_point_into_the_text_and_words_do_not_go_back()
    {
        foreach (string text in TokenizerFixtures.Texts.Values)
        {
            EncodedText encoded = MiniLM.Encode(text, new EncodeOptions { AddSpecialTokens = false });
            Assert.All(encoded.Offsets, offset => Assert.InRange(offset.End, offset.Start + 1, text.Length));
            Assert.Equal(encoded.WordIds.Order(), encoded.WordIds);
        }
    }

    [Fact]
    public void Lower_casing_comes_before_everything_else()
    {
        Tokenizer cased = TokenizerFixtures.Tokenizer("trained/wordpiece-cased"), lowered = cased.WithLowercase();
        Assert.NotEqual(cased.Encode("HELLO WORLD").InputIds, cased.Encode("hello world").InputIds);
        Assert.Equal(cased.Encode("hello world").InputIds, lowered.Encode("HELLO World").InputIds);
        Assert.Equal(cased.Encode("i\u0307").InputIds, lowered.Encode("\u0130").InputIds);
        Assert.Equal(cased.Encode("[SEP] the").InputIds, lowered.Encode("[SEP] THE").InputIds);
    }

    [Fact]
    public void Tokens_and_ids_are_found_both_ways()
    {
        Assert.Equal(30522, MiniLM.VocabularySize);
        Assert.Equal(7592, MiniLM.TokenToId("hello"));
        Assert.Equal("##s", MiniLM.IdToToken(2015));
        Assert.Null(MiniLM.TokenToId("no such token"));
        Assert.Null(MiniLM.IdToToken(-1));
        Assert.Null(MiniLM.IdToToken(30522));
        Assert.Equal("hello worlds", MiniLM.Decode([Start, 7592, 8484, 99_999, Separator]));
        Assert.Equal("", MiniLM.Decode([]));
    }

    [Fact]
    public void A_word_that_needs_a_missing_unknown_token_is_an_error_that_names_it()
    {
        Tokenizer tokenizer = TokenizerFixtures.Tokenizer("invalid/unk-not-in-vocab-wordpiece.json", []);
        Assert.Equal([2, 4, 5, 3], tokenizer.Encode("hello world").InputIds);
        Assert.Contains("unk_token '[X]'", Assert.Throws<InvalidDataException>(() => tokenizer.Encode("xyz")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_an_error_of_the_file_system()
    {
        Assert.Throws<FileNotFoundException>(() => Tokenizer.FromFile(Path.Combine(TokenizerFixtures.Root, "no-such-tokenizer.json")));
        Assert.Throws<ArgumentException>(() => Tokenizer.FromFile(""));
    }

    [Fact]
    public void A_place_deep_in_a_file_is_named_by_its_beginning_and_its_end()
    {
        string deep = string.Concat(Enumerable.Repeat("""{"type": "Sequence", "normalizers": [""", 25)) + """{"type": "Sequenze"}""" + string.Concat(Enumerable.Repeat("]}", 25));
        byte[] file = System.Text.Encoding.UTF8.GetBytes($$$"""{"normalizer": {{{deep}}}, "model": {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"}}""");
        string message = Assert.Throws<NotSupportedException>(() => Tokenizer.FromJson(file, "deep.json")).Message;
        Assert.StartsWith("deep.json: normalizer.normalizers[0].", message, StringComparison.Ordinal);
        Assert.Contains("…", message, StringComparison.Ordinal);
        Assert.Contains("normalizers[0].type is 'Sequenze'; supported: BertNormalizer", message, StringComparison.Ordinal);
        Assert.InRange(message.Length, 200, 500);
    }

    private static int[] Ids(string text, bool addSpecialTokens = true) => MiniLM.Encode(text, new TokenBuffer(), addSpecialTokens: addSpecialTokens).ToArray();
}
