using System.Text.Json;
using System.Text.Json.Nodes;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Evaluation.Parity;

/// <summary>Settings of truncation and padding, each put into the tokenizer.json of a folder beside, and what became of the same texts and pairs.</summary>
/// <param name="reference">The record.</param>
internal sealed class TruncationReference(Reference reference)
{
    // The record names the tokenizers by their kind; the folder of one is longer.
    private static readonly Dictionary<string, string> Folders = new(StringComparer.Ordinal) { ["wordpiece"] = "wordpiece-uncased" };

    public static bool Reads(Reference reference) =>
        reference.Json.TryGetProperty("cases", out JsonElement cases) && cases.ValueKind == JsonValueKind.Array && cases.GetArrayLength() > 0 &&
        cases[0].ValueKind == JsonValueKind.Object && cases[0].TryGetProperty("batch_ids", out _);

    public IReadOnlyList<ParityCase> Cases() =>
        [.. reference.Json.GetProperty("cases").EnumerateArray().Select((recorded, index) => (Id: $"{index:000}-{recorded.GetProperty("tokenizer").GetString()}", recorded))
            .Select(item => new ParityCase(item.Id, null, () => Compare(item.Id, item.recorded)))];

    private List<ParityRow> Compare(string id, JsonElement recorded)
    {
        Tokenizer tokenizer = Load(recorded);
        EncodeOptions options = tokenizer.FileOptions with { AddSpecialTokens = recorded.GetProperty("add_special_tokens").GetBoolean() };
        (string Text, string? Pair)[] inputs =
        [
            .. recorded.GetProperty("inputs").EnumerateArray().Select(input =>
                input.ValueKind == JsonValueKind.Array ? (input[0].GetString()!, input[1].GetString()) : (input.GetString()!, null)),
        ];
        var rows = new List<ParityRow>();
        foreach ((JsonElement single, int index) in recorded.GetProperty("single").EnumerateArray().Select((single, index) => (single, index)))
        {
            EncodedText Encode() => tokenizer.EncodeBatch([inputs[index]], options)[0];
            rows.Add(single.TryGetProperty("error", out JsonElement error)
                ? TokenizerRows.Refused(id, error.GetString()!, () => Encode()) with { Tensor = $"single {index}" }
                : TokenizerRows.Of(id, $"single {index}", () => Difference(single, Encode())));
        }

        JsonElement batch = recorded.GetProperty("batch_ids");
        rows.Add(batch.ValueKind == JsonValueKind.Object
            ? TokenizerRows.Refused(id, batch.GetRawText(), () => tokenizer.EncodeBatch(inputs, options)) with { Tensor = "batch" }
            : TokenizerRows.Of(id, "batch", () => tokenizer.EncodeBatch(inputs, options).Zip(batch.EnumerateArray(), (ours, ids) => TokenizerRows.List("ids", ours.InputIds, TokenizerRows.Integers(ids))).FirstOrDefault(note => note is not null)));
        return rows;
    }

    private static string? Difference(JsonElement recorded, EncodedText ours)
    {
        int[][][] parts = recorded.TryGetProperty("overflowing", out JsonElement overflowing)
            ? [.. overflowing.EnumerateArray().Select(part => part.EnumerateArray().Select(TokenizerRows.Integers).ToArray())] : [];
        return TokenizerRows.List("ids", ours.InputIds, TokenizerRows.Integers(recorded.GetProperty("ids")))
            ?? TokenizerRows.List("mask", ours.AttentionMask, TokenizerRows.Integers(recorded.GetProperty("mask")))
            ?? TokenizerRows.List("types", ours.TokenTypeIds, TokenizerRows.Integers(recorded.GetProperty("types")))
            ?? TokenizerRows.List("special", ours.SpecialTokensMask, TokenizerRows.Integers(recorded.GetProperty("special")))
            ?? TokenizerRows.List("offsets", [.. ours.Offsets.Select(offset => (offset.Start, offset.End))], [.. recorded.GetProperty("offsets").EnumerateArray().Select(offset => (offset[0].GetInt32(), offset[1].GetInt32()))])
            ?? (ours.Overflowing.Count != parts.Length ? $"overflowing: {ours.Overflowing.Count} parts, recorded {parts.Length}" : null)
            ?? ours.Overflowing.Zip(parts, (part, lists) => TokenizerRows.List("overflowing ids", part.InputIds, lists[0])
                ?? TokenizerRows.List("overflowing mask", part.AttentionMask, lists[1]) ?? TokenizerRows.List("overflowing types", part.TokenTypeIds, lists[2])).FirstOrDefault(note => note is not null);
    }

    private Tokenizer Load(JsonElement recorded)
    {
        string kind = recorded.GetProperty("tokenizer").GetString()!;
        string file = Path.GetFullPath(Path.Combine(reference.Folder, "..", "trained", Folders.GetValueOrDefault(kind, kind), "tokenizer.json"));
        if (!File.Exists(file))
            throw new FileNotFoundException($"{file} is missing: {reference.File} was recorded with it. Fetch it too, to the same place.", file);
        JsonNode json = JsonNode.Parse(File.ReadAllBytes(file))!;
        foreach (string section in (string[])["truncation", "padding"])
            json[section] = JsonNode.Parse(recorded.GetProperty(section).GetRawText());
        return Tokenizer.FromJson(System.Text.Encoding.UTF8.GetBytes(json.ToJsonString()), $"{kind}/tokenizer.json");
    }
}
