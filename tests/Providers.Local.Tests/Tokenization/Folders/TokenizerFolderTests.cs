using System.Text.Json;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Tests.Tokenization;

/// <summary>Real vocabularies in the files of older models give the ids of their tokenizer.json, on every hard text and random string.</summary>
public sealed class TokenizerFolderTests
{
    public static TheoryData<string, string> Written => new()
    {
        { "real/minilm-uncased", "vocab.txt" },
        { "real/gpt2", "vocab.json" },
        { "real/gpt2", "gpt2.tiktoken" },
        { "real/clip-bpe", "vocab.json" },
        { "real/clip-bpe", "bpe_simple_vocab_16e6.txt.gz" },
        { "real/qwen2", "vocab.json" },
        { "real/qwen2", "qwen.tiktoken" },
        { "real/whisper-multilingual", "vocab.json" },
        { "real/whisper-multilingual", "multilingual.tiktoken" },
        { "real/mistral-v1", "tokenizer.model" },
        { "real/xlmr-e5", "sentencepiece.bpe.model" },
    };

    [Theory, MemberData(nameof(Written))]
    public void Gives_the_ids_of_the_tokenizer_json(string name, string file)
    {
        using OlderFolder folder = Write(name, file);
        Tokenizer tokenizer = Tokenizer.FromFolder(folder.FullPath), recorded = TokenizerFixtures.Tokenizer(name);
        Assert.Equal(recorded.VocabularySize, tokenizer.VocabularySize);
        foreach ((string id, string text) in TokenizerFixtures.Texts)
        {
            IReadOnlyList<int> expected = recorded.Encode(text).InputIds, actual = tokenizer.Encode(text).InputIds;
            Assert.True(expected.SequenceEqual(actual), $"{id}: {string.Join(' ', expected)}, and here {string.Join(' ', actual)}");
            Assert.Equal(recorded.Decode([.. expected]), tokenizer.Decode([.. expected]));
        }

        Assert.Equal(recorded.Encode("one text", "and another").InputIds, tokenizer.Encode("one text", "and another").InputIds);
    }

    private static OlderFolder Write(string name, string file)
    {
        var folder = new OlderFolder(name);
        return file switch
        {
            "vocab.txt" => folder.WithLines(),
            "vocab.json" => folder.WithMerges(),
            "bpe_simple_vocab_16e6.txt.gz" => folder.WithOpenAIClip(),
            "tokenizer.model" => folder.WithPieces(file, LlamaPieces(folder.Recorded), isBpe: true),
            "sentencepiece.bpe.model" => folder.WithPieces(file, XlmRobertaPieces(folder.Recorded), isBpe: false, Charsmap(folder.Recorded)),
            _ => folder.WithRanks(file),
        };
    }

    // The score of a piece falls with the place of its first merge; characters, bytes and special tokens have none.
    private static IEnumerable<(string, float, int)> LlamaPieces(JsonElement recorded)
    {
        var scores = new Dictionary<string, float>(StringComparer.Ordinal);
        foreach (JsonElement merge in recorded.GetProperty("model").GetProperty("merges").EnumerateArray())
            scores.TryAdd(merge.ValueKind == JsonValueKind.Array ? $"{merge[0]}{merge[1]}" : merge.GetString()!.Replace(" ", "", StringComparison.Ordinal), -scores.Count);
        return recorded.GetProperty("model").GetProperty("vocab").EnumerateObject().OrderBy(token => token.Value.GetInt32())
            .Select((token, id) => (token.Name, scores.GetValueOrDefault(token.Name, -100_000), id switch { 0 => 2, < 3 => 3, < 259 => 6, _ => 1 }));
    }

    // The file has three pieces before the text's where the vocabulary has four tokens, and no mask.
    private static IEnumerable<(string, float, int)> XlmRobertaPieces(JsonElement recorded) =>
    [
        ("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3),
        .. recorded.GetProperty("model").GetProperty("vocab").EnumerateArray().Skip(4).SkipLast(1).Select(piece => (piece[0].GetString()!, piece[1].GetSingle(), 1)),
    ];

    private static byte[] Charsmap(JsonElement recorded) => recorded.GetProperty("normalizer").GetProperty("precompiled_charsmap").GetBytesFromBase64();
}
