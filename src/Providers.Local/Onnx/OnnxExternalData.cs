using System.Text;

namespace Polymodal.Providers.Local.Onnx;

/// <summary>
/// Finds the files that an ONNX file keeps its large tensors in (<c>model.onnx_data</c>), by walking the file's protocol-buffer fields and
/// skipping everything else, so that a file that points out of its folder is refused before the runtime opens anything.
/// </summary>
/// <remarks>Format: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto and docs/ExternalData.md.</remarks>
internal static class OnnxExternalData
{
    private const int LengthDelimited = 2;

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
        using FileStream stream = File.OpenRead(path);
        var locations = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            Walk(stream, stream.Length, Message.Model, locations);
        }
        catch (EndOfStreamException exception)
        {
            throw new InvalidDataException($"{path} ({stream.Length:N0} bytes) is not a model that ONNX Runtime can load: its fields do not end with the file. Fetch the file again; it may have been cut.", exception);
        }

        return locations;
    }

    private static void Walk(FileStream stream, long end, Message message, HashSet<string> locations)
    {
        string? key = null;
        while (stream.Position < end)
        {
            ulong tag = Varint(stream);
            if ((tag & 7) != LengthDelimited)
            {
                SkipNumber(stream, tag & 7);
                continue;
            }

            int field = (int)(tag >> 3);
            long length = checked((long)Varint(stream)), next = stream.Position + length;
            if (length < 0 || next > end)
                throw new EndOfStreamException();
            if (message == Message.Entry)
                Entry(field, Text(stream, length), ref key, locations);
            else if (Array.Find(Paths[message], path => path.Field == field) is { Field: > 0 } path)
                Walk(stream, next, path.Inner, locations);
            stream.Position = next;
        }
    }

    // StringStringEntryProto: key = 1, value = 2.
    private static void Entry(int field, string text, ref string? key, HashSet<string> locations)
    {
        if (field == 1)
            key = text;
        else if (field == 2 && key == "location")
            locations.Add(text);
    }

    private static string Text(FileStream stream, long length)
    {
        byte[] bytes = new byte[Math.Min(length, 4096)];
        stream.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    private static void SkipNumber(FileStream stream, ulong wireType)
    {
        switch (wireType)
        {
            case 0:
                Varint(stream);
                break;
            case 1:
                stream.Position += 8;
                break;
            case 5:
                stream.Position += 4;
                break;
            default:
                throw new EndOfStreamException();
        }
    }

    private static ulong Varint(FileStream stream)
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            int next = stream.ReadByte();
            if (next < 0)
                throw new EndOfStreamException();
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }

        throw new EndOfStreamException();
    }
}
