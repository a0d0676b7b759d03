namespace Polymodal.Providers.Local.Onnx;

/// <summary>
/// Reads from an ONNX file what an output does to the similarity it is made of: from <c>logits = exp(logit_scale) · (texts × pictures) + logit_bias</c> the factor and the summand,
/// wherever the exporter put them: beside the product or on one of its sides, as a stored number or as the exponential of one.
/// </summary>
/// <remarks>Only nodes and stored numbers of one element are read; weights are skipped. Format: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.</remarks>
internal static class OnnxAffine
{
    private static readonly HashSet<string> Through = new(StringComparer.Ordinal) { "Transpose", "Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze", "Flatten" };

    /// <summary>The factor and the summand of the first of the outputs that the graph has.</summary>
    /// <param name="path">The ONNX file.</param>
    /// <param name="outputs">Names of outputs, best first.</param>
    /// <returns>Null when the graph has none of the outputs, or no factor is found on the way to the product.</returns>
    /// <exception cref="InvalidDataException">The file is no ONNX file, or is cut.</exception>
    public static (double Scale, double? Bias)? Of(string path, params IReadOnlyList<string> outputs)
    {
        var graph = new Graph();
        ProtobufReader.Read(path, reader => reader.Each(reader.Length, (field, end) =>
        {
            if (field == 7)
                reader.Each(end, (part, next) => graph.Read(reader, part, next));
        }));
        if (outputs.FirstOrDefault(graph.Outputs.Contains) is not { } output)
            return null;
        var found = new Affine();
        return found.Follow(graph, output, onSide: false) && found.HasScale ? (found.Scale, found.Bias) : null;
    }

    private sealed class Affine
    {
        // A graph that runs in circles is no graph, and must not take the stack.
        private int _nodesLeft = 1000;

        public double Scale { get; private set; } = 1;

        public double? Bias { get; private set; }

        public bool HasScale { get; private set; }

        // Goes from the output towards the product of the two towers' vectors, and looks beyond it for a factor on either side.
        public bool Follow(Graph graph, string name, bool onSide)
        {
            if (!graph.Makers.TryGetValue(name, out OnnxNode? node) || node.Inputs.Count == 0 || _nodesLeft-- == 0)
                return onSide;
            bool isPair = node.Inputs.Count == 2;
            switch (node.Operator)
            {
                case "Mul" or "Div" when isPair && graph.Number(node.Inputs[1]) is { } factor:
                    return Multiply(node.Operator == "Mul" ? factor : 1 / factor) && Follow(graph, node.Inputs[0], onSide);
                case "Mul" when isPair && graph.Number(node.Inputs[0]) is { } factor:
                    return Multiply(factor) && Follow(graph, node.Inputs[1], onSide);
                case "Add" when !onSide && isPair && graph.Number(node.Inputs[1]) is { } summand:
                    return Add(summand) && Follow(graph, node.Inputs[0], onSide);
                case "Add" when !onSide && isPair && graph.Number(node.Inputs[0]) is { } summand:
                    return Add(summand) && Follow(graph, node.Inputs[1], onSide);
                case "MatMul" or "Gemm" when !onSide && node.Inputs.Count > 1:
                    return Follow(graph, node.Inputs[0], onSide: true) && Follow(graph, node.Inputs[1], onSide: true);
                default:
                    return Through.Contains(node.Operator) ? Follow(graph, node.Inputs[0], onSide) : onSide;
            }
        }

        private bool Multiply(double factor)
        {
            Scale *= factor;
            HasScale = true;
            return true;
        }

        private bool Add(double summand)
        {
            Bias = (Bias ?? 0) + (Scale * summand);
            return true;
        }
    }

    private sealed class Graph
    {
        private readonly Dictionary<string, double> _stored = new(StringComparer.Ordinal);

        public Dictionary<string, OnnxNode> Makers { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Outputs { get; } = new(StringComparer.Ordinal);

        // GraphProto: node = 1, initializer = 5, output = 12.
        public void Read(ProtobufReader reader, int field, long end)
        {
            if (field == 1)
            {
                OnnxNode node = OnnxNode.Read(reader, end);
                foreach (string output in node.Outputs)
                    Makers[output] = node;
                if (node.StoredNumber is { } value && node.Outputs is [var only])
                    _stored[only] = value;
            }
            else if (field == 5 && OnnxTensor.Read(reader, end) is { Number: { } number } tensor)
            {
                _stored[tensor.Name] = number;
            }
            else if (field == 12)
            {
                reader.Each(end, (part, next) => _ = part == 1 && Outputs.Add(reader.Text(next)));
            }
        }

        // A number that is stored, or computed from a stored one.
        public double? Number(string name, int nodesLeft = 20) =>
            _stored.TryGetValue(name, out double stored) ? stored
            : nodesLeft == 0 || !Makers.TryGetValue(name, out OnnxNode? node) ? null
            : node.Inputs.Count == 0 ? null
            : node.Operator == "Exp" ? Number(node.Inputs[0], nodesLeft - 1) is { } logarithm ? Math.Exp(logarithm) : null
            : Through.Contains(node.Operator) ? Number(node.Inputs[0], nodesLeft - 1)
            : null;
    }
}
