namespace Polymodal.Providers.Local.Onnx;

/// <summary>
/// Tells from an ONNX file whether a row of a batch depends on the other rows, because whole tensors of activations are quantised with one scale
/// found at run time: what most hubs ship as <c>model_quantized.onnx</c>.
/// </summary>
/// <remarks>
/// A graph that finds a scale for each token, or that quantises weights only, is not meant. Only the nodes are read; weights are skipped.
/// Format: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto; operators: https://onnx.ai/onnx/operators/onnx__DynamicQuantizeLinear.html (one scale a tensor).
/// </remarks>
internal static class OnnxBatchScale
{
    // Operators that find one scale for the whole of their first input.
    private static readonly HashSet<string> Operators = new(StringComparer.Ordinal) { "DynamicQuantizeLinear", "DynamicQuantizeMatMul", "DynamicQuantizeLSTM" };

    /// <summary>Whether such an operator gets what depends on the graph's inputs.</summary>
    /// <param name="path">The ONNX file.</param>
    /// <exception cref="InvalidDataException">The file is no ONNX file, or is cut.</exception>
    public static bool Spans(string path)
    {
        bool spans = false;
        ProtobufReader.Read(path, reader =>
        {
            // Functions follow the graph in a file, but are part of its operators.
            var functions = new HashSet<string>(StringComparer.Ordinal);
            reader.Each(reader.Length, (field, end) =>
            {
                if (field == 25)
                    Function(reader, end, functions);
            });
            reader.Position = 0;
            reader.Each(reader.Length, (field, end) => spans |= field == 7 && Graph(reader, end, [], functions));
        });
        return spans;
    }

    // A function with such an operator in it counts as one.
    private static void Function(ProtobufReader reader, long end, HashSet<string> functions)
    {
        string name = "";
        bool spans = false;
        reader.Each(end, (field, next) =>
        {
            if (field == 1)
                name = reader.Text(next);
            else if (field == 7)
                spans |= IsOne(OnnxNode.Read(reader, next).Operator, functions);
        });
        if (spans)
            functions.Add(name);
    }

    // Names that depend on the graph's inputs grow node by node, because nodes are sorted.
    private static bool Graph(ProtobufReader reader, long end, HashSet<string> outer, HashSet<string> functions)
    {
        long start = reader.Position;
        var varying = new HashSet<string>(outer, StringComparer.Ordinal);
        var stored = new HashSet<string>(StringComparer.Ordinal);
        reader.Each(end, (field, next) =>
        {
            // Initializers may be listed among the inputs too; their names are field 8.
            if (field == 5)
                reader.Each(next, (inner, last) => _ = inner == 8 && stored.Add(reader.Text(last)));
            else if (field == 11)
                reader.Each(next, (inner, last) => _ = inner == 1 && varying.Add(reader.Text(last)));
        });
        varying.ExceptWith(stored);

        bool spans = false;
        reader.Position = start;
        reader.Each(end, (field, next) =>
        {
            if (field != 1)
                return;
            OnnxNode node = OnnxNode.Read(reader, next);
            bool varies = node.Inputs.Exists(varying.Contains);
            foreach ((long place, long last) in node.Graphs)
            {
                reader.Position = place;
                spans |= Graph(reader, last, varying, functions);
                varies = true;
            }

            spans |= IsOne(node.Operator, functions) && node.Inputs is [var first, ..] && varying.Contains(first);
            if (varies)
                varying.UnionWith(node.Outputs);
        });
        return spans;
    }

    private static bool IsOne(string name, HashSet<string> functions) => Operators.Contains(name) || functions.Contains(name);
}
