using System.IO.Compression;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Engines;
using Polymodal.Providers.Local.Tokenization;
using Polymodal.Tests;

namespace Polymodal.Benchmarks;

/// <summary>
/// The 300 passages of evaluation/facts into ids, special tokens added, one thread, against HuggingFace's Rust core; on both sides the
/// words have been seen before. Needs <c>npm ci</c> in benchmarks/HuggingFace.
/// </summary>
#pragma warning disable CA1001 // GlobalCleanup disposes.
[MemoryDiagnoser]
[SimpleJob(RunStrategy.Throughput, warmupCount: 4, iterationCount: 12)]
public class TokenizerBenchmark
#pragma warning restore CA1001
{
    private readonly TokenBuffer _buffer = new();
    private string[] _texts = [];
    private Tokenizer _tokenizer = null!;
    private HuggingFaceTokenizer _huggingFace = null!;

    /// <summary>A folder of the recorded vocabularies.</summary>
    [Params("minilm-uncased", "gpt2", "qwen2", "clip-bpe", "mistral-v1", "xlmr-e5", "spm-en-unigram")]
    public string Vocabulary { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        _texts = [.. File.ReadLines(Repository.Reference("evaluation/facts/corpus.jsonl")).Select(TextOf)];
        string path = Repository.Reference($"tokenizers/real/{Vocabulary}/tokenizer.json");
        if (!File.Exists(path))
            path += ".gz";
        _tokenizer = Tokenizer.FromJson(Content(path), Vocabulary);
        _huggingFace = new HuggingFaceTokenizer(path, _texts);
        EnsureSameIds();
    }

    [GlobalCleanup]
    public void Cleanup() => _huggingFace.Dispose();

    /// <summary>The Rust core, all texts in one call.</summary>
    [Benchmark(Baseline = true)]
    public int HuggingFace() => _huggingFace.EncodeAll();

    /// <summary>Ours, one text after the other.</summary>
    [Benchmark]
    public int Polymodal()
    {
        int tokens = 0;
        foreach (string text in _texts)
            tokens += _tokenizer.Encode(text, _buffer).Length;
        return tokens;
    }

    private void EnsureSameIds()
    {
        int[][] expected = _huggingFace.Ids();
        for (int i = 0; i < _texts.Length; i++)
        {
            if (!_tokenizer.Encode(_texts[i], _buffer).SequenceEqual(expected[i]) || !_tokenizer.Encode(_texts[i]).InputIds.SequenceEqual(expected[i]))
                throw new InvalidOperationException($"Passage {i} has other ids than HuggingFace gives it: the two sides do not compute the same.");
        }
    }

    private static string TextOf(string line)
    {
        using JsonDocument json = JsonDocument.Parse(line);
        return json.RootElement.GetProperty("text").GetString()!;
    }

    private static byte[] Content(string path)
    {
        using Stream file = File.OpenRead(path);
        using Stream content = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var bytes = new MemoryStream();
        content.CopyTo(bytes);
        return bytes.ToArray();
    }
}
