using System.Runtime.InteropServices;
using Polymodal.Providers.Local.Onnx;

namespace Polymodal.Providers.Local.Tests.Onnx.Kernels;

/// <summary>An ONNX file made node by node: float32 x [a, b, 16] to float32 outputs.</summary>
internal sealed class TinyGraph(int opset = 17)
{
    public const int Width = 16;
    private readonly List<byte> _graph = [];

    public TinyGraph Node(string op, string inputs, string output, params (string Name, object Value)[] attributes)
    {
        _graph.AddRange(Field(op, inputs, output, attributes));
        return this;
    }

    /// <summary>A node that takes a graph for each branch; the graphs take what they want of this one.</summary>
    public TinyGraph If(string condition, string output, byte[] thenNode, byte[] elseNode)
    {
        _graph.AddRange(IfField(condition, output, thenNode, elseNode));
        return this;
    }

    public static byte[] IfField(string condition, string output, byte[] thenNode, byte[] elseNode)
    {
        byte[] Branch(string name, byte[] node) => ProtobufWriter.Message(5, [
            .. ProtobufWriter.Text(1, name),
            .. ProtobufWriter.Message(6, [.. node, .. ProtobufWriter.Text(2, name), .. ProtobufWriter.Message(12, ProtobufWriter.Text(1, "branch"))]),
            .. ProtobufWriter.Number(20, 5)]);
        return ProtobufWriter.Message(1, [
            .. ProtobufWriter.Text(1, condition), .. ProtobufWriter.Text(2, output), .. ProtobufWriter.Text(4, "If"), .. Branch("then_branch", thenNode), .. Branch("else_branch", elseNode)]);
    }

    public static byte[] Field(string op, string inputs, string output, params (string Name, object Value)[] attributes) =>
        ProtobufWriter.Message(1, [
            .. inputs.Split(' ').SelectMany(input => ProtobufWriter.Text(1, input)), .. ProtobufWriter.Text(2, output), .. ProtobufWriter.Text(4, op), .. attributes.SelectMany(Attribute)]);

    public TinyGraph Stored(string name, params float[] values)
    {
        _graph.AddRange(Tensor(5, name, 1, values.Length == 1 ? [] : values.Length == Width * Width ? [Width, Width] : [values.Length], MemoryMarshal.AsBytes<float>(values)));
        return this;
    }

    public TinyGraph Truth(string name)
    {
        _graph.AddRange(Tensor(5, name, 9, [], [1]));
        return this;
    }

    public string Write(string folder, params string[] outputs)
    {
        byte[] Value(int field, string name) => ProtobufWriter.Message(field, [
            .. ProtobufWriter.Text(1, name),
            .. ProtobufWriter.Message(2, ProtobufWriter.Message(1, [
                .. ProtobufWriter.Number(1, 1),
                .. ProtobufWriter.Message(2, [
                    .. ProtobufWriter.Message(1, ProtobufWriter.Text(2, "a")), .. ProtobufWriter.Message(1, ProtobufWriter.Text(2, "b")), .. ProtobufWriter.Message(1, ProtobufWriter.Number(1, Width))])]))]);
        string path = Path.Combine(folder, "tiny.onnx");
        File.WriteAllBytes(path, [
            .. ProtobufWriter.Number(1, 8),
            .. ProtobufWriter.Message(7, [.. _graph, .. ProtobufWriter.Text(2, "tiny"), .. Value(11, "x"), .. outputs.SelectMany(output => Value(12, output))]),
            .. ProtobufWriter.Message(8, [.. ProtobufWriter.Text(1, ""), .. ProtobufWriter.Number(2, opset)])]);
        return path;
    }

    private static byte[] Tensor(int field, string name, int type, long[] shape, ReadOnlySpan<byte> bytes) => ProtobufWriter.Message(field, [
        .. shape.SelectMany(axis => ProtobufWriter.Number(1, axis)), .. ProtobufWriter.Number(2, type), .. ProtobufWriter.Text(8, name), .. ProtobufWriter.Message(9, bytes)]);

    private static byte[] Attribute((string Name, object Value) attribute) => ProtobufWriter.Message(5, [
        .. ProtobufWriter.Text(1, attribute.Name),
        .. attribute.Value switch
        {
            int whole => (byte[])[.. ProtobufWriter.Number(3, whole), .. ProtobufWriter.Number(20, 2)],
            float number => [.. ProtobufWriter.Single(2, number), .. ProtobufWriter.Number(20, 1)],
            string text => [.. ProtobufWriter.Text(4, text), .. ProtobufWriter.Number(20, 3)],
            int[] wholes => [.. wholes.SelectMany(whole => ProtobufWriter.Number(8, whole)), .. ProtobufWriter.Number(20, 7)],
            _ => throw new NotSupportedException(),
        }]);
}
