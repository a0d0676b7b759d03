using System.Text.Json;
using Polymodal.Providers.Local.Text;

namespace Polymodal.Evaluation.Parity;

/// <summary>A text model folder with every step recorded: tokens, hidden states, modules, encode results, similarity, quantised output.</summary>
/// <param name="reference">The record.</param>
/// <param name="own">Takes charge of a loaded model.</param>
internal sealed class TextReference(Reference reference, Func<Func<LocalTextModel>, LocalTextModel> own)
{
    // What a case may say about itself without changing what has to be computed in a way that is not built.
    private static readonly HashSet<string> KnownFields =
    [
        "id", "what", "note", "inputs", "tensors", "shapes", "tokens", "prompt", "prompt_name", "prompt_length", "default_prompt_name", "batch_size",
        "normalize_embeddings", "truncate_dim", "similarity_fn", "padding_side", "pad_token_id", "model_max_length_used",
        "tokenizer_json_alone_differs_for", "onnx_max_abs_difference", "max_abs_difference_to_batch",
    ];

    private readonly Lazy<(LocalTextModel? Model, string? NotSupported)> _model = new(() => Load(reference, own));
    private readonly Dictionary<string, string> _texts = reference.Json.GetProperty("texts").EnumerateArray()
        .ToDictionary(text => text.GetProperty("id").GetString()!, text => text.GetProperty("text").GetString()!);

    public static bool Reads(Reference reference) =>
        reference.Json.TryGetProperty("texts", out JsonElement texts) && texts.ValueKind == JsonValueKind.Array && reference.Json.TryGetProperty("cases", out _) && reference.Tensors is not null;

    public IReadOnlyList<ParityCase> Cases() => [.. reference.Json.GetProperty("cases").EnumerateArray().Select(Case)];

    private ParityCase Case(JsonElement json)
    {
        string id = json.GetProperty("id").GetString()!;
        if (json.EnumerateObject().Select(field => field.Name).FirstOrDefault(name => !KnownFields.Contains(name)) is { } unknown)
            return ParityCase.Unsupported(id, $"option '{unknown}' is not built");
        if (!json.TryGetProperty("tensors", out JsonElement tensors))
            return ParityCase.Unsupported(id, "it records no tensors");
        string[] names = [.. tensors.EnumerateArray().Select(tensor => tensor.GetString()!).Where(name => !name.EndsWith(".sample_index", StringComparison.Ordinal))];

        if (QuantizationCase.Reads(json))
            return new ParityCase(id, null, () => new QuantizationCase(reference, id).Compare(names));

        (LocalTextModel? model, string? reason) = _model.Value;
        if (model is null)
            return ParityCase.Unsupported(id, reason!);
        string[] inputs = json.TryGetProperty("inputs", out JsonElement listed) ? [.. listed.EnumerateArray().Select(input => _texts[input.GetString()!])] : [.. _texts.Values];
        if (inputs is [])
            return ParityCase.Unsupported(id, "it has no inputs");
        var comparison = new TextCase(reference, model, json, inputs);
        return names.FirstOrDefault(name => !TextCase.Computes(name)) is { } other
            ? ParityCase.Unsupported(id, $"tensor '{other}' is not built")
            : comparison.NotSupported is { } why ? ParityCase.Unsupported(id, why)
            : new ParityCase(id, null, () => comparison.Compare(names));
    }

    private static (LocalTextModel? Model, string? NotSupported) Load(Reference reference, Func<Func<LocalTextModel>, LocalTextModel> own)
    {
        try
        {
            return (own(() => LocalTextModel.Load(reference.Folder)), null);
        }
        catch (NotSupportedException exception)
        {
            return (null, exception.Message);
        }
    }
}
