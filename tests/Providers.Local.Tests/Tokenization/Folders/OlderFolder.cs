using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Tests.Tokenization;

/// <summary>A recorded tokenizer written as the files that older models have in the place of tokenizer.json.</summary>
internal sealed class OlderFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("polymodal-");

    /// <summary>Starts with a tokenizer_config.json.</summary>
    /// <param name="name">The recorded tokenizer, e.g. <c>real/gpt2</c>.</param>
    /// <param name="config">The configuration; null: the recorded one.</param>
    public OlderFolder(string name, string? config = null)
    {
        Recorded = TokenizerFixtures.Json(TokenizerFixtures.FileOf(name));
        string recorded = Path.Combine(TokenizerFixtures.Root, name, "tokenizer_config.json");
        Write("tokenizer_config.json", config ?? File.ReadAllText(recorded));
    }

    /// <summary>The folder.</summary>
    public string FullPath => _folder.FullName;

    /// <summary>The recorded tokenizer.json.</summary>
    public JsonElement Recorded { get; }

    private JsonElement Model => Recorded.GetProperty("model");

    /// <summary>Ids of the model's own tokens, of a byte-level vocabulary those that are text.</summary>
    private IEnumerable<(string Token, int Id)> Vocabulary =>
        Model.GetProperty("vocab").EnumerateObject().Select(token => (token.Name, Id: token.Value.GetInt32())).OrderBy(token => token.Id);

    private IEnumerable<string> Merges =>
        Model.GetProperty("merges").EnumerateArray().Select(merge => merge.ValueKind == JsonValueKind.Array ? $"{merge[0]} {merge[1]}" : merge.GetString()!);

    public void Write(string file, string content) => File.WriteAllText(Path.Combine(FullPath, file), content);

    /// <summary>A token a line.</summary>
    public OlderFolder WithLines(string lineEnd = "\n")
    {
        Write("vocab.txt", string.Concat(Vocabulary.Select(token => token.Token + lineEnd)));
        return this;
    }

    /// <summary>vocab.json and merges.txt.</summary>
    public OlderFolder WithMerges()
    {
        Write("vocab.json", Model.GetProperty("vocab").GetRawText());
        Write("merges.txt", "#version: 0.2\n" + string.Join('\n', Merges) + "\n");
        return this;
    }

    /// <summary>OpenAI's file of CLIP: a first line, then more merges than are used.</summary>
    public OlderFolder WithOpenAIClip()
    {
        using var packed = new GZipStream(File.Create(Path.Combine(FullPath, "bpe_simple_vocab_16e6.txt.gz")), CompressionLevel.Fastest);
        packed.Write(Encoding.UTF8.GetBytes("\"bpe_simple_vocab_16e6.txt#version: 0.2\n" + string.Join('\n', Merges) + "\nnot used\n"));
        return this;
    }

    /// <summary>Tokens as base64 with their ranks, without those that are added.</summary>
    public OlderFolder WithRanks(string file)
    {
        HashSet<string> added = [.. Recorded.GetProperty("added_tokens").EnumerateArray().Select(token => token.GetProperty("content").GetString()!)];
        Write(file, string.Concat(Vocabulary.Where(token => !added.Contains(token.Token))
            .Select(token => $"{(token.Token.Length == 0 ? "=" : Convert.ToBase64String([.. token.Token.Select(character => (byte)ByteCharacters.ByteOf(character))]))} {token.Id.ToString(CultureInfo.InvariantCulture)}\n")));
        return this;
    }

    /// <summary>A SentencePiece model.</summary>
    /// <param name="file">Its name.</param>
    /// <param name="pieces">Its pieces: text, score, kind.</param>
    /// <param name="isBpe">Whether it is BPE, else Unigram.</param>
    /// <param name="charsmap">The compiled normalization, or null.</param>
    public OlderFolder WithPieces(string file, IEnumerable<(string Text, float Score, int Kind)> pieces, bool isBpe, byte[]? charsmap = null)
    {
        using var model = new MemoryStream();
        foreach ((string text, float score, int kind) in pieces)
            Field(model, 1, [.. Message(1, Encoding.UTF8.GetBytes(text)), .. Key(2, 5), .. BitConverter.GetBytes(score), .. Key(3, 0), (byte)kind]);
        Field(model, 2, [.. Key(3, 0), (byte)(isBpe ? 2 : 1), .. Key(40, 0), 0]);
        if (charsmap is not null)
            Field(model, 3, Message(2, charsmap));
        File.WriteAllBytes(Path.Combine(FullPath, file), model.ToArray());
        return this;
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);

    private static void Field(Stream stream, int number, byte[] content) => stream.Write(Message(number, content));

    private static byte[] Message(int number, byte[] content) => [.. Key(number, 2), .. Varint((ulong)content.Length), .. content];

    private static byte[] Key(int number, int wire) => Varint((ulong)((number << 3) | wire));

    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        return [.. bytes, (byte)value];
    }
}
