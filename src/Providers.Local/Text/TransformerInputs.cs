using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Onnx;

namespace Polymodal.Providers.Local.Text;

/// <summary>Feeds a batch to a transformer's graph: exactly the inputs it declares, by their names. A new input is one line in a table.</summary>
internal sealed class TransformerInputs
{
    private const string Past = "past_key_values.", Pictures = "pixel_values";

    // Whole numbers of shape [batch, sequence].
    private static readonly Dictionary<string, Func<TextBatch, long[], long[]>> PerToken = new(StringComparer.Ordinal)
    {
        ["input_ids"] = (batch, _) => batch.InputIds,
        ["attention_mask"] = (batch, _) => batch.AttentionMask,
        ["token_type_ids"] = (batch, _) => batch.TokenTypeIds,
        ["position_ids"] = (batch, _) => Positions(batch),
        ["pool_mask"] = (_, poolMask) => poolMask,
    };

    // One whole number a run.
    private static readonly Dictionary<string, Func<TextBatch, TransformerConfig, long>> PerRun = new(StringComparer.Ordinal)
    {
        ["task_id"] = (batch, config) => TaskNames.Adapter(config.LoraAdaptations, batch.Intent),
        ["use_cache_branch"] = (_, _) => 0,
    };

    private readonly OnnxModel _onnx;
    private readonly TransformerConfig _config;

    /// <summary>Checks that the graph wants nothing else.</summary>
    /// <exception cref="NotSupportedException">It wants another input, or another element type.</exception>
    public TransformerInputs(OnnxModel onnx, TransformerConfig config)
    {
        _onnx = onnx;
        _config = config;
        foreach (OnnxPort input in onnx.Inputs)
        {
            bool isPast = input.Name.StartsWith(Past, StringComparison.Ordinal);
            // A graph of both towers wants a picture too, which changes no text's vector.
            if (input is { Name: Pictures, Shape: [_, > 0, > 0, > 0] } && OnnxInputs.FloatTypes.Contains(input.ElementType))
                continue;
            if (!isPast && !PerToken.ContainsKey(input.Name) && !PerRun.ContainsKey(input.Name))
            {
                throw new NotSupportedException(
                    $"{onnx.File}: the graph wants input '{input.Name}' ({input.ElementType}); supplied: {string.Join(", ", PerToken.Keys.Concat(PerRun.Keys))}, {Past}*. Export the model with these inputs only.");
            }

            IEnumerable<string> types = isPast ? OnnxFloats.Types : OnnxInputs.IntegerTypes;
            if (!types.Contains(input.ElementType, StringComparer.Ordinal))
                throw new NotSupportedException($"{onnx.File}: input '{input.Name}' is {input.ElementType}; supported: {string.Join(", ", types)}. Export the model with one of these.");
        }
    }

    /// <summary>Whether the graph pools by a mask of its own.</summary>
    public bool TakesPoolMask => _onnx.Inputs.Any(input => input.Name == "pool_mask");

    /// <summary>The inputs of one run.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="poolMask">Shape [batch, sequence]; 1 for tokens that a graph shall pool.</param>
    public OnnxInputs Of(TextBatch batch, long[] poolMask)
    {
        var inputs = new OnnxInputs(_onnx);
        foreach (OnnxPort input in _onnx.Inputs)
        {
            if (PerToken.TryGetValue(input.Name, out Func<TextBatch, long[], long[]>? values))
                inputs.Add(input.Name, values(batch, poolMask), batch.Count, batch.SequenceLength);
            else if (PerRun.TryGetValue(input.Name, out Func<TextBatch, TransformerConfig, long>? value))
                inputs.Add(input.Name, [value(batch, _config)], input.Shape is [] ? [] : [1]);
            else if (input.Name == Pictures)
                inputs.Add(input.Name, new float[input.Shape[1] * input.Shape[2] * input.Shape[3]].AsMemory(), 1, input.Shape[1], input.Shape[2], input.Shape[3]);
            else
                inputs.AddEmpty(input, PastShape(input, batch.Count));
        }

        return inputs;
    }

    /// <summary>The attention mask without the first tokens of each text.</summary>
    public static long[] PoolMask(TextBatch batch, int promptTokens)
    {
        if (promptTokens == 0)
            return batch.AttentionMask;
        long[] mask = [.. batch.AttentionMask];
        for (int start = 0; start < mask.Length; start += batch.SequenceLength)
        {
            Span<long> row = mask.AsSpan(start, batch.SequenceLength);
            int first = Math.Max(0, row.IndexOfAnyExcept(0));
            row.Slice(first, Math.Min(promptTokens, row.Length - first)).Clear();
        }

        return mask;
    }

    // Positions count real tokens only; at padding the number does not matter and is 1, as transformers has it.
    private static long[] Positions(TextBatch batch)
    {
        long[] positions = new long[batch.AttentionMask.Length];
        for (int token = 0; token < positions.Length; token++)
        {
            bool begins = token % batch.SequenceLength == 0;
            long before = begins ? 0 : positions[token - 1];
            bool isReal = batch.AttentionMask[token] != 0;
            positions[token] = begins ? (isReal ? 1 : 0) : before + (isReal ? 1 : 0);
        }

        for (int token = 0; token < positions.Length; token++)
            positions[token] = batch.AttentionMask[token] == 0 ? 1 : positions[token] - 1;
        return positions;
    }

    // [batch, key-value heads, 0 tokens of the past, length of a head]: what the graph leaves open comes from config.json.
    private long[] PastShape(OnnxPort input, int count)
    {
        TransformerConfig config = _config.TextConfig is { NumAttentionHeads: not null } text ? text : _config;
        int? heads = config.NumKeyValueHeads ?? config.NumAttentionHeads;
        int? headSize = config.HeadDim ?? (config.Hidden / config.NumAttentionHeads);
        if (input.Shape is not [_, var declaredHeads, _, var declaredSize])
            throw new NotSupportedException($"{_onnx.File}: input '{input.Name}' has {input.Shape.Count} axes; supported: [batch, heads, past, head]. Export the model without a cache.");
        long Length(int declared, int? configured, string field) => declared > 0 ? declared : configured
            ?? throw new InvalidDataException($"{_onnx.File}: input '{input.Name}' leaves an axis open, and config.json has no {field} to fill it. Export the model without a cache.");
        return [count, Length(declaredHeads, heads, "num_key_value_heads"), 0, Length(declaredSize, headSize, "head_dim")];
    }
}
