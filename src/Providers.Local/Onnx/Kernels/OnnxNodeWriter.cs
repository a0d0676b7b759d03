namespace Polymodal.Providers.Local.Onnx.Kernels;

/// <summary>A node to be written: one of <see cref="OnnxKernels"/>.</summary>
/// <param name="Operator">What it does.</param>
/// <param name="Inputs">Names of what it takes; empty where an optional one is left out.</param>
/// <param name="Outputs">Names of what it gives.</param>
/// <param name="Attributes">Its attributes.</param>
internal sealed record OnnxNodeWriter(string Operator, IReadOnlyList<string?> Inputs, IReadOnlyList<string> Outputs, params IReadOnlyList<(string Name, float Number)> Attributes)
{
    private const int FloatAttribute = 1;

    /// <summary>The node as a field of a message.</summary>
    /// <remarks>NodeProto: input = 1, output = 2, op_type = 4, attribute = 5, domain = 7. AttributeProto: name = 1, f = 2, type = 20.</remarks>
    public byte[] ToField(int field)
    {
        var bytes = new List<byte>();
        int inputs = Inputs.Count;
        while (string.IsNullOrEmpty(Inputs[inputs - 1]))
            inputs--;
        foreach (string? input in Inputs.Take(inputs))
            bytes.AddRange(ProtobufWriter.Text(1, input ?? ""));
        foreach (string output in Outputs)
            bytes.AddRange(ProtobufWriter.Text(2, output));
        bytes.AddRange(ProtobufWriter.Text(4, Operator));
        foreach ((string name, float number) in Attributes)
            bytes.AddRange(ProtobufWriter.Message(5, [.. ProtobufWriter.Text(1, name), .. ProtobufWriter.Single(2, number), .. ProtobufWriter.Number(20, FloatAttribute)]));
        bytes.AddRange(ProtobufWriter.Text(7, OnnxKernels.Domain));
        return ProtobufWriter.Message(field, [.. bytes]);
    }
}
