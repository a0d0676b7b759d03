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
    // What a case may say about itself without asking for anything that is not built.
    private static readonly HashSet<string> KnownFields =
    [
        "id", "what", "note", "inputs", "tensors", "shapes", "tokens", "prompt", "prompt_name", "prompt_length", "default_prompt_name", "batch_size",
        "normalize_embeddings", "truncate_dim", "similarity_fn", "padding_side", "pad_token_id", "model_max_length_used", "task",
        "tokenizer_json_alone_differs_for", "onnx_max_abs_difference", "max_abs_difference_to_batch", "library_fails_for",
        "onnx_file", "onnx_inputs", "onnx_outputs", "difference_to_float32_torch", "batch_to_alone", "dense_folder", "instruction", "instruction_tokens", "max_length", "spread",
    ];

    private readonly Dictionary<Choice, (LocalTextModel? Model, string? NotSupported)> _models = [];
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
        if (PoolingCase.Reads(json))
            return new ParityCase(id, null, () => new PoolingCase(reference, json).Compare(names));

        (LocalTextModel? model, string? reason) = Model(json);
        if (model is null)
            return ParityCase.Unsupported(id, reason!);
        string[] inputs = json.TryGetProperty("inputs", out JsonElement listed) ? [.. listed.EnumerateArray().Select(input => _texts[input.GetString()!])] : [.. _texts.Values];
        return inputs is [] ? ParityCase.Unsupported(id, "it has no inputs") : new ParityCase(id, null, () => new TextCase(reference, model, json, inputs).Compare(names));
    }

    // The weight file, the Dense of a size and the length limit are chosen when a model is loaded: cases that choose alike share it.
    private (LocalTextModel? Model, string? NotSupported) Model(JsonElement json)
    {
        var key = new Choice(Text(json, "onnx_file"), DimensionsOf(Text(json, "dense_folder")), json.TryGetProperty("max_length", out JsonElement length) ? length.GetInt32() : null);
        if (!_models.TryGetValue(key, out (LocalTextModel?, string?) model))
            _models[key] = model = Load(reference, own, key.Options);
        return model;
    }

    private static string? Text(JsonElement json, string field) => json.TryGetProperty(field, out JsonElement value) ? value.GetString() : null;

    // 2_Dense_256: the size stands behind the last underscore.
    private static int? DimensionsOf(string? denseFolder) =>
        denseFolder is null ? null : int.Parse(denseFolder.AsSpan(denseFolder.LastIndexOf('_') + 1), System.Globalization.CultureInfo.InvariantCulture);

    private static (LocalTextModel? Model, string? NotSupported) Load(Reference reference, Func<Func<LocalTextModel>, LocalTextModel> own, LocalTextEmbeddingOptions options)
    {
        try
        {
            return (own(() => LocalTextModel.Load(reference.Folder, options)), null);
        }
        catch (NotSupportedException exception)
        {
            return (null, exception.Message);
        }
    }

    private sealed record Choice(string? File, int? Dimensions, int? MaxTokens)
    {
        public LocalTextEmbeddingOptions Options => new() { Weights = File is null ? ModelWeights.Float32 : ModelWeights.File(File), Dimensions = Dimensions, MaxTokens = MaxTokens };
    }
}
