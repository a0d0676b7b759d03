using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Polymodal.Providers.Local.Models;

/// <summary>Reads and writes a <c>.safetensors</c> file: named tensors of numbers, row-major, little-endian.</summary>
/// <remarks>Immutable and safe for concurrent use. Format: https://github.com/huggingface/safetensors, header as JSON, then the data.</remarks>
public sealed class SafeTensors
{
    private const int MaxHeader = 100_000_000;
    private const string MetadataName = "__metadata__";
    private readonly byte[] _data;
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private readonly string _file;

    private SafeTensors(string file, byte[] data)
    {
        _file = file;
        _data = data;
    }

    /// <summary>Names of the tensors.</summary>
    public IReadOnlyCollection<string> Names => _entries.Keys;

    /// <summary>What the file says beside its tensors (<c>__metadata__</c>); empty for nothing.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is cut or no safetensors file.</exception>
    public static SafeTensors Read(string path)
    {
        string file = Path.GetFileName(path);
        byte[] data = File.ReadAllBytes(path);
        int header = HeaderLength(data.AsSpan(0, Math.Min(8, data.Length)), data.Length, file);
        var tensors = new SafeTensors(file, data);
        try
        {
            using JsonDocument json = JsonDocument.Parse(data.AsMemory(8, header));
            foreach (JsonProperty property in json.RootElement.EnumerateObject())
            {
                if (property.Name != MetadataName)
                    tensors._entries[property.Name] = tensors.ReadEntry(property, 8 + header);
                else
                    tensors.ReadMetadata(property.Value);
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or KeyNotFoundException or IndexOutOfRangeException or OverflowException)
        {
            throw new InvalidDataException($"{file}: the header is not the JSON of a safetensors file. Fetch the file again.", exception);
        }

        return tensors;
    }

    /// <summary>Whether a tensor is there.</summary>
    /// <param name="name">Its name.</param>
    public bool Has(string name) => _entries.ContainsKey(name);

    /// <summary>The axes of a tensor.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="KeyNotFoundException">There is no such tensor.</exception>
    public IReadOnlyList<int> Shape(string name) => Find(name).Shape;

    /// <summary>Whether a tensor holds whole numbers.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="KeyNotFoundException">There is no such tensor.</exception>
    public bool IsInteger(string name) => Find(name).Type[0] is 'I' or 'U';

    /// <summary>A tensor's numbers as float32.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="KeyNotFoundException">There is no such tensor.</exception>
    /// <exception cref="NotSupportedException">It is not of type F32, F16, BF16, F64 or I8.</exception>
    public float[] Floats(string name)
    {
        Entry entry = Find(name);
        ReadOnlySpan<byte> bytes = Bytes(entry);
        return entry.Type switch
        {
            "F32" => MemoryMarshal.Cast<byte, float>(bytes).ToArray(),
            "F16" => Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(bytes).ToArray(), half => (float)half),
            "BF16" => Array.ConvertAll(MemoryMarshal.Cast<byte, ushort>(bytes).ToArray(), bits => BitConverter.UInt32BitsToSingle((uint)bits << 16)),
            "F64" => Array.ConvertAll(MemoryMarshal.Cast<byte, double>(bytes).ToArray(), number => (float)number),
            "I8" => Array.ConvertAll(MemoryMarshal.Cast<byte, sbyte>(bytes).ToArray(), value => (float)value),
            _ => throw new NotSupportedException($"{_file}: tensor '{name}' is of type {entry.Type}; supported as numbers with a fraction: F32, F16, BF16, F64, I8."),
        };
    }

    /// <summary>A tensor's numbers as float64.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="KeyNotFoundException">There is no such tensor.</exception>
    /// <exception cref="NotSupportedException">It is of none of the types that <see cref="Floats"/> takes.</exception>
    public double[] Doubles(string name) =>
        Find(name) is { Type: "F64" } entry ? MemoryMarshal.Cast<byte, double>(Bytes(entry)).ToArray() : Array.ConvertAll(Floats(name), value => (double)value);

    /// <summary>A tensor's numbers as int64.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="KeyNotFoundException">There is no such tensor.</exception>
    /// <exception cref="NotSupportedException">It is not of type I64, I32 or U8.</exception>
    public long[] Integers(string name)
    {
        Entry entry = Find(name);
        ReadOnlySpan<byte> bytes = Bytes(entry);
        return entry.Type switch
        {
            "I64" => MemoryMarshal.Cast<byte, long>(bytes).ToArray(),
            "I32" => Array.ConvertAll(MemoryMarshal.Cast<byte, int>(bytes).ToArray(), value => (long)value),
            "U8" => Array.ConvertAll(bytes.ToArray(), value => (long)value),
            _ => throw new NotSupportedException($"{_file}: tensor '{name}' is of type {entry.Type}; supported as whole numbers: I64, I32, U8."),
        };
    }

    /// <summary>Writes a file of float64 tensors.</summary>
    /// <param name="file">Where to write; it stays open.</param>
    /// <param name="tensors">By name: the axes, and the numbers row by row.</param>
    /// <param name="metadata">What the file says beside its tensors.</param>
    /// <exception cref="ArgumentException">A tensor has another number of values than its axes say.</exception>
    public static void Write(Stream file, IReadOnlyDictionary<string, (int[] Shape, double[] Values)> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(metadata);
        using var header = new MemoryStream();
        using (var json = new Utf8JsonWriter(header))
        {
            json.WriteStartObject();
            json.WriteStartObject(MetadataName);
            foreach ((string key, string value) in metadata)
                json.WriteString(key, value);
            json.WriteEndObject();
            long start = 0;
            foreach ((string name, (int[] shape, double[] values)) in tensors)
            {
                if (shape.Aggregate(1L, (product, axis) => product * axis) != values.Length)
                    throw new ArgumentException($"tensor '{name}' of shape [{string.Join(", ", shape)}] has {values.Length} numbers. Give as many as its axes say.", nameof(tensors));
                json.WriteStartObject(name);
                json.WriteString("dtype", "F64");
                WriteNumbers(json, "shape", [.. shape.Select(axis => (long)axis)]);
                WriteNumbers(json, "data_offsets", [start, start += (long)values.Length * sizeof(double)]);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        // The data begins at a multiple of 8 bytes.
        while (header.Length % 8 != 0)
            header.WriteByte((byte)' ');
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        file.Write(length);
        file.Write(header.GetBuffer().AsSpan(0, (int)header.Length));
        foreach ((int[] _, double[] values) in tensors.Values)
            file.Write(MemoryMarshal.AsBytes(values.AsSpan()));
    }

    /// <summary>One number of a file, without reading the rest of it; null when the file has no such tensor of one number.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">The tensor.</param>
    /// <exception cref="InvalidDataException">The file is cut or no safetensors file.</exception>
    internal static float? Scalar(string path, string name)
    {
        using FileStream file = File.OpenRead(path);
        string shown = Path.GetFileName(path);
        Span<byte> start = stackalloc byte[8];
        int length = HeaderLength(start[..file.ReadAtLeast(start, 8, throwOnEndOfStream: false)], file.Length, shown);
        byte[] header = new byte[length];
        file.ReadExactly(header);
        try
        {
            using JsonDocument json = JsonDocument.Parse(header);
            if (!json.RootElement.TryGetProperty(name, out JsonElement entry) || entry.GetProperty("shape").EnumerateArray().Any(axis => axis.GetInt64() != 1))
                return null;
            long from = entry.GetProperty("data_offsets")[0].GetInt64(), size = entry.GetProperty("data_offsets")[1].GetInt64() - from;
            if (size is < 1 or > sizeof(double))
                throw new FormatException($"one number has {size} bytes.");
            file.Position = checked(8 + length + from);
            byte[] data = new byte[size];
            file.ReadExactly(data);
            var one = new SafeTensors(shown, data);
            one._entries[name] = new Entry(entry.GetProperty("dtype").GetString() ?? "", [], 0, data.Length);
            return one.Floats(name) is [var number] ? number : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or KeyNotFoundException or IndexOutOfRangeException or OverflowException or EndOfStreamException or ArgumentException)
        {
            throw new InvalidDataException($"{shown}: tensor '{name}' cannot be read. Fetch the file again; it may have been cut.", exception);
        }
    }

    private static int HeaderLength(ReadOnlySpan<byte> start, long bytes, string file) =>
        start.Length == 8 && BinaryPrimitives.ReadInt64LittleEndian(start) is var length && length >= 2 && length <= Math.Min(MaxHeader, bytes - 8) ? (int)length
            : throw new InvalidDataException($"{file}: {bytes} bytes do not hold the header they announce. Fetch the file again; it may have been cut.");

    private static void WriteNumbers(Utf8JsonWriter json, string name, ReadOnlySpan<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (long number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    private void ReadMetadata(JsonElement json)
    {
        foreach (JsonProperty property in json.EnumerateObject())
            _metadata[property.Name] = property.Value.GetString() ?? "";
    }

    private Entry ReadEntry(JsonProperty property, long dataStart)
    {
        string type = property.Value.GetProperty("dtype").GetString() is { Length: > 0 } named ? named : throw new FormatException("dtype is empty.");
        int[] shape = [.. property.Value.GetProperty("shape").EnumerateArray().Select(axis => axis.GetInt32())];
        JsonElement offsets = property.Value.GetProperty("data_offsets");
        long start = checked(dataStart + offsets[0].GetInt64()), end = checked(dataStart + offsets[1].GetInt64());
        int bits = type switch
        {
            "F64" or "I64" or "U64" => 64,
            "F32" or "I32" or "U32" => 32,
            "F16" or "BF16" or "I16" or "U16" => 16,
            _ => 8,
        };
        long bytes = shape.Aggregate(bits / 8L, (product, axis) => checked(product * axis));
        if (shape.Any(axis => axis < 0) || start < dataStart || end > _data.Length || end - start != bytes)
            throw new InvalidDataException($"{_file}: tensor '{property.Name}' of shape [{string.Join(", ", shape)}] does not fit its place in the file. Fetch the file again; it may have been cut.");
        return new Entry(type, shape, (int)start, (int)(end - start));
    }

    private Entry Find(string name) =>
        _entries.TryGetValue(name, out Entry? entry) ? entry : throw new KeyNotFoundException($"{_file} has no tensor '{name}'.");

    private ReadOnlySpan<byte> Bytes(Entry entry) => _data.AsSpan(entry.Start, entry.Length);

    private sealed record Entry(string Type, int[] Shape, int Start, int Length);
}
