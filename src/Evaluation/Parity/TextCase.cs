using System.Text.Json;
using System.Text.RegularExpressions;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Modules;
using Polymodal.Providers.Local.Pooling;
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
        _trace = new(() => model.Trace(inputs, Prompt, Intent, PadsLeft));
        _tokens = new(() => [.. inputs.Select(input => model.Tokenizer.Encode(input))]);
    }

    // encode_query and encode_document choose by intent, a named prompt says its text, and without either the folder's default counts.
    private string Prompt => Intent is { } intent ? _model.PromptFor(intent) : Text("prompt") ?? Text("instruction") ?? _model.DefaultPrompt;

    private EmbeddingIntent? Intent => (Text("task") ?? _id) switch
    {
        "encode_query" or "query" => EmbeddingIntent.Query,
        "encode_document" or "document" => EmbeddingIntent.Document,
        _ => null,
    };

    // A case says its side in a field; one of a case by name is the side that its name ends in.
    private bool? PadsLeft => Text("padding_side") is { } side ? side == "left" : _id.EndsWith("-right-padding", StringComparison.Ordinal) ? false : _id.EndsWith("-left-padding", StringComparison.Ordinal) ? true : null;

    // A model without padding is recorded as its texts' tokens one after the other, with the place where each text starts.
    private bool IsFlat => _json.GetProperty("tensors").EnumerateArray().Any(tensor => tensor.GetString() == "offsets");

    private bool Normalize => _json.TryGetProperty("normalize_embeddings", out JsonElement normalize) && normalize.GetBoolean();

    private int? TruncateDimensions => _json.TryGetProperty("truncate_dim", out JsonElement dimensions) && dimensions.ValueKind == JsonValueKind.Number ? dimensions.GetInt32() : null;

    public IReadOnlyList<ParityRow> Compare(IEnumerable<string> tensors)
    {
        List<ParityRow> rows = [.. tensors.SelectMany(Compare)];
        foreach (string field in (string[])["prompt_length", "instruction_tokens"])
        {
            if (_json.TryGetProperty(field, out JsonElement length))
                rows.Add(Comparison.Integers(_id, field, [_trace.Value.PromptTokens], [length.GetInt64()]));
        }

        return rows;
    }

    private IEnumerable<ParityRow> Compare(string tensor) => tensor switch
    {
        "ids" => [Integers(tensor, [.. _tokens.Value.SelectMany(text => text.InputIds).Select(id => (long)id)])],
        "lengths" => [Integers(tensor, [.. _tokens.Value.Select(text => (long)text.InputIds.Count)])],
        "offsets" => [Integers(tensor, Starts(_trace.Value.Batch))],
        "input_ids" => [Integers(tensor, IsFlat ? Real(_trace.Value.Batch) : _trace.Value.Batch.InputIds)],
        "attention_mask" => [Integers(tensor, _trace.Value.Batch.AttentionMask)],
        "token_type_ids" => [Integers(tensor, _trace.Value.Batch.TokenTypeIds)],
        "pool_mask" => [Integers(tensor, _trace.Value.PoolMask)],
        "last_hidden_state" or "last_hidden_state.sample" => [TokenEmbeddings(tensor)],
        "encode" or "sentence_embedding" or "embeddings" => [Vectors(tensor, Encode(alone: _id == "alone", Normalize))],
        "final" => [Step(tensor, _trace.Value.Modules[^1].Value)],
        "final_alone" => [Vectors(tensor, Encode(alone: true, Normalize))],
        "sentence_embedding_normalized" or "normalized" => [Vectors(tensor, Encode(alone: false, normalize: true))],
        "similarity" => [SimilarityMatrix(tensor)],
        _ when _trace.Value.Modules.FirstOrDefault(module => module.Key == tensor).Value is { } result => [Step(tensor, result)],
        _ when _trace.Value.Outputs.TryGetValue(tensor, out float[]? output) => [Step(tensor, output)],
        _ => Poolings(tensor) is { Length: > 0 } rows ? rows : [Missing(tensor)],
    };

    private ParityRow Missing(string tensor)
    {
        string[] given = [.. _trace.Value.Modules.Select(module => module.Key), .. _trace.Value.Outputs.Keys];
        return ModuleName().IsMatch(tensor)
            ? new ParityRow(_id, tensor, null, null, ParityVerdict.Fail, $"the folder has no such module; it has {string.Join(", ", given)}")
            : new ParityRow(_id, tensor, null, null, ParityVerdict.NotSupported, $"no step gives it; built: {string.Join(", ", given)}");
    }

    // A pooling by the name of a mode, or as a folder of settings beside the model says it, in each dialect that is there.
    private ParityRow[] Poolings(string tensor)
    {
        int hidden = _trace.Value.TokenEmbeddings.Length / Math.Max(1, _trace.Value.Batch.InputIds.Length);
        PoolingModule[] modules = PoolingModes.Find(tensor) is { } mode && !Directory.Exists(Path.Combine(_reference.Folder, "poolings", tensor))
            ? [new PoolingModule(tensor, [mode], hidden, includePrompt: true)]
            : Directory.Exists(Path.Combine(_reference.Folder, "poolings", tensor))
                ? [.. Directory.EnumerateDirectories(Path.Combine(_reference.Folder, "poolings", tensor)).Order(StringComparer.Ordinal)
                    .Select(folder => PoolingModule.Read(new ModelFolder(_reference.Folder), $"poolings/{tensor}/{Path.GetFileName(folder)}", tensor))]
                : [];
        return Array.ConvertAll(modules, module =>
        {
            float[] pooled = new float[_inputs.Length * module.Dimensions];
            module.Apply(_trace.Value.TokenEmbeddings, _trace.Value.Batch.AttentionMask, _trace.Value.PromptTokens, pooled);
            return Step(tensor, pooled);
        });
    }

    private ParityRow Step(string tensor, float[] result) => Comparison.Floats(_id, tensor, result, Recorded(tensor), Rule(tensor), result.Length / _inputs.Length);

    private float[][] Encode(bool alone, bool normalize)
    {
        var options = new TextEncodingOptions { Prompt = Prompt, Intent = Intent, Dimensions = TruncateDimensions, Normalize = normalize };
        return alone ? [.. _inputs.Select(input => _model.Encode([input], options).Vectors[0])] : _model.Encode(_inputs, options).Vectors;
    }

    private ParityRow SimilarityMatrix(string tensor)
    {
        float[][] vectors = Encode(alone: false, Normalize);
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

    // Rows of texts that the library itself failed for hold nothing to compare.
    private ParityRow Vectors(string tensor, float[][] vectors)
    {
        float[] recorded = Recorded(tensor);
        int[] kept = [.. Enumerable.Range(0, vectors.Length).Where(row => !LibraryFailed(row))];
        if (recorded.Length == vectors.Length * vectors[0].Length)
            recorded = [.. kept.SelectMany(row => recorded[(row * vectors[0].Length)..((row + 1) * vectors[0].Length)])];
        return Comparison.Floats(_id, tensor, [.. kept.SelectMany(row => vectors[row])], recorded, Rule(tensor), vectors[0].Length);
    }

    private bool LibraryFailed(int row) =>
        _json.TryGetProperty("library_fails_for", out JsonElement failed) && _json.GetProperty("inputs")[row].GetString() is { } text && failed.TryGetProperty(text, out _);

    private string? Text(string field) => _json.TryGetProperty(field, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    internal static long[] Real(TextBatch batch) => [.. batch.InputIds.Where((_, place) => batch.AttentionMask[place] != 0)];

    internal static long[] Lengths(TextBatch batch) => [.. batch.AttentionMask.Chunk(Math.Max(1, batch.SequenceLength)).Select(row => row.Sum())];

    private static long[] Starts(TextBatch batch)
    {
        long[] lengths = Lengths(batch);
        return [.. lengths.Select((_, text) => lengths.Take(text).Sum())];
    }

    private ParityRow Integers(string tensor, long[] ours) => Comparison.Integers(_id, tensor, ours, _reference.Tensors!.Integers($"{_id}/{tensor}"));

    private float[] Recorded(string tensor) => _reference.Tensors!.Floats($"{_id}/{tensor}");

    private ComparisonRule? Rule(string tensor) => _reference.Rules.For($"{_id}/{tensor}");

    [GeneratedRegex(@"^\d+_\w+$")]
    private static partial Regex ModuleName();
}
