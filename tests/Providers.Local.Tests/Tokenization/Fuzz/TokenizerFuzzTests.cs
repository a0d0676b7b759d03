using System.Globalization;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Tests.Tokenization;

/// <summary>
/// Random texts and damaged files, as many as the environment variables POLYMODAL_FUZZ_TEXTS and POLYMODAL_FUZZ_FILES say, from the seed
/// POLYMODAL_FUZZ_SEED. Without them a small share, the same in every run. See docs/fuzzing.md.
/// </summary>
public sealed class TokenizerFuzzTests
{
    private const int Shards = 16, TextsByDefault = 64_000, FilesByDefault = 4_000;

    private static readonly int Seed = Setting("POLYMODAL_FUZZ_SEED", 20261122);

    // Every kind of model, pre-tokenizer and post-processor; small vocabularies, so that unknown characters are common.
    private static readonly string[] Names =
    [
        "trained/added-bytelevel", "trained/added-overlap", "trained/added-wordpiece-both-strip", "trained/bpe-affixes", "trained/bpe-char-fuse-unk", "trained/byte-fallback-incomplete", "trained/bytelevel-normalizer",
        "trained/clip", "trained/gemma-like", "trained/gpt2", "trained/llama-legacy", "trained/llama-metaspace-first", "trained/llama3", "trained/modernbert", "trained/qwen2", "trained/roberta", "trained/starcoder",
        "trained/template-types", "trained/unigram-bytes", "trained/unigram-t5", "trained/unigram-xlmr", "trained/wordlevel", "trained/wordpiece-uncased", "trained/bpe-scripts", "trained/bpe-fixed-length",
    ];

    // Byte-level without normalizer, prefix space or added tokens that swallow white space: ids hold the text.
    private static readonly HashSet<string> Lossless = ["trained/gpt2", "trained/llama3", "trained/starcoder"];

    private static readonly Lazy<(string Name, Tokenizer Tokenizer)[]> Tokenizers = new(() => [.. Names.Select(name => (name, TokenizerFixtures.Tokenizer(name)))]);

    public static TheoryData<int> Shard => [.. Enumerable.Range(0, Shards)];

    [Theory, MemberData(nameof(Shard)), Trait("Category", "Fuzz")]
    public void Every_path_agrees_on_random_texts(int shard)
    {
        int count = Setting("POLYMODAL_FUZZ_TEXTS", TextsByDefault) / Shards;
        var buffer = new TokenBuffer();
        for (int i = 0; i < count; i++)
        {
            // A text by itself, so that one that fails is made again from its number alone.
            int number = (shard * count) + i;
            var random = new Random(HashCode(Seed, number));
            string text = RandomText.Create(random);
            (string name, Tokenizer tokenizer) = Tokenizers.Value[random.Next(Tokenizers.Value.Length)];
            try
            {
                Check(name, tokenizer, text, buffer, random);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"{name}, text {number} of seed {Seed}: {exception.Message}", exception);
            }
        }
    }

    [Theory, MemberData(nameof(Shard)), Trait("Category", "Fuzz")]
    public void A_damaged_file_is_read_or_refused_by_name(int shard)
    {
        int count = Setting("POLYMODAL_FUZZ_FILES", FilesByDefault) / Shards;
        var buffer = new TokenBuffer();
        for (int i = 0; i < count; i++)
        {
            int number = (shard * count) + i;
            byte[] file = DamagedFile.Create(new Random(HashCode(Seed, ~number)));
            try
            {
                Tokenizer tokenizer = Tokenizer.FromJson(file, "damaged.json");
                tokenizer.EncodeBatch([("hello worlds! xyz", null), ("hello", "a b")], tokenizer.FileOptions);
                tokenizer.Decode(tokenizer.Encode("hello worlds!", buffer));
            }
            catch (Exception exception) when (exception is InvalidDataException or NotSupportedException or ArgumentException)
            {
                Assert.True(exception.Message.Length is >= 10 and <= 1_000, $"file {number} of seed {Seed}: a message of {exception.Message.Length} characters: {exception.Message}");
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"file {number} of seed {Seed}: {exception.GetType().Name}: {exception.Message}", exception);
            }
        }
    }

    private static void Check(string name, Tokenizer tokenizer, string text, TokenBuffer buffer, Random random)
    {
        EncodedText full = tokenizer.Encode(text);
        Assert.Equal(full.InputIds, tokenizer.Encode(text, buffer).ToArray());
        Assert.Equal(full.TokenTypeIds, buffer.TokenTypeIds.ToArray());
        for (int i = 0; i < full.Offsets.Count; i++)
            Assert.True(full.Offsets[i].Start >= 0 && full.Offsets[i].Start <= full.Offsets[i].End && full.Offsets[i].End <= text.Length, $"token {i} has offsets {full.Offsets[i]} in a text of {text.Length}");
        int[] words = [.. full.WordIds.Where(word => word is not null).Select(word => word!.Value)];
        Assert.Equal(words.Order(), words);

        IReadOnlyList<EncodedText> batch = tokenizer.EncodeBatch([("before", null), (text, null), (text, "after")]);
        Assert.Equal(full.InputIds, batch[1].InputIds);
        Assert.Equal(full.Offsets, batch[1].Offsets);

        int specialTokens = tokenizer.Encode("").InputIds.Count, most = specialTokens + random.Next(12);
        EncodedText cut = tokenizer.Encode(text, new EncodeOptions { Truncation = new Truncation { MaxTokens = most } });
        Assert.Equal(cut.InputIds, tokenizer.Encode(text, buffer, most).ToArray());
        Assert.Equal(full.InputIds.Count > most, buffer.WasCut);

        string decoded = tokenizer.Decode([.. full.InputIds], skipSpecialTokens: false);
        if (Lossless.Contains(name))
            Assert.Equal(WellFormed(text), tokenizer.Decode([.. tokenizer.Encode(text, new EncodeOptions { AddSpecialTokens = false }).InputIds], skipSpecialTokens: false));
        Assert.NotNull(decoded);
    }

    private static string WellFormed(string text) => string.Concat(text.EnumerateRunes().Select(rune => rune.ToString()));

    // The runtime's own mixes in a number that changes from process to process.
    private static int HashCode(int seed, int number) => unchecked((int)(((uint)seed * 0x9E3779B1) ^ ((uint)number * 0x85EBCA77)));

    private static int Setting(string name, int fallback) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : fallback;
}
