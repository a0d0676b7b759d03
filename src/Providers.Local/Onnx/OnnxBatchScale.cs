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
    /// <exception cref="InvalidDataException">The file's fields do not end with the file.</exception>
    public static bool Spans(string path)
    {
        using FileStream stream = File.OpenRead(path);
        var reader = new ProtobufReader(stream);
        try
        {
            var functions = new HashSet<string>(StringComparer.Ordinal);
            bool spans = false;
            // Functions follow the graph in a file, but are part of its operators.
            for (int pass = 0; pass < 2; pass++)
            {
                stream.Position = 0;
                reader.Each(stream.Length, (field, end) =>
                {
                    if (field == 25 && pass == 0)
                        Function(reader, end, functions);
                    else if (field == 7 && pass == 1)
                        spans |= Graph(reader, end, [], functions);
                });
            }

            return spans;
        }
        catch (EndOfStreamException exception)
        {
            throw new InvalidDataException($"{path} ({stream.Length:N0} bytes) is not a model that ONNX Runtime can load: its fields do not end with the file. Fetch the file again; it may have been cut.", exception);
        }
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
                spans |= IsOne(ReadNode(reader, next).Operator, functions);
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
            Node node = ReadNode(reader, next);
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

    private static Node ReadNode(ProtobufReader reader, long end)
    {
        var node = new Node();
        reader.Each(end, (field, next) =>
        {
            if (field == 1)
                node.Inputs.Add(reader.Text(next));
            else if (field == 2)
                node.Outputs.Add(reader.Text(next));
            else if (field == 4)
                node.Operator = reader.Text(next);
            else if (field == 5)
                reader.Each(next, (inner, last) => AddGraph(node, reader, inner, last));
        });
        return node;
    }

    // Of an attribute: one graph, or graphs.
    private static void AddGraph(Node node, ProtobufReader reader, int field, long end)
    {
        if (field is 6 or 11)
            node.Graphs.Add((reader.Position, end));
    }

    private sealed class Node
    {
        public string Operator { get; set; } = "";

        public List<string> Inputs { get; } = [];

        public List<string> Outputs { get; } = [];

        public List<(long Start, long End)> Graphs { get; } = [];
    }
}
