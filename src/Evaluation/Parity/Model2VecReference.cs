using System.Text.Json;
using Polymodal.Providers.Local.StaticVectors;
using Polymodal.Providers.Local.Text;

namespace Polymodal.Evaluation.Parity;

/// <summary>Folders of model2vec, one a case, each as model2vec encodes it and some as sentence-transformers does.</summary>
/// <param name="reference">The record.</param>
/// <param name="own">Takes charge of a loaded model.</param>
internal sealed class Model2VecReference(Reference reference, Func<Func<LocalTextModel>, LocalTextModel> own)
{
    private readonly Dictionary<string, string> _texts = reference.Json.GetProperty("texts").EnumerateArray()
        .ToDictionary(text => text.GetProperty("id").GetString()!, text => text.GetProperty("text").GetString()!);

    public static bool Reads(Reference reference) =>
        reference.Tensors is not null && reference.Json.TryGetProperty("texts", out _)
        && reference.Json.TryGetProperty("cases", out JsonElement cases) && cases.ValueKind == JsonValueKind.Array && cases.EnumerateArray().Any(IsModel2Vec);

    public IReadOnlyList<ParityCase> Cases() => [.. reference.Json.GetProperty("cases").EnumerateArray().Select(Case)];

    // How model2vec cuts and drops is recorded with its own cases alone.
    private static bool IsModel2Vec(JsonElement json) => json.TryGetProperty("folder", out _) && json.TryGetProperty("median_token_length", out _);

    private ParityCase Case(JsonElement json)
    {
        string id = json.GetProperty("id").GetString()!, folder = Path.Combine(reference.Folder, json.GetProperty("folder").GetString()!);
        try
        {
            LocalTextModel.LoadModel2Vec(folder).Dispose();
            return new ParityCase(id, null, () => Compare(json, id, folder));
        }
        catch (NotSupportedException exception)
        {
            return ParityCase.Unsupported(id, exception.Message);
        }
    }

    private IReadOnlyList<ParityRow> Compare(JsonElement json, string id, string folder)
    {
        string[] inputs = [.. json.GetProperty("inputs").EnumerateArray().Select(input => _texts[input.GetString()!])];
        var models = new Dictionary<string, LocalTextModel>();
        return [.. json.GetProperty("tensors").EnumerateArray().Select(tensor => Compare(id, tensor.GetString()!, Model(tensor.GetString()!), inputs))];

        LocalTextModel Model(string tensor)
        {
            string variant = tensor is "not_normalized" or "max_length_10" or "max_length_none" ? tensor : "as it is";
            return models.TryGetValue(variant, out LocalTextModel? model) ? model : models[variant] = own(() => IsModel2Vec(json)
                ? LocalTextModel.LoadModel2Vec(folder, options: null, variant switch
                {
                    "not_normalized" => new() { Normalize = false },
                    "max_length_10" => new() { MaxTokens = 10 },
                    "max_length_none" => new() { MaxTokens = int.MaxValue },
                    _ => null,
                })
                : LocalTextModel.Load(folder));
        }
    }

    private ParityRow Compare(string id, string tensor, LocalTextModel model, string[] inputs)
    {
        string name = $"{id}/{tensor}";
        return tensor switch
        {
            "ids" => Comparison.Integers(id, tensor, TextCase.Real(model.Trace(inputs).Batch), reference.Tensors!.Integers(name)),
            "lengths" => Comparison.Integers(id, tensor, TextCase.Lengths(model.Trace(inputs).Batch), reference.Tensors!.Integers(name)),
            _ => Comparison.Floats(id, tensor,
                [.. model.Encode(inputs, new TextEncodingOptions { Normalize = tensor == "normalized" }).Vectors.SelectMany(vector => vector)],
                reference.Tensors!.Floats(name), reference.Rules.For(name), model.Space.Dimensions),
        };
    }
}
