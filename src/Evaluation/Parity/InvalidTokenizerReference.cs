using System.Text.Json;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Evaluation.Parity;

/// <summary>Damaged and doubtful tokenizer files, and what the library says to each: it refuses the file, or what it makes of a few texts.</summary>
/// <param name="reference">The record.</param>
internal sealed class InvalidTokenizerReference(Reference reference)
{
    /// <summary>Files that the library reads and this one refuses, each with the reason; they are reported and not judged.</summary>
    public static IReadOnlyDictionary<string, string> RefusedOnlyHere { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["id-max.json"] = "ids are 32-bit numbers with sign, as everywhere in .NET; an id beyond 2147483647 fits no model's table",
    };

    // A crash inside the library, on every text, is no answer to measure by: refusing the file is the better one.
    private const string Crash = "PanicException";

    public static bool Reads(Reference reference) =>
        reference.Json.TryGetProperty("cases", out JsonElement cases) && cases.ValueKind == JsonValueKind.Array && cases.GetArrayLength() > 0 &&
        cases[0].ValueKind == JsonValueKind.Object && cases[0].TryGetProperty("loads", out _);

    public IReadOnlyList<ParityCase> Cases() =>
        [.. reference.Json.GetProperty("cases").EnumerateArray().Select(recorded => (File: recorded.GetProperty("file").GetString()!, recorded))
            .Select(item => new ParityCase(item.File, null, () => Compare(item.File, item.recorded)))];

    private IReadOnlyList<ParityRow> Compare(string file, JsonElement recorded)
    {
        Tokenizer Load() => Tokenizer.FromJson(File.ReadAllBytes(Path.Combine(reference.Folder, file)), file);
        if (!recorded.GetProperty("loads").GetBoolean())
            return [TokenizerRows.Refused(file, recorded.TryGetProperty("error", out JsonElement error) ? error.GetString()! : "", () => Load())];
        JsonElement[] encodings = [.. recorded.GetProperty("encode").EnumerateArray()];
        if (TokenizerRows.Refusal(() => Load()) is { } refusal)
        {
            bool crashes = encodings.All(encoding => encoding.TryGetProperty("error", out JsonElement failed) && failed.GetString()!.StartsWith(Crash, StringComparison.Ordinal));
            return
            [
                crashes ? new(file, "refused", null, null, ParityVerdict.Pass, refusal.Message)
                    : RefusedOnlyHere.TryGetValue(file, out string? reason) ? new(file, "refused", null, null, ParityVerdict.Informative, reason)
                    : refusal is NotSupportedException ? new(file, "refused", null, null, ParityVerdict.NotSupported, refusal.Message)
                    : new(file, "refused", null, null, ParityVerdict.Fail, refusal.Message),
            ];
        }

        Tokenizer tokenizer = Load();
        return [.. encodings.Select((encoding, index) => Compare(file, $"text {index}", tokenizer, encoding))];
    }

    private static ParityRow Compare(string file, string what, Tokenizer tokenizer, JsonElement recorded)
    {
        (string, string?) input = (recorded.GetProperty("text").GetString()!, recorded.TryGetProperty("pair", out JsonElement pair) ? pair.GetString() : null);
        EncodedText Encode() => tokenizer.EncodeBatch([input], tokenizer.FileOptions)[0];
        return recorded.TryGetProperty("error", out JsonElement error)
            ? TokenizerRows.Refused(file, error.GetString()!, () => Encode()) with { Tensor = what }
            : TokenizerRows.Of(file, what, () => TokenizerRows.List("ids", Encode().InputIds, TokenizerRows.Integers(recorded.GetProperty("ids"))));
    }
}
