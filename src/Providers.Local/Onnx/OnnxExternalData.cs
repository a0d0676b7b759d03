namespace Polymodal.Providers.Local.Onnx;

/// <summary>
/// Finds the files that an ONNX file keeps its large tensors in (<c>model.onnx_data</c>), by walking the file's protocol-buffer fields and
/// skipping everything else, so that a file that points out of its folder is refused before the runtime opens anything.
/// </summary>
/// <remarks>Format: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto and docs/ExternalData.md.</remarks>
internal static class OnnxExternalData
{
    // Which fields of a message lead to tensors: by message, the field's number and the message in it.
    private static readonly Dictionary<Message, (int Field, Message Inner)[]> Paths = new()
    {
        [Message.Model] = [(7, Message.Graph), (25, Message.Function)],
        [Message.Function] = [(7, Message.Node)],
        [Message.Graph] = [(1, Message.Node), (5, Message.Tensor), (15, Message.SparseTensor)],
        [Message.Node] = [(5, Message.Attribute)],
        [Message.Attribute] = [(5, Message.Tensor), (6, Message.Graph), (10, Message.Tensor), (11, Message.Graph), (22, Message.SparseTensor), (23, Message.SparseTensor)],
        [Message.SparseTensor] = [(1, Message.Tensor), (2, Message.Tensor)],
        [Message.Tensor] = [(13, Message.Entry)],
        [Message.Entry] = [],
    };

    private enum Message
    {
        Model,
        Function,
        Graph,
        Node,
        Attribute,
        Tensor,
        SparseTensor,
        Entry,
    }

    /// <summary>The locations that tensors name, as written in the file.</summary>
    /// <param name="path">The ONNX file.</param>
    /// <returns>Each once, in no order; empty for a file that holds its tensors itself.</returns>
    /// <exception cref="InvalidDataException">The file is no ONNX file, or is cut.</exception>
    public static IReadOnlyCollection<string> Locations(string path)
    {
        var locations = new HashSet<string>(StringComparer.Ordinal);
        ProtobufReader.Read(path, reader => Walk(reader, reader.Length, Message.Model, locations));
        return locations;
    }

    private static void Walk(ProtobufReader reader, long end, Message message, HashSet<string> locations)
    {
        // StringStringEntryProto: key = 1, value = 2.
        string? key = null;
        reader.Each(end, (field, next) =>
        {
            if (message == Message.Entry && field == 1)
                key = reader.Text(next);
            else if (message == Message.Entry && field == 2 && key == "location")
                locations.Add(reader.Text(next));
            else if (Array.Find(Paths[message], path => path.Field == field) is { Field: > 0 } path)
                Walk(reader, next, path.Inner, locations);
        });
    }
}
