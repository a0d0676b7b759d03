using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Tests.Tokenization;

/// <summary>The recorded references of tests/Fixtures/reference/tokenizers, see PROVENANCE.md there.</summary>
internal static class TokenizerFixtures
{
    private static readonly ConcurrentDictionary<string, JsonElement> Read = new();

    public static string Root { get; } = Repository.Reference("tokenizers");

    /// <summary>Folders of a kind (real, trained, legacy) as <c>kind/name</c>.</summary>
    public static IEnumerable<string> Folders(string kind) =>
        Directory.EnumerateDirectories(Path.Combine(Root, kind)).Select(folder => $"{kind}/{Path.GetFileName(folder)}").Order(StringComparer.Ordinal);

    /// <summary>A file's content, read once.</summary>
    public static JsonElement Json(string path) => Read.GetOrAdd(path, ReadJson);

    /// <summary>The tokenizer.json of a folder, possibly packed.</summary>
    public static string FileOf(string folder) => $"{folder}/tokenizer.json{(File.Exists(Path.Combine(Root, folder, "tokenizer.json")) ? "" : ".gz")}";

    /// <summary>The tokenizer of a folder, whose file may be compressed.</summary>
    public static Tokenizer Tokenizer(string folder)
    {
        string path = Path.Combine(Root, folder, "tokenizer.json");
        if (File.Exists(path))
            return Local.Tokenization.Tokenizer.FromFile(path);
        using var content = new MemoryStream();
        using (var unzipped = new GZipStream(File.OpenRead(path + ".gz"), CompressionMode.Decompress))
            unzipped.CopyTo(content);
        return Local.Tokenization.Tokenizer.FromJson(content.ToArray(), path);
    }

    /// <summary>A tokenizer of a file with some sections replaced.</summary>
    public static Tokenizer Tokenizer(string path, params (string Section, string Json)[] sections)
    {
        JsonObject file = JsonNode.Parse(File.ReadAllText(Path.Combine(Root, path)))!.AsObject();
        foreach ((string section, string json) in sections)
            file[section] = JsonNode.Parse(json);
        return Local.Tokenization.Tokenizer.FromJson(JsonSerializer.SerializeToUtf8Bytes(file), path);
    }

    /// <summary>The recorded character map of XLM-R and T5, as a file holds it.</summary>
    public static string Charsmap { get; } = Convert.ToBase64String(File.ReadAllBytes(Path.Combine(Root, "nmt_nfkc.bin")));

    /// <summary>The hand-written hard texts and the random strings, by id.</summary>
    public static IReadOnlyDictionary<string, string> Texts { get; } =
        Json("texts.json").GetProperty("texts").EnumerateArray().Concat(Json("fuzz.json").GetProperty("texts").EnumerateArray())
            .ToDictionary(text => text.GetProperty("id").GetString()!, text => text.GetProperty("text").GetString()!);

    public static int[] Integers(this JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetInt32())];

    public static string[] Strings(this JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetString()!)];

    /// <summary>A place in code points, as the references count, from one in UTF-16 units.</summary>
    public static int InCodePoints(string text, int units)
    {
        int count = 0;
        for (int i = 0; i < units; i++)
            count += char.IsLowSurrogate(text[i]) && i > 0 && char.IsHighSurrogate(text[i - 1]) ? 0 : 1;
        return count;
    }

    private static JsonElement ReadJson(string path)
    {
        using Stream file = File.OpenRead(Path.Combine(Root, path));
        using Stream content = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using JsonDocument document = JsonDocument.Parse(content);
        return document.RootElement.Clone();
    }
}
