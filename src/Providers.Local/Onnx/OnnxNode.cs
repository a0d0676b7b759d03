using System.Buffers.Binary;

namespace Polymodal.Providers.Local.Onnx;

/// <summary>A node of a graph, as far as those who only look at graphs want it.</summary>
/// <remarks>Format: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, NodeProto.</remarks>
internal sealed class OnnxNode
{
    /// <summary>What it does, e.g. <c>MatMul</c>.</summary>
    public string Operator { get; private set; } = "";

    /// <summary>Who defines what it does; empty for ONNX itself.</summary>
    public string Domain { get; private set; } = "";

    /// <summary>Names of what it takes, in order; empty where an optional one is left out.</summary>
    public List<string> Inputs { get; } = [];

    /// <summary>Names of what it gives, in order.</summary>
    public List<string> Outputs { get; } = [];

    /// <summary>Its attributes by name.</summary>
    public Dictionary<string, OnnxAttribute> Attributes { get; } = new(StringComparer.Ordinal);

    /// <summary>The number that a node for a constant gives; null for other nodes and other constants.</summary>
    public double? StoredNumber => Operator != "Constant" ? null
        : Attributes.TryGetValue("value", out OnnxAttribute? tensor) ? tensor.Tensor?.Number
        : Attributes.TryGetValue("value_float", out OnnxAttribute? number) ? number.Number
        : Attributes.TryGetValue("value_int", out OnnxAttribute? whole) ? whole.Whole
        : null;

    /// <summary>Where in the file the graphs inside it are.</summary>
    public List<(long Start, long End)> Graphs { get; } = [];

    /// <summary>Reads a node.</summary>
    /// <param name="reader">Stands at its start.</param>
    /// <param name="end">Where it ends.</param>
    public static OnnxNode Read(ProtobufReader reader, long end)
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
                node.ReadAttribute(reader, next);
            else if (field == 7)
                node.Domain = reader.Text(next);
        });
        return node;
    }

    // AttributeProto: name = 1, f = 2, i = 3, s = 4, t = 5, g = 6, ints = 8, graphs = 11.
    private void ReadAttribute(ProtobufReader reader, long end)
    {
        string name = "";
        var attribute = new OnnxAttribute();
        reader.Fields(end, field =>
        {
            switch (field.Number)
            {
                case 1:
                    name = reader.Text(field.End);
                    break;
                case 2:
                    attribute = attribute with { Number = BitConverter.UInt32BitsToSingle((uint)field.Value) };
                    break;
                case 3:
                    attribute = attribute with { Whole = (long)field.Value };
                    break;
                case 4:
                    attribute = attribute with { Text = reader.Text(field.End) };
                    break;
                case 5:
                    attribute = attribute with { Tensor = OnnxTensor.Read(reader, field.End) };
                    break;
                case 6 or 11:
                    Graphs.Add((reader.Position, field.End));
                    break;
                case 8:
                    attribute.Wholes.AddRange(field.IsMessage ? reader.Numbers(field.End).Take(OnnxTensor.MostAxes) : [(long)field.Value]);
                    break;
            }
        });
        Attributes[name] = attribute;
    }
}

/// <summary>An attribute of a node; what it does not hold is null or empty.</summary>
internal sealed record OnnxAttribute
{
    public float? Number { get; init; }

    public long? Whole { get; init; }

    public string? Text { get; init; }

    public OnnxTensor? Tensor { get; init; }

    public List<long> Wholes { get; } = [];
}

/// <summary>A stored tensor, without its numbers.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its element type, see <see cref="Float"/>.</param>
/// <param name="Shape">Its axes.</param>
/// <param name="Number">Its number, if it has one element.</param>
/// <remarks>Format: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, TensorProto.</remarks>
internal sealed record OnnxTensor(string Name, int Type, IReadOnlyList<long> Shape, double? Number)
{
    /// <summary>float32.</summary>
    public const int Float = 1;

    /// <summary>Most axes that are read.</summary>
    public const int MostAxes = 64;

    private const int Byte = 2, SignedByte = 3, Whole32 = 6, Whole64 = 7, Half = 10, Double = 11;

    /// <summary>Whether it is a vector of float32 with more than one component.</summary>
    public bool IsVector => Type == Float && Shape is [> 1];

    /// <summary>Reads a tensor.</summary>
    /// <param name="reader">Stands at its start.</param>
    /// <param name="end">Where it ends.</param>
    public static OnnxTensor Read(ProtobufReader reader, long end)
    {
        string name = "";
        int type = 0;
        var shape = new List<long>();
        byte[] bytes = [];
        ulong? value = null;
        reader.Fields(end, field =>
        {
            // dims = 1, data_type = 2, float_data = 4, int32_data = 5, int64_data = 7, name = 8, raw_data = 9, double_data = 10
            if (field.Number == 1)
                shape.AddRange(field.IsMessage ? reader.Numbers(field.End).Take(MostAxes) : [(long)field.Value]);
            else if (field.Number == 2)
                type = (int)field.Value;
            else if (field.Number == 8)
                name = reader.Text(field.End);
            else if (field.Number is 5 or 7 && field.IsMessage && field.End - reader.Position <= 10)
                value = (ulong)reader.Numbers(field.End).FirstOrDefault();
            else if (field.Number is 4 or 9 or 10 && field.IsMessage)
                bytes = reader.Bytes(field.End, 16);
            else if (field.Number is 4 or 5 or 7 or 10)
                value = field.Value;
        });
        return new(name, type, shape, shape.All(axis => axis == 1) ? One(type, bytes, value) : null);
    }

    private static double? One(int type, byte[] bytes, ulong? value) => (type, bytes.Length, value) switch
    {
        (Float, 4, _) => BinaryPrimitives.ReadSingleLittleEndian(bytes),
        (Float, _, { } bits) => BitConverter.UInt32BitsToSingle((uint)bits),
        (Half, 2, _) => (double)BinaryPrimitives.ReadHalfLittleEndian(bytes),
        (Half, _, { } bits) => (double)BitConverter.UInt16BitsToHalf((ushort)bits),
        (Double, 8, _) => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        (Double, _, { } bits) => BitConverter.UInt64BitsToDouble(bits),
        (Whole64, 8, _) => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        (Whole32, 4, _) => BinaryPrimitives.ReadInt32LittleEndian(bytes),
        (Byte, 1, _) => bytes[0],
        (SignedByte, 1, _) => (sbyte)bytes[0],
        (Byte or SignedByte or Whole32 or Whole64, _, { } whole) => (long)whole,
        _ => null,
    };
}
