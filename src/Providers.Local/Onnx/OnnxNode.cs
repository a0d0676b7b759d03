namespace Polymodal.Providers.Local.Onnx;

/// <summary>A node of a graph, as far as those who only look at graphs want it.</summary>
/// <remarks>Format: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, NodeProto.</remarks>
internal sealed class OnnxNode
{
    /// <summary>What it does, e.g. <c>MatMul</c>.</summary>
    public string Operator { get; private set; } = "";

    /// <summary>Names of what it takes, in order.</summary>
    public List<string> Inputs { get; } = [];

    /// <summary>Names of what it gives, in order.</summary>
    public List<string> Outputs { get; } = [];

    /// <summary>Reads a node.</summary>
    /// <param name="reader">Stands at its start.</param>
    /// <param name="end">Where it ends.</param>
    /// <param name="attribute">Gets each field of each attribute: its number and its end; the reader stands at its start.</param>
    public static OnnxNode Read(ProtobufReader reader, long end, Action<int, long> attribute)
    {
        var node = new OnnxNode();
        reader.Each(end, (field, next) =>
        {
            if (field == 1)
                node.Inputs.Add(reader.Text(next));
            else if (field == 2)
                node.Outputs.Add(reader.Text(next));
            else if (field == 4)
                node.Operator = reader.Text(next);
            else if (field == 5)
                reader.Each(next, attribute);
        });
        return node;
    }
}
