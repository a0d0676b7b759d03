using System.Text.Json;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Evaluation.Parity;

/// <summary>
/// A tokenizer.json with what the library made of texts, pairs, words and batches, and of ids; with <c>bulk.json.gz</c> beside it also of
/// every text of the lists in a folder above.
/// </summary>
internal sealed class TokenizerFolderReference
{
    private const string File = "tokenizer.json", Bulk = "bulk.json.gz", Contexts = "context-*.json";

    // Of real vocabularies the recorder switched off what the file says of truncation and padding, but for one case.
    private const string RecordedWithoutSections = "sha256_of_tokenizer_json", CaseWithSections = "as-file";

    private static readonly string[] TextLists = ["texts", "fuzz"];

    private readonly Reference _reference;
    private readonly Lazy<Tokenizer> _tokenizer;
    private readonly Lazy<Dictionary<string, string>> _texts;

    public TokenizerFolderReference(Reference reference)
    {
        _reference = reference;
        _tokenizer = new(Load);
        _texts = new(ReadTexts);
    }

    public static bool Reads(Reference reference) =>
        (reference.Json.TryGetProperty("vocab_size", out _) || reference.Json.TryGetProperty("load_error", out _)) && TokenizerFile(reference) is not null;

    public IReadOnlyList<ParityCase> Cases()
    {
        if (_reference.Json.TryGetProperty("load_error", out JsonElement error))
            return [new("load", null, () => [TokenizerRows.Refused("load", error.GetString()!, () => Load())])];
        var cases = new List<ParityCase> { new("vocabulary", null, () => [Vocabulary()]) };
        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (JsonElement recorded in _reference.Json.GetProperty("cases").EnumerateArray())
        {
            string id = recorded.GetProperty("id").GetString()!;
            int number = names[id] = names.GetValueOrDefault(id) + 1;
            cases.Add(new(number == 1 ? id : $"{id} #{number}", null, () => new TokenizerCase(_tokenizer.Value, recorded, Defaults(id)).Compare()));
        }

        cases.Add(new("decode", null, () => [TokenizerRows.Of("decode", "decoded", Decoded)]));
        string bulk = Path.Combine(_reference.Folder, Bulk);
        if (System.IO.File.Exists(bulk))
            cases.AddRange(TextLists.Select(list => new ParityCase($"bulk-{list}", null, () => [TokenizerRows.Of($"bulk-{list}", "ids, offsets, decoded", () => InBulk(bulk, list))])));
        foreach (string file in Directory.EnumerateFiles(_reference.Folder, Contexts).Order(StringComparer.Ordinal))
            cases.Add(new(Path.GetFileNameWithoutExtension(file), null, () => [TokenizerRows.Of(Path.GetFileNameWithoutExtension(file), "transformers", () => InContext(file))]));
        return cases;
    }

    private static string? TokenizerFile(Reference reference) =>
        new[] { File, File + ".gz" }.Select(name => Path.Combine(reference.Folder, name)).FirstOrDefault(System.IO.File.Exists);

    private Tokenizer Load() => Tokenizer.FromJson(TokenizerRows.ReadAll(TokenizerFile(_reference)!), File);

    private EncodeOptions Defaults(string id) =>
        _reference.Json.TryGetProperty(RecordedWithoutSections, out _) && id != CaseWithSections ? new EncodeOptions() : _tokenizer.Value.FileOptions;

    private ParityRow Vocabulary()
    {
        int recorded = _reference.Json.GetProperty("vocab_size_with_added").GetInt32(), ours = _tokenizer.Value.VocabularySize;
        return TokenizerRows.Of("vocabulary", "size", () =>
        {
            if (ours != recorded)
                return $"{ours} tokens, recorded {recorded}";
            if (!_reference.Json.TryGetProperty("added_tokens_with_another_id", out JsonElement moved))
                return null;
            return moved.EnumerateObject().Where(token => _tokenizer.Value.TokenToId(token.Name) != token.Value.GetProperty("id_really_used").GetInt32())
                .Select(token => $"'{token.Name}' has id {_tokenizer.Value.TokenToId(token.Name)}, recorded {token.Value.GetProperty("id_really_used")}").FirstOrDefault();
        });
    }

    private string? Decoded()
    {
        int index = 0;
        foreach (JsonElement recorded in _reference.Json.GetProperty("decode").EnumerateArray())
        {
            int[] ids = TokenizerRows.Integers(recorded.GetProperty("ids"));
            if ((TokenizerRows.Text(_tokenizer.Value.Decode(ids), recorded.GetProperty("decoded"))
                ?? TokenizerRows.Text(_tokenizer.Value.Decode(ids, skipSpecialTokens: false), recorded.GetProperty("decoded_with_special"))) is { } note)
                return $"entry {index}: {note}";
            index++;
        }

        return null;
    }

    private string? InBulk(string file, string list)
    {
        Tokenizer tokenizer = _tokenizer.Value;
        var buffer = new TokenBuffer();
        using JsonDocument json = JsonDocument.Parse(TokenizerRows.ReadAll(file));
        foreach (JsonElement row in json.RootElement.GetProperty(list).EnumerateArray())
        {
            string id = row[0].GetString()!, text = _texts.Value[id];
            int[] ids = TokenizerRows.Integers(row[1]);
            EncodedText ours = tokenizer.Encode(text);
            int[] offsets = [.. ours.Offsets.SelectMany(offset => new[] { TokenizerRows.InCodePoints(text, offset.Start), TokenizerRows.InCodePoints(text, offset.End) })];
            string? note = TokenizerRows.List("ids", ours.InputIds, ids)
                ?? TokenizerRows.List("ids into a buffer", tokenizer.Encode(text, buffer).ToArray(), ids)
                ?? TokenizerRows.List("offsets", offsets, TokenizerRows.Integers(row[2]))
                ?? TokenizerRows.Text(tokenizer.Decode(ids), row[3]);
            if (note is not null)
                return $"text {id}: {note}";
        }

        return null;
    }

    // The name says the length, context-77.json.
    private string? InContext(string file)
    {
        int maxTokens = int.Parse(Path.GetFileNameWithoutExtension(file).Split('-')[1], System.Globalization.CultureInfo.InvariantCulture);
        var buffer = new TokenBuffer();
        using JsonDocument json = JsonDocument.Parse(TokenizerRows.ReadAll(file));
        foreach (JsonElement recorded in json.RootElement.GetProperty("cases").EnumerateArray())
        {
            string id = recorded.GetProperty("id").GetString()!;
            int[] ours = _tokenizer.Value.Encode(_texts.Value[id], buffer, maxTokens).ToArray();
            if (TokenizerRows.List("ids", ours, TokenizerRows.Integers(recorded.GetProperty("transformers"))) is { } note)
                return $"text {id}: {note}";
        }

        return null;
    }

    private Dictionary<string, string> ReadTexts()
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string list in TextLists)
        {
            string file = Path.GetFullPath(Path.Combine(_reference.Folder, "..", "..", $"{list}.json"));
            if (!System.IO.File.Exists(file))
                throw new FileNotFoundException($"{file} is missing: {_reference.File} was recorded with the texts in it. Fetch it too, to the same place two folders above.", file);
            using JsonDocument json = JsonDocument.Parse(TokenizerRows.ReadAll(file));
            foreach (JsonElement text in json.RootElement.GetProperty("texts").EnumerateArray())
                texts[text.GetProperty("id").GetString()!] = text.GetProperty("text").GetString()!;
        }

        return texts;
    }
}
