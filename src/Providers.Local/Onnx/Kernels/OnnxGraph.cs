namespace Polymodal.Providers.Local.Onnx.Kernels;

/// <summary>The nodes of an ONNX file's graph and where they are in the file, so that some can be replaced and the file written again.</summary>
/// <remarks>Weights are not read, only copied. Not safe for concurrent use.</remarks>
internal sealed class OnnxGraph
{
    // As many as the runtime reads.
    private const int MostLevels = 100;

    private readonly List<OnnxPart> _file = [], _graph = [];
    private readonly Dictionary<OnnxNode, int> _places = [];
    private readonly Dictionary<string, OnnxNode> _makers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OnnxTensor> _stored = new(StringComparer.Ordinal);
    private readonly Dictionary<string, double> _constants = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _uses = new(StringComparer.Ordinal);
    private readonly Dictionary<int, byte[]> _replaced = [];

    private OnnxGraph()
    {
    }

    /// <summary>The nodes, in the file's order.</summary>
    public IEnumerable<OnnxNode> Nodes => _places.Keys;

    /// <summary>Whether a node was replaced.</summary>
    public bool IsChanged => _replaced.Count > 0;

    /// <summary>Reads the nodes of a file.</summary>
    /// <exception cref="InvalidDataException">Its graphs are nested too deep.</exception>
    public static OnnxGraph Read(ProtobufReader reader)
    {
        var graph = new OnnxGraph();
        // ModelProto: graph = 7. GraphProto: node = 1, initializer = 5, output = 12.
        reader.Fields(reader.Length, field =>
        {
            graph._file.Add(new(field.Start, field.End, field.Number == 7));
            if (field.Number == 7)
                reader.Fields(field.End, part => graph.ReadPart(reader, part));
        });
        return graph;
    }

    /// <summary>The node that gives a value; null for the graph's inputs and stored tensors.</summary>
    public OnnxNode? Maker(string name) => _makers.GetValueOrDefault(name);

    /// <summary>The node that gives a value, if it is a certain ONNX operator.</summary>
    public OnnxNode? Maker(string name, string op) => Maker(name) is { Domain: "" or "ai.onnx" } node && node.Operator == op ? node : null;

    /// <summary>How often a value is taken, by nodes, by graphs inside them or as an output of the graph.</summary>
    public int Uses(string name) => _uses.GetValueOrDefault(name);

    /// <summary>The nodes that take a value.</summary>
    public IEnumerable<OnnxNode> Takers(string name) => Nodes.Where(node => node.Inputs.Contains(name));

    /// <summary>A stored tensor; null when the value is computed.</summary>
    public OnnxTensor? Stored(string name) => _stored.GetValueOrDefault(name);

    /// <summary>A stored number of one element; null when the value is anything else.</summary>
    public double? Number(string name) => _constants.TryGetValue(name, out double number) ? number : Stored(name)?.Number;

    /// <summary>Puts one node in the place of the last of some.</summary>
    public void Replace(IEnumerable<OnnxNode> nodes, OnnxNodeWriter node)
    {
        int last = -1;
        foreach (OnnxNode old in nodes)
        {
            last = Math.Max(last, _places[old]);
            _replaced[_places[old]] = [];
            _places.Remove(old);
            foreach (string output in old.Outputs)
                _makers.Remove(output);
        }

        _replaced[last] = node.ToField(1);
    }

    /// <summary>The file with the replaced nodes.</summary>
    /// <param name="reader">Reads the file that this was read from.</param>
    public byte[] Write(ProtobufReader reader)
    {
        long inside = 0;
        for (int i = 0; i < _graph.Count; i++)
            inside += _replaced.TryGetValue(i, out byte[]? node) ? node.Length : _graph[i].End - _graph[i].Start;
        byte[] domain = ProtobufWriter.Message(8, [.. ProtobufWriter.Text(1, OnnxKernels.Domain), .. ProtobufWriter.Number(2, 1)]); // opset_import: domain = 1, version = 2
        using var bytes = new MemoryStream((int)(reader.Length + inside - _graph.Sum(part => part.End - part.Start) + domain.Length + 16));
        foreach (OnnxPart part in _file)
        {
            if (!part.IsGraph)
            {
                reader.CopyTo(bytes, part.Start, part.End);
                continue;
            }

            bytes.Write(ProtobufWriter.Header(7, inside));
            for (int i = 0; i < _graph.Count; i++)
            {
                if (_replaced.TryGetValue(i, out byte[]? node))
                    bytes.Write(node);
                else
                    reader.CopyTo(bytes, _graph[i].Start, _graph[i].End);
            }
        }

        bytes.Write(domain);
        return bytes.Length == bytes.Capacity ? bytes.GetBuffer() : bytes.ToArray();
    }

    private void ReadPart(ProtobufReader reader, ProtobufField part)
    {
        int place = _graph.Count;
        _graph.Add(new(part.Start, part.End, IsGraph: false));
        if (part.Number == 1)
        {
            OnnxNode node = OnnxNode.Read(reader, part.End);
            _places.Add(node, place);
            foreach (string output in node.Outputs)
                _makers[output] = node;
            if (node.StoredNumber is { } number && node.Outputs is [var only])
                _constants[only] = number;
            CountUses(reader, node, level: 0);
        }
        else if (part.Number == 5)
        {
            OnnxTensor tensor = OnnxTensor.Read(reader, part.End);
            _stored[tensor.Name] = tensor;
        }
        else if (part.Number == 12)
        {
            reader.Each(part.End, (field, end) =>
            {
                if (field == 1)
                    Use(reader.Text(end));
            });
        }
    }

    // Graphs inside a node may take any value of this one; their own names do no harm.
    private void CountUses(ProtobufReader reader, OnnxNode node, int level)
    {
        if (level > MostLevels)
            throw new InvalidDataException($"Graphs are nested more than {MostLevels} times.");
        node.Inputs.ForEach(Use);
        foreach ((long start, long end) in node.Graphs)
        {
            reader.Position = start;
            reader.Each(end, (field, next) =>
            {
                if (field == 1)
                    CountUses(reader, OnnxNode.Read(reader, next), level + 1);
                else if (field == 12)
                    reader.Each(next, (inner, last) => UseIf(inner == 1, reader, last));
            });
        }
    }

    private void UseIf(bool isName, ProtobufReader reader, long end)
    {
        if (isName)
            Use(reader.Text(end));
    }

    private void Use(string name) => _uses[name] = Uses(name) + 1;

    private readonly record struct OnnxPart(long Start, long End, bool IsGraph);
}
