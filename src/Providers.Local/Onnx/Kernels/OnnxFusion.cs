namespace Polymodal.Providers.Local.Onnx.Kernels;

/// <summary>Finds what transformers do to their rows in many nodes, or in slow ones, and puts one operator of <see cref="OnnxKernels"/> in their place.</summary>
/// <remarks>
/// Matched are the forms that exporters write: layer normalisation as one node and as nine, GELU by the error function as one node and as five, and the quantisation with one scale
/// a token of models/all-MiniLM-L6-v2/onnx/model_int8.onnx. A value that anyone else takes is left as it is.
/// Measured with MiniLM on one thread, 128 tokens: ONNX Runtime 1.29 spends a tenth (float32) to a fifth (int8) of a run on layer normalisation alone, which it computes one number at a time.
/// </remarks>
internal sealed class OnnxFusion
{
    // Larger files are left to the runtime, which reads them piece by piece.
    private const long LargestFile = OnnxSessions.LargestTwice;

    private readonly OnnxGraph _graph;
    private readonly HashSet<string> _rowScales = new(StringComparer.Ordinal);

    private OnnxFusion(OnnxGraph graph) => _graph = graph;

    /// <summary>A file with operators of <see cref="OnnxKernels"/> in it.</summary>
    /// <param name="path">The ONNX file.</param>
    /// <returns>Null when nothing in it is to be replaced.</returns>
    /// <exception cref="InvalidDataException">The file is no ONNX file, or is cut.</exception>
    public static byte[]? Apply(string path)
    {
        byte[]? changed = null;
        ProtobufReader.Read(path, reader =>
        {
            if (reader.Length > LargestFile)
                return;
            var graph = OnnxGraph.Read(reader);
            var fusion = new OnnxFusion(graph);
            fusion.Each("QuantizeLinear", fusion.Quantize);
            fusion.Each("Erf", fusion.Gelu);
            fusion.Each("Gelu", fusion.WholeGelu);
            fusion.Each("LayerNormalization", fusion.LayerNormalization);
            fusion.Each("ReduceMean", fusion.WrittenOutLayerNormalization);
            fusion.Each("Mul", fusion.ScaleAndShift);
            changed = graph.IsChanged ? graph.Write(reader) : null;
        });
        return changed;
    }

    private void Each(string op, Action<OnnxNode> fuse)
    {
        foreach (OnnxNode node in _graph.Nodes.Where(node => node.Operator == op && node.Domain is "" or "ai.onnx").ToArray())
        {
            if (_graph.Maker(node.Outputs[0]) == node)
                fuse(node);
        }
    }

    private void LayerNormalization(OnnxNode node)
    {
        bool isLast = node.Attributes.TryGetValue("axis", out OnnxAttribute? axis) is false || axis.Whole == -1;
        if (!isLast || node.Outputs.Skip(1).Any(name => name.Length > 0) || _graph.Stored(node.Inputs[1]) is not { IsVector: true })
            return;
        float epsilon = node.Attributes.TryGetValue("epsilon", out OnnxAttribute? attribute) ? attribute.Number ?? 1e-5f : 1e-5f;
        _graph.Replace([node], new("LayerNormalization", node.Inputs, [node.Outputs[0]], ("epsilon", epsilon)));
    }

    // (x − mean)/√(mean((x − mean)²) + ε)·gamma + beta, found from the first mean.
    private void WrittenOutLayerNormalization(OnnxNode mean)
    {
        string x = mean.Inputs[0];
        if (!IsLastAxis(mean))
            return;
        OnnxNode[] differences = [.. _graph.Takers(mean.Outputs[0])];
        if (differences.Length == 0 || !differences.All(node => node is { Operator: "Sub", Inputs: [var first, var second] } && first == x && second == mean.Outputs[0]))
            return;
        HashSet<string> centred = [.. differences.Select(node => node.Outputs[0])];
        OnnxNode? square = null, division = null;
        int takers = 0;
        foreach (OnnxNode taker in centred.SelectMany(_graph.Takers).Distinct())
        {
            takers += taker.Inputs.Count(centred.Contains);
            if ((taker.Operator == "Pow" && _graph.Number(taker.Inputs[1]) == 2) || (taker.Operator == "Mul" && taker.Inputs.All(centred.Contains)))
                square = taker;
            else if (taker.Operator == "Div" && centred.Contains(taker.Inputs[0]))
                division = taker;
        }

        if (square is null || division is null || centred.Sum(_graph.Uses) != takers || takers != square.Inputs.Count(centred.Contains) + 1
            || _graph.Maker(division.Inputs[1], "Sqrt") is not { } root || _graph.Maker(root.Inputs[0], "Add") is not { } sum
            || Split(sum, name => _graph.Number(name) is not null) is not var (variance, epsilon) || _graph.Maker(variance, "ReduceMean") is not { } meanSquare
            || !IsLastAxis(meanSquare) || meanSquare.Inputs[0] != square.Outputs[0] || Only(division) is not { Operator: "Mul" } product
            || Split(product, IsVector) is not var (_, gamma) || Only(product) is not { Operator: "Add" } result || Split(result, IsVector) is not var (_, beta)
            || Only(square) is null || Only(meanSquare) is null || Only(sum) is null || Only(root) is null)
            return;
        _graph.Replace(
            [mean, .. differences, square, meanSquare, sum, root, division, product, result],
            new("LayerNormalization", [x, gamma, beta], [result.Outputs[0]], ("epsilon", (float)_graph.Number(epsilon)!.Value)));
    }

    // v·(1 + erf(v/√2))/2, whichever factor the half belongs to.
    private void Gelu(OnnxNode erf)
    {
        if (_graph.Maker(erf.Inputs[0]) is not { } inner || Only(inner) is null || Only(erf) is not { Operator: "Add" } plusOne || Split(plusOne, name => _graph.Number(name) == 1) is null
            || Only(plusOne) is not { Operator: "Mul" } product || Inner(inner) is not { } v || product.Inputs.FirstOrDefault(name => name != plusOne.Outputs[0]) is not { } other)
            return;
        var nodes = new List<OnnxNode> { inner, erf, plusOne, product };
        if (other == v)
        {
            if (Only(product) is not { Operator: "Mul" } half || Split(half, IsHalf) is null)
                return;
            nodes.Add(half);
        }
        else
        {
            if (_graph.Maker(other, "Mul") is not { } half || Only(half) is null || Split(half, IsHalf) is not var (whole, _) || whole != v)
                return;
            nodes.Add(half);
        }

        string result = nodes[^1].Inputs.Contains(product.Outputs[0]) ? nodes[^1].Outputs[0] : product.Outputs[0];
        Replace(v, taken: 2, nodes, "Gelu", result);
    }

    private void WholeGelu(OnnxNode node)
    {
        // Which numbers it takes is not written in it, but those of half precision have their own way into the graph.
        if (Before(node.Inputs[0], 1) is { Bias: not null } && (!node.Attributes.TryGetValue("approximate", out OnnxAttribute? way) || way.Text == "none"))
            Replace(node.Inputs[0], taken: 1, [node], "Gelu", node.Outputs[0]);
    }

    private string? Inner(OnnxNode node) =>
        node.Operator == "Div" && IsAbout(_graph.Number(node.Inputs[1]), Math.Sqrt(2)) && IsFloat(node.Inputs[1]) ? node.Inputs[0]
        : node.Operator == "Mul" && Split(node, name => IsAbout(_graph.Number(name), Math.Sqrt(0.5)) && IsFloat(name)) is var (v, _) ? v
        : null;

    // What is left of products with a scale a row, with or without a bias.
    private void ScaleAndShift(OnnxNode node)
    {
        if (!IsScaledProduct(node))
            return;
        OnnxNode last = Only(node) is { Operator: "Add" } sum && Split(sum, IsVector) is not null ? sum : node;
        Replace(last.Outputs[0], taken: null, [], "ScaleAndShift", last.Outputs[0]);
    }

    private void Replace(string v, int? taken, List<OnnxNode> nodes, string op, string result)
    {
        RowInput input = Before(v, taken);
        _graph.Replace([.. input.Nodes, .. nodes], new(op, [input.X, input.Scale, input.Bias], [result]));
    }

    // Follows v = x·scale + bias back to x, as far as nobody else takes what is between.
    private RowInput Before(string v, int? taken)
    {
        var nodes = new List<OnnxNode>();
        string? bias = null, scale = null;
        if (_graph.Maker(v, "Add") is { } sum && (taken is null || _graph.Uses(v) == taken) && Split(sum, IsVector) is var (summand, found) && IsProduct(summand))
        {
            nodes.Add(sum);
            (v, bias, taken) = (summand, found, 1);
        }

        if (_graph.Maker(v, "Mul") is { } product && (taken is null || _graph.Uses(v) == taken) && IsScaledProduct(product) && Split(product, _rowScales.Contains) is var (x, rows))
        {
            nodes.Add(product);
            (v, scale) = (x, rows);
        }

        return new(v, scale, bias, nodes);
    }

    // A bias belongs to a product with a matrix: elsewhere a vector may be what is spread over the other summand.
    private bool IsProduct(string name) =>
        _graph.Maker(name) is { } node && (node.Operator is "MatMul" or "MatMulIntegerToFloat" || IsScaledProduct(node)) && _graph.Uses(name) == 1;

    private bool IsScaledProduct(OnnxNode node) =>
        node.Operator == "Mul" && Split(node, _rowScales.Contains) is var (x, _) && _graph.Maker(x) is { Operator: "MatMulIntegerToFloat" } && _graph.Uses(x) == 1;

    // From the rounding back: the rows, their scales and zero points, as model_int8.onnx has them.
    private void Quantize(OnnxNode rounding)
    {
        if (rounding is not { Inputs: [var rows, var scales, var zeros] } || !rounding.Attributes.TryGetValue("axis", out OnnxAttribute? axis) || axis.Whole != 0
            || _graph.Maker(rows, "Reshape") is not { } rowShape || _graph.Maker(scales, "Reshape") is not { } scaleShape
            || _graph.Maker(zeros, "Expand") is not { } spread || _graph.Stored(spread.Inputs[0]) is not { Number: 128 } || _graph.Maker(spread.Inputs[1], "Shape") is not { } count || count.Inputs[0] != scales
            || _graph.Maker(scaleShape.Inputs[0], "Mul") is not { } step || Split(step, IsNumber) is not var (top, unit)
            || _graph.Maker(top, "Max") is not { Inputs.Count: 2 } most || Split(most, IsNumber) is not var (largest, floor)
            || _graph.Maker(largest, "ReduceMax") is not { } maximum || !IsLastAxis(maximum) || _graph.Maker(maximum.Inputs[0], "Abs") is not { } magnitude
            || magnitude.Inputs[0] != rowShape.Inputs[0] || Only(rounding) is not { Operator: "Reshape" } result || _graph.Maker(result.Inputs[1], "Shape") is not { } shape
            || shape.Inputs[0] != magnitude.Inputs[0])
            return;
        OnnxNode[] within = [rowShape, spread, count, most, maximum, magnitude, shape];
        if (within.Any(node => Only(node) is null) || _graph.Uses(scales) != 2)
            return;

        string x = magnitude.Inputs[0];
        var nodes = new List<OnnxNode>(within) { scaleShape, step, rounding, result };
        string? factors = null;
        if (_graph.Maker(x, "Mul") is { } even && _graph.Uses(x) == 3 && Split(even, IsVector) is var (input, found))
        {
            nodes.Add(even);
            (x, factors) = (input, found);
        }

        _rowScales.Add(step.Outputs[0]);
        _graph.Replace(nodes, new("Quantize", [x, factors], [result.Outputs[0], step.Outputs[0]], ("floor", (float)_graph.Number(floor)!.Value), ("unit", (float)_graph.Number(unit)!.Value)));
    }

    // The only node that takes what a node gives; null when there are more, or it is an output of the graph.
    private OnnxNode? Only(OnnxNode node) => _graph.Uses(node.Outputs[0]) == 1 ? _graph.Takers(node.Outputs[0]).SingleOrDefault() : null;

    // The inputs of a node of two, the one that fits last.
    private static (string Other, string Fitting)? Split(OnnxNode node, Func<string, bool> fits) =>
        node.Inputs is not [var first, var second] ? null : fits(second) ? (first, second) : fits(first) ? (second, first) : null;

    private bool IsLastAxis(OnnxNode node)
    {
        bool keeps = !node.Attributes.TryGetValue("keepdims", out OnnxAttribute? keep) || keep.Whole != 0;
        bool isLast = node.Attributes.TryGetValue("axes", out OnnxAttribute? axes) ? axes.Wholes is [-1] : node.Inputs.Count == 2 && _graph.Number(node.Inputs[1]) == -1;
        return keeps && isLast;
    }

    private bool IsVector(string name) => _graph.Stored(name) is { IsVector: true };

    private bool IsNumber(string name) => _graph.Number(name) is not null;

    private bool IsHalf(string name) => _graph.Number(name) == 0.5;

    private bool IsFloat(string name) => (_graph.Stored(name) ?? _graph.Maker(name, "Constant")?.Attributes.GetValueOrDefault("value")?.Tensor)?.Type is OnnxTensor.Float;

    private static bool IsAbout(double? number, double wanted) => number is { } found && Math.Abs(found - wanted) < 1e-4 * wanted;

    private sealed record RowInput(string X, string? Scale, string? Bias, List<OnnxNode> Nodes);
}
