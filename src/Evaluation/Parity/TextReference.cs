using System.Text.Json;
using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Models;
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
        "normalize_embeddings", "truncate_dim", "similarity_fn", "onnx_file", "onnx_inputs", "onnx_outputs", "padding_side", "pad_token_id", "model_max_length_used",
        "tokenizer_json_alone_differs_for", "onnx_max_abs_difference", "max_abs_difference_to_batch", "difference_to_float32_torch",
    ];

    private readonly Dictionary<string, (LocalTextModel? Model, string? NotSupported)> _models = [];
    private readonly Dictionary<string, string> _texts = reference.Json.GetProperty("texts").EnumerateArray()
        .ToDictionary(text => text.GetProperty("id").GetString()!, text => text.GetProperty("text").GetString()!);

    public static bool Reads(Reference reference) =>
        reference.Json.TryGetProperty("texts", out JsonElement texts) && texts.ValueKind == JsonValueKind.Array && reference.Json.TryGetProperty("cases", out _) && reference.Tensors is not null;

    public IReadOnlyList<ParityCase> Cases() => [.. reference.Json.GetProperty("cases").EnumerateArray().Select(Case)];

    private ParityCase Case(JsonElement json)
    {
        string id = json.GetProperty("id").GetString()!;
        if (json.EnumerateObject().FirstOrDefault(field => !KnownFields.Contains(field.Name)) is { Name: { } unknown })
            return ParityCase.Unsupported(id, $"option '{unknown}' is not built");
        if (!json.TryGetProperty("tensors", out JsonElement tensors))
            return ParityCase.Unsupported(id, "it records no tensors");
        string[] names = [.. tensors.EnumerateArray().Select(tensor => tensor.GetString()!).Where(name => !name.EndsWith(".sample_index", StringComparison.Ordinal))];

        if (QuantizationCase.Reads(json))
            return new ParityCase(id, null, () => new QuantizationCase(reference, id).Compare(names));

        (LocalTextModel? model, string? reason) = Model(json.TryGetProperty("onnx_file", out JsonElement file) ? file.GetString()! : "onnx/model.onnx");
        if (model is null)
            return ParityCase.Unsupported(id, reason!);
        string[] inputs = json.TryGetProperty("inputs", out JsonElement listed) ? [.. listed.EnumerateArray().Select(input => _texts[input.GetString()!])] : [.. _texts.Values];
        var comparison = new TextCase(reference, model, json, inputs);
        return names.FirstOrDefault(name => !comparison.Computes(name)) is { } other
            ? ParityCase.Unsupported(id, $"tensor '{other}' is not built")
            : comparison.NotSupported is { } why ? ParityCase.Unsupported(id, why)
            : new ParityCase(id, null, () => comparison.Compare(names));
    }

    private (LocalTextModel? Model, string? NotSupported) Model(string onnxFile)
    {
        if (_models.TryGetValue(onnxFile, out (LocalTextModel? Model, string? NotSupported) known))
            return known;
        try
        {
            known = (own(() => LocalTextModel.Load(reference.Folder, new LocalTextEmbeddingOptions { Weights = ModelWeights.File(onnxFile) })), null);
        }
        catch (NotSupportedException exception)
        {
            known = (null, exception.Message);
        }

        return _models[onnxFile] = known;
    }
}
