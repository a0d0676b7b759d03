using System.Text.Json;
using System.Text.RegularExpressions;
using Polymodal.Providers.Local.Text;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Evaluation.Parity;

/// <summary>One case of a text reference: a list of texts, options, and the tensors they gave.</summary>
internal sealed partial class TextCase
{
    private readonly Reference _reference;
    private readonly LocalTextModel _model;
    private readonly JsonElement _json;
    private readonly string[] _inputs;
    private readonly string _id;
    private readonly Lazy<TextTrace> _trace;
    private readonly Lazy<EncodedText[]> _tokens;

    public TextCase(Reference reference, LocalTextModel model, JsonElement json, string[] inputs)
    {
        (_reference, _model, _json, _inputs) = (reference, model, json, inputs);
        _id = json.GetProperty("id").GetString()!;
        _trace = new(() => model.Trace(inputs, Prompt));
        _tokens = new(() => [.. inputs.Select(input => model.Tokenizer.Encode(input))]);
    }

    /// <summary>Why the case as a whole cannot be run, or null.</summary>
    public string? NotSupported =>
        _json.TryGetProperty("padding_side", out JsonElement side) && side.GetString() != (_model.PadsLeft ? "left" : "right")
            ? $"padding on the {side.GetString()}, against the folder's own side, is not built" : null;

    // encode_query and encode_document choose by intent, a named prompt says its text, and without either the folder's default counts.
    private string Prompt => _id switch
    {
        "encode_query" => _model.PromptFor(EmbeddingIntent.Query),
        "encode_document" => _model.PromptFor(EmbeddingIntent.Document),
        _ => _json.TryGetProperty("prompt", out JsonElement prompt) && prompt.ValueKind == JsonValueKind.String ? prompt.GetString()! : _model.DefaultPrompt,
    };

    // A model without padding is recorded as its texts' tokens one after the other, with the place where each text starts.
    private bool IsFlat => _json.GetProperty("tensors").EnumerateArray().Any(tensor => tensor.GetString() == "offsets");

    private bool Alone => _id == "alone";

    private bool Normalize => _json.TryGetProperty("normalize_embeddings", out JsonElement normalize) && normalize.GetBoolean();

    private int? TruncateDimensions => _json.TryGetProperty("truncate_dim", out JsonElement dimensions) && dimensions.ValueKind == JsonValueKind.Number ? dimensions.GetInt32() : null;

    public static bool Computes(string tensor) => tensor switch
    {
        "ids" or "lengths" or "offsets" or "input_ids" or "attention_mask" or "token_type_ids" or "last_hidden_state" or "last_hidden_state.sample" => true,
        "encode" or "similarity" or "sentence_embedding" or "sentence_embedding_normalized" => true,
        _ => ModuleName().IsMatch(tensor),
    };

    public IReadOnlyList<ParityRow> Compare(IEnumerable<string> tensors)
    {
        List<ParityRow> rows = [.. tensors.Select(Compare)];
        if (_json.TryGetProperty("prompt_length", out JsonElement length))
            rows.Add(Comparison.Integers(_id, "prompt_length", [_trace.Value.PromptTokens], [length.GetInt64()]));
        return rows;
    }

    private ParityRow Compare(string tensor) => tensor switch
    {
        "ids" => Integers(tensor, [.. _tokens.Value.SelectMany(text => text.InputIds).Select(id => (long)id)]),
        "lengths" => Integers(tensor, [.. _tokens.Value.Select(text => (long)text.InputIds.Count)]),
        "offsets" => Integers(tensor, Starts(_trace.Value.Batch)),
        "input_ids" => Integers(tensor, IsFlat ? Real(_trace.Value.Batch) : _trace.Value.Batch.InputIds),
        "attention_mask" => Integers(tensor, _trace.Value.Batch.AttentionMask),
        "token_type_ids" => Integers(tensor, _trace.Value.Batch.TokenTypeIds),
        "last_hidden_state" or "last_hidden_state.sample" => TokenEmbeddings(tensor),
        "encode" => Vectors(tensor, Encode(Alone, Normalize)),
        "sentence_embedding" => Vectors(tensor, Encode(Alone, Normalize)),
        "sentence_embedding_normalized" => Vectors(tensor, Encode(Alone, normalize: true)),
        "similarity" => SimilarityMatrix(tensor),
        _ => _trace.Value.Modules.FirstOrDefault(module => module.Key == tensor).Value is { } result
            ? Step(tensor, result)
            : new ParityRow(_id, tensor, null, null, ParityVerdict.Fail, $"the folder has no such module; it has {string.Join(", ", _trace.Value.Modules.Select(module => module.Key))}"),
    };

    private ParityRow Step(string tensor, float[] result) => Comparison.Floats(_id, tensor, result, Recorded(tensor), Rule(tensor), result.Length / _inputs.Length);

    private float[][] Encode(bool alone, bool normalize)
    {
        var options = new TextEncodingOptions { Prompt = Prompt, Dimensions = TruncateDimensions, Normalize = normalize };
        return alone ? [.. _inputs.Select(input => _model.Encode([input], options).Vectors[0])] : _model.Encode(_inputs, options).Vectors;
    }

    private ParityRow SimilarityMatrix(string tensor)
    {
        float[][] vectors = Encode(Alone, Normalize);
        float[] matrix = [.. vectors.SelectMany(row => vectors.Select(column => Similarity.Of(row, column, _model.Space.Metric)))];
        return Comparison.Floats(_id, tensor, matrix, Recorded(tensor), Rule(tensor));
    }

    // At padding a hidden state means nothing: only values of real tokens are compared.
    private ParityRow TokenEmbeddings(string tensor)
    {
        TextTrace trace = _trace.Value;
        int hidden = trace.TokenEmbeddings.Length / trace.Batch.InputIds.Length;
        float[] recorded = Recorded(tensor);
        long[] places = _reference.Tensors!.Has($"{_id}/{tensor}_index")
            ? _reference.Tensors.Integers($"{_id}/{tensor}_index")
            : [.. Enumerable.Range(0, recorded.Length).Select(i => (long)i)];
        if (places.Length != recorded.Length || places.Any(place => place >= trace.TokenEmbeddings.Length))
            return new ParityRow(_id, tensor, null, null, ParityVerdict.Fail, $"{trace.TokenEmbeddings.Length} values do not match the recorded places");
        int[] real = [.. Enumerable.Range(0, places.Length).Where(i => trace.Batch.AttentionMask[places[i] / hidden] != 0)];
        return Comparison.Floats(_id, tensor, Array.ConvertAll(real, i => trace.TokenEmbeddings[places[i]]), Array.ConvertAll(real, i => recorded[i]), Rule(tensor));
    }

    internal static long[] Real(TextBatch batch) => [.. batch.InputIds.Where((_, place) => batch.AttentionMask[place] != 0)];

    internal static long[] Lengths(TextBatch batch) => [.. batch.AttentionMask.Chunk(Math.Max(1, batch.SequenceLength)).Select(row => row.Sum())];

    private static long[] Starts(TextBatch batch)
    {
        long[] lengths = Lengths(batch);
        return [.. lengths.Select((_, text) => lengths.Take(text).Sum())];
    }

    private ParityRow Vectors(string tensor, float[][] vectors) =>
        Comparison.Floats(_id, tensor, [.. vectors.SelectMany(vector => vector)], Recorded(tensor), Rule(tensor), vectors[0].Length);

    private ParityRow Integers(string tensor, long[] ours) => Comparison.Integers(_id, tensor, ours, _reference.Tensors!.Integers($"{_id}/{tensor}"));

    private float[] Recorded(string tensor) => _reference.Tensors!.Floats($"{_id}/{tensor}");

    private ComparisonRule? Rule(string tensor) => _reference.Rules.For($"{_id}/{tensor}");

    [GeneratedRegex(@"^\d+_\w+$")]
    private static partial Regex ModuleName();
}
