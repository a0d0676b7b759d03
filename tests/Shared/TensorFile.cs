using System.Buffers.Binary;
using System.Text.Json;

namespace Polymodal.Tests;

/// <summary>Changes single numbers of a <c>.safetensors</c> file, on its own reading of the format.</summary>
internal sealed class TensorFile
{
    private readonly string _path;
    private readonly byte[] _bytes;
    private readonly JsonElement _header;
    private readonly int _dataStart;

    /// <summary>Reads a file.</summary>
    public TensorFile(string path)
    {
        _path = path;
        _bytes = File.ReadAllBytes(path);
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(_bytes);
        _header = JsonDocument.Parse(_bytes.AsMemory(8, length)).RootElement;
        _dataStart = 8 + length;
    }

    /// <summary>The names, in the order of the header.</summary>
    public IEnumerable<string> Names => _header.EnumerateObject().Select(entry => entry.Name).Where(name => name != "__metadata__");

    /// <summary>Adds to a number.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="index">Which number, row-major.</param>
    /// <param name="change">Gives the new value for the old one.</param>
    public void Change(string name, int index, Func<double, double> change)
    {
        JsonElement entry = _header.GetProperty(name);
        Span<byte> data = _bytes.AsSpan(_dataStart + entry.GetProperty("data_offsets")[0].GetInt32());
        switch (entry.GetProperty("dtype").GetString())
        {
            case "F32":
                data = data[(4 * index)..];
                BinaryPrimitives.WriteSingleLittleEndian(data, (float)change(BinaryPrimitives.ReadSingleLittleEndian(data)));
                break;
            case "I64":
                data = data[(8 * index)..];
                BinaryPrimitives.WriteInt64LittleEndian(data, (long)change(BinaryPrimitives.ReadInt64LittleEndian(data)));
                break;
            case { } type:
                throw new NotSupportedException($"{name} is {type}.");
        }
    }

    /// <summary>Writes the file back.</summary>
    public void Save() => File.WriteAllBytes(_path, _bytes);
}
