using System.Text.Json;
using Polymodal.Providers.Local.Pooling;

namespace Polymodal.Evaluation.Parity;

/// <summary>Recorded token embeddings and masks, and what each pooling made of them with a number of prompt tokens left out.</summary>
internal sealed class PoolingCase(Reference reference, JsonElement json)
{
    // The record's stand-ins for numbers that its file cannot hold.
    private const float NotANumber = 12345, MinusInfinity = -23456;
    private const string RightOnly = "-right-only";
    private static readonly HashSet<string> Given = ["token_embeddings", "attention_mask"];
    private readonly string _id = json.GetProperty("id").GetString()!;

    public static bool Reads(JsonElement json) =>
        json.TryGetProperty("tensors", out JsonElement tensors) && tensors.EnumerateArray().Select(tensor => tensor.GetString()).ToHashSet() is { } names && Given.All(names.Contains);

    public IReadOnlyList<ParityRow> Compare(IEnumerable<string> tensors) => [.. tensors.Where(tensor => !Given.Contains(tensor)).Select(Compare)];

    private ParityRow Compare(string tensor)
    {
        string word = tensor.EndsWith(RightOnly, StringComparison.Ordinal) ? tensor[..^RightOnly.Length] : tensor;
        if (PoolingModes.Find(word) is not { } mode)
            return new ParityRow(_id, tensor, null, null, ParityVerdict.NotSupported, $"the pooling '{word}' is not built; built: {PoolingModes.Words}");
        Batch rows = Rows(withLeftPadding: word == tensor);
        float[] pooled = new float[rows.Masks.Length / rows.Sequence * rows.Hidden];
        Pool.By([mode], rows.Tokens, rows.Masks, rows.Hidden, json.GetProperty("prompt_length").GetInt32(), pooled);
        pooled = Array.ConvertAll(pooled, value => float.IsNaN(value) ? NotANumber : float.IsNegativeInfinity(value) ? MinusInfinity : value);
        return Comparison.Floats(_id, tensor, pooled, reference.Tensors!.Floats($"{_id}/{tensor}"), reference.Rules.For($"{_id}/{tensor}"), rows.Hidden);
    }

    // "right-only": the rows whose mask does not begin with padding, as a batch of their own; a row without any token counts as padded.
    private Batch Rows(bool withLeftPadding)
    {
        float[] tokens = reference.Tensors!.Floats($"{_id}/token_embeddings");
        long[] masks = reference.Tensors.Integers($"{_id}/attention_mask");
        int sequence = reference.Tensors.Shape($"{_id}/attention_mask")[^1], hidden = reference.Tensors.Shape($"{_id}/token_embeddings")[^1];
        int[] kept = [.. Enumerable.Range(0, masks.Length / sequence).Where(row => withLeftPadding || masks[row * sequence] != 0)];
        return new Batch(
            [.. kept.SelectMany(row => tokens[(row * sequence * hidden)..((row + 1) * sequence * hidden)])], [.. kept.SelectMany(row => masks[(row * sequence)..((row + 1) * sequence)])], sequence, hidden);
    }

    private sealed record Batch(float[] Tokens, long[] Masks, int Sequence, int Hidden);
}
