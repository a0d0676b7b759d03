using System.Globalization;
using System.Numerics.Tensors;
using System.Security.Cryptography;
using System.Text.Json;
using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Text;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Evaluation.Parity;

/// <summary>
/// A real model with recorded outputs: texts in <c>../texts/texts.json</c>, the ids of all of them, hidden states of some, and for each
/// weight file the vectors it gave, as tensor <c>ort_&lt;name of the file&gt;</c>.
/// </summary>
/// <param name="reference">The record.</param>
/// <param name="own">Takes charge of a loaded model.</param>
internal sealed class RecordedTextModel(Reference reference, Func<Func<LocalTextModel>, LocalTextModel> own)
{
    // Files of integer arithmetic vary with the processor's kernels; the record of such a file states no other rule.
    private static readonly ComparisonRule IntegerArithmetic = new(null, null, 0.998, Informative: false);
    private static readonly string[] Lists = ["queries", "passages", "hard"];
    private const double AloneAgainstBatch = 1e-6;
    private const string Output = "ort_", Half = "_f16";

    private readonly Dictionary<string, LocalTextModel> _models = [];
    private readonly Lazy<string[]> _texts = new(() => ReadTexts(reference));

    public static bool Reads(Reference reference) =>
        reference.Tensors is { } tensors && tensors.Names.Any(name => name.StartsWith(Output, StringComparison.Ordinal)) && File.Exists(Path.Combine(reference.Folder, "modules.json"));

    public IReadOnlyList<ParityCase> Cases()
    {
        var cases = new List<ParityCase>();
        if (reference.Tensors!.Has("input_ids_flat"))
            cases.Add(new("tokenize", null, () => [Tokens()]));
        string[] hidden = [.. reference.Tensors.Names.Where(name => name.StartsWith("hidden/", StringComparison.Ordinal))];
        if (hidden.Length > 0)
            cases.Add(new("hidden", null, () => [.. hidden.Select(TokenEmbeddings)]));
        foreach (string tensor in reference.Tensors.Names.Where(name => name.StartsWith(Output, StringComparison.Ordinal)))
        {
            string stem = tensor[Output.Length..];
            stem = stem.EndsWith(Half, StringComparison.Ordinal) ? stem[..^Half.Length] : stem;
            string file = $"onnx/{stem}.onnx";
            cases.Add(File.Exists(Path.Combine(reference.Folder, file))
                ? new(file, null, () => Vectors(file, tensor))
                : new(file, null, () => [new ParityRow(file, tensor, null, null, ParityVerdict.Informative, "the file is not in the folder")]));
        }

        return cases;
    }

    private ParityRow Tokens()
    {
        LocalTextModel model = Model("onnx/model.onnx");
        var buffer = new TokenBuffer();
        List<long> ids = [], offsets = [0];
        foreach (string text in _texts.Value)
        {
            foreach (int id in model.Tokenizer.Encode(text, buffer, model.MaxTokens))
                ids.Add(id);
            offsets.Add(ids.Count);
        }

        ParityRow lengths = Comparison.Integers("tokenize", "offsets", [.. offsets], reference.Tensors!.Integers("offsets"));
        return lengths.Verdict == ParityVerdict.Fail ? lengths : Comparison.Integers("tokenize", "input_ids_flat", [.. ids], reference.Tensors.Integers("input_ids_flat"));
    }

    private ParityRow TokenEmbeddings(string tensor)
    {
        int text = int.Parse(tensor.AsSpan("hidden/".Length), CultureInfo.InvariantCulture);
        float[] ours = Model("onnx/model.onnx").Trace([_texts.Value[text]]).TokenEmbeddings;
        return Comparison.Floats("hidden", tensor, ours, reference.Tensors!.Floats(tensor), reference.Rules.For(tensor), reference.Tensors.Shape(tensor)[^1]);
    }

    private List<ParityRow> Vectors(string file, string tensor)
    {
        LocalTextModel model = Model(file);
        float[][] alone = [.. _texts.Value.Select(text => model.Encode([text]).Vectors[0])];
        float[][] batched = model.Encode(_texts.Value).Vectors;
        float[] values = [.. alone.SelectMany(vector => vector)];
        var rows = new List<ParityRow>
        {
            Hash(file),
            Comparison.Floats(file, tensor, values, reference.Tensors!.Floats(tensor), reference.Rules.For(tensor) ?? IntegerArithmetic, model.Space.Dimensions),
        };
        if (file == "onnx/model.onnx" && reference.Tensors.Has("torch_fp32"))
            rows.Add(Comparison.Floats(file, "torch_fp32", values, reference.Tensors.Floats("torch_fp32"), reference.Rules.For("torch_fp32"), model.Space.Dimensions));
        rows.Add(AloneAndBatched(file, alone, batched));
        return rows;
    }

    private ParityRow Hash(string file)
    {
        using FileStream stream = File.OpenRead(Path.Combine(reference.Folder, file));
        string ours = Convert.ToHexStringLower(SHA256.HashData(stream));
        string? recorded = reference.Json.TryGetProperty("files", out JsonElement files) && files.TryGetProperty(file, out JsonElement entry) || reference.Json.TryGetProperty("file", out entry)
            ? entry.GetProperty("sha256").GetString() : null;
        return new(file, "sha256", null, null, recorded is null ? ParityVerdict.Informative : ours == recorded ? ParityVerdict.Pass : ParityVerdict.Fail,
            recorded is null || ours == recorded ? null : $"{ours}, recorded {recorded}");
    }

    private static ParityRow AloneAndBatched(string file, float[][] alone, float[][] batched)
    {
        double largest = 0, cosine = 1;
        int equal = 0;
        for (int text = 0; text < alone.Length; text++)
        {
            equal += alone[text].AsSpan().SequenceEqual(batched[text]) ? 1 : 0;
            largest = Math.Max(largest, alone[text].Zip(batched[text], (one, other) => Math.Abs((double)one - other)).Max());
            cosine = Math.Min(cosine, TensorPrimitives.CosineSimilarity(alone[text].Select(x => (double)x).ToArray(), batched[text].Select(x => (double)x).ToArray()));
        }

        return new(file, "alone = batched", largest, cosine, largest <= AloneAgainstBatch ? ParityVerdict.Pass : ParityVerdict.Fail,
            equal == alone.Length ? "bit-equal" : $"{equal} of {alone.Length} vectors bit-equal");
    }

    private LocalTextModel Model(string file) =>
        _models.TryGetValue(file, out LocalTextModel? model) ? model
            : _models[file] = own(() => LocalTextModel.Load(reference.Folder, new LocalTextEmbeddingOptions { Weights = ModelWeights.File(file) }));

    private static string[] ReadTexts(Reference reference)
    {
        string file = Path.GetFullPath(Path.Combine(reference.Folder, "..", "texts", "texts.json"));
        if (!File.Exists(file))
            throw new FileNotFoundException($"{file} is missing: {reference.File} was recorded with the texts in it. Fetch it too, to the same place beside the model folder.", file);
        using FileStream stream = File.OpenRead(file);
        using JsonDocument json = JsonDocument.Parse(stream);
        return [.. Lists.SelectMany(list => json.RootElement.GetProperty(list).EnumerateArray()).Select(text => text.GetString()!)];
    }
}
