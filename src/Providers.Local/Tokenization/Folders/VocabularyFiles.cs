using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>The text files that vocabularies are kept in.</summary>
internal static class VocabularyFiles
{
    private const string MergesVersion = "#version", EndOfWord = "</w>";
    private const int OpenAIClipMerges = 49152 - 256 - 2;

    /// <summary><c>vocab.txt</c>: a token a line, its id is the number of the line; of a token given twice the last line counts.</summary>
    public static RawVocabulary ReadLines(string file)
    {
        // Tokens may hold other characters that end lines, such as U+2028.
        string text = ReadText(file).Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        string[] lines = (text.EndsWith('\n') ? text[..^1] : text).Split('\n');
        return new RawVocabulary(Path.GetFileName(file), [.. lines.Select((token, id) => new RawToken(token, id))], []);
    }

    /// <summary><c>vocab.json</c>, tokens and ids, with <c>merges.txt</c>, a pair a line.</summary>
    public static RawVocabulary ReadMerges(string vocabulary, string merges)
    {
        string name = Path.GetFileName(vocabulary);
        try
        {
            using JsonDocument json = JsonDocument.Parse(ReadText(vocabulary));
            return new RawVocabulary(
                name, [.. new JsonPart(name, "", json.RootElement).IntegersByName().Select(token => new RawToken(token.Key, token.Value))], Merges(ReadText(merges), Path.GetFileName(merges)));
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{name} cannot be read as JSON from line {exception.LineNumber + 1} on. Fetch the file again.", exception);
        }
    }

    /// <summary><c>bpe_simple_vocab_16e6.txt.gz</c>: merges alone; the vocabulary is every byte, every byte at a word's end, what each merge gives, and two special tokens.</summary>
    /// <remarks>Reference: open_clip 3.3.0, simple_tokenizer.py, which takes 48,894 of the merges.</remarks>
    public static RawVocabulary ReadOpenAIClip(string file)
    {
        string name = Path.GetFileName(file);
        (string Left, string Right)[] merges = [.. Merges(ReadText(file), name).Take(OpenAIClipMerges)];
        string[] bytes = [.. ByteCharacters.All.ToArray().Order().Select(character => character.ToString())];
        string[] tokens = [.. bytes, .. bytes.Select(token => token + EndOfWord), .. merges.Select(merge => merge.Left + merge.Right), "<|startoftext|>", "<|endoftext|>"];
        return new RawVocabulary(name, [.. tokens.Select((token, id) => new RawToken(token, id))], merges);
    }

    /// <summary>The content of a UTF-8 file, unpacked when its name ends in <c>.gz</c>.</summary>
    /// <exception cref="InvalidDataException">It is no UTF-8, or no gzip.</exception>
    public static string ReadText(string file)
    {
        try
        {
            using Stream stream = File.OpenRead(file);
            using Stream content = file.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(stream, CompressionMode.Decompress) : stream;
            using var reader = new StreamReader(content, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
            return reader.ReadToEnd();
        }
        catch (DecoderFallbackException exception)
        {
            throw new InvalidDataException($"{Path.GetFileName(file)} is not UTF-8. Fetch the file again.", exception);
        }
    }

    private static List<(string Left, string Right)> Merges(string text, string name)
    {
        var merges = new List<(string, string)>();
        int number = 0;
        foreach (ReadOnlySpan<char> ended in text.AsSpan().EnumerateLinesAtFeeds())
        {
            ReadOnlySpan<char> line = ended.TrimEnd('\r');
            number++;
            if (line.IsEmpty || (number == 1 && line.Contains(MergesVersion, StringComparison.Ordinal)))
                continue;
            int space = line.IndexOf(' ');
            if (space <= 0 || space == line.Length - 1 || line[(space + 1)..].Contains(' '))
                throw new InvalidDataException($"{name}: line {number} is not two tokens with a space between. Fetch the file again.");
            merges.Add((line[..space].ToString(), line[(space + 1)..].ToString()));
        }

        return merges;
    }
}
