using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Polymodal.Providers.Cloud.Tests;

/// <summary>The estimate of tokens beside what recorded vocabularies really make of the hard texts; see docs/cloud.md, Tokens.</summary>
public sealed class TokenEstimateTests
{
    private static readonly string Folder = Repository.Reference("tokenizers");

    public static TheoryData<string> Vocabularies => [.. Directory.EnumerateDirectories(Path.Combine(Folder, "real")).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    /// <summary>Those nearest to what services use today: a byte-level BPE with one token a digit, and a large SentencePiece vocabulary.</summary>
    [Theory, InlineData("qwen2"), InlineData("xlmr-e5")]
    public void For_prose_of_any_language_the_estimate_is_hardly_ever_too_low(string vocabulary)
    {
        (string Id, string Text, int Tokens)[] prose = [.. Recorded(vocabulary).Where(row => row.Id.Split('-')[0] is "plain" or "multilingual" or "cjk" or "numbers" or "url_code")];
        Assert.True(prose.Length > 80);

        // One text beside another: each within the special tokens and half as much again; together never above the estimate.
        Assert.All(prose, row => Assert.True(row.Tokens <= (TokenEstimate.Count(row.Text) * 1.5) + 3, $"{row.Id}: {row.Tokens} tokens, estimated {TokenEstimate.Count(row.Text)}"));
        Assert.True(prose.Sum(row => row.Tokens) <= prose.Sum(row => TokenEstimate.Count(row.Text)), $"{prose.Sum(row => row.Tokens)} tokens, estimated {prose.Sum(row => TokenEstimate.Count(row.Text))}");
        Assert.True(prose.Sum(row => TokenEstimate.Count(row.Text)) <= 2 * prose.Sum(row => row.Tokens), "The estimate would refuse texts of half the length that a model takes.");
    }

    [Theory, MemberData(nameof(Vocabularies))]
    public void Bytes_and_eight_more_are_never_too_few(string vocabulary) =>
        Assert.All(Recorded(vocabulary), row => Assert.True(row.Tokens <= Encoding.UTF8.GetByteCount(row.Text) + 8, $"{row.Id}: {row.Tokens} tokens"));

    /// <summary>Every hand-written and every random text, and how many tokens the vocabulary makes of it, special ones included.</summary>
    private static IEnumerable<(string Id, string Text, int Tokens)> Recorded(string vocabulary)
    {
        Dictionary<string, string> texts = new[] { "texts.json", "fuzz.json" }.SelectMany(file => Read(file).GetProperty("texts").EnumerateArray())
            .ToDictionary(text => text.GetProperty("id").GetString()!, text => text.GetProperty("text").GetString()!);
        JsonElement bulk = Read($"real/{vocabulary}/bulk.json.gz");
        return bulk.GetProperty("texts").EnumerateArray().Concat(bulk.GetProperty("fuzz").EnumerateArray())
            .Select(row => (row[0].GetString()!, texts[row[0].GetString()!], row[1].GetArrayLength()));
    }

    private static JsonElement Read(string path)
    {
        using Stream file = File.OpenRead(Path.Combine(Folder, path));
        using Stream content = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using JsonDocument document = JsonDocument.Parse(content);
        return document.RootElement.Clone();
    }
}
