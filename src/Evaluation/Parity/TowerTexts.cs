using System.Text.Json;
using Polymodal.Providers.Local.Pooling;
using Polymodal.Providers.Local.Text;

namespace Polymodal.Evaluation.Parity;

/// <summary>The text tower of a model with two.</summary>
internal sealed class TowerTexts(Reference reference, LocalTextModel model)
{
    private const string Normalized = "_normalized";

    /// <summary>Compares a case of one text or several.</summary>
    public List<ParityRow> Compare(string id, JsonElement json)
    {
        string[] texts = json.TryGetProperty("text", out JsonElement one) ? [one.GetString()!] : [.. json.GetProperty("texts").EnumerateArray().Select(text => text.GetString()!)];
        TextTrace trace = model.Trace(texts);
        return [.. json.GetProperty("tensors").EnumerateArray().Select(tensor => Tensor(id, tensor.GetString()![(id.Length + 1)..], trace, texts))];
    }

    /// <summary>The vectors of texts, before any is scaled to unit length.</summary>
    public float[][] Vectors(IReadOnlyList<string> texts)
    {
        float[] vectors = model.Trace(texts).Modules[0].Value;
        return [.. vectors.Chunk(vectors.Length / texts.Count)];
    }

    private ParityRow Tensor(string id, string name, TextTrace trace, string[] texts)
    {
        string full = $"{id}/{name}";
        if (name is "input_ids" or "attention_mask")
            return Comparison.Integers(id, name, name == "input_ids" ? trace.Batch.InputIds : trace.Batch.AttentionMask, reference.Tensors!.Integers(full));
        if (name == "input_ids_of_tokenizer_json")
            return Comparison.Integers(id, name, [.. model.Tokenizer.Encode(texts[0]).InputIds.Select(value => (long)value)], reference.Tensors!.Integers(full));
        bool isUnit = name.EndsWith(Normalized, StringComparison.Ordinal) || id.EndsWith("-normalized", StringComparison.Ordinal);
        string bare = name.EndsWith(Normalized, StringComparison.Ordinal) ? name[..^Normalized.Length] : name;
        float[]? ours = bare is "text_embeds" or "sentence_embedding" ? [.. trace.Modules[0].Value]
            : bare == "last_hidden_state" && trace.TokenEmbeddings.Length > 0 ? trace.TokenEmbeddings
            : bare == "first_token" && trace.TokenEmbeddings.Length > 0 ? trace.TokenEmbeddings[..reference.Tensors!.Shape(full)[^1]]
            : trace.Outputs.TryGetValue(bare, out float[]? output) ? [.. output] : null;
        if (ours is null)
            return new(id, name, null, null, ParityVerdict.NotSupported, $"the text tower has no output '{bare}'");
        int width = reference.Tensors!.Shape(full)[^1];
        if (isUnit)
            L2.Normalize(ours, width);
        return Comparison.Floats(id, name, ours, reference.Tensors.Floats(full), reference.Rules.For(full), width);
    }
}
