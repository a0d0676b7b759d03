using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Polymodal.Multimodal;

/// <summary>
/// A <see cref="LinearMap"/> as a file: eight letters, the length of a header (int32), the header as JSON, then float32 numbers (source mean, target mean, weights), then SHA-256 over all before.
/// Numbers are little-endian.
/// </summary>
internal static class LinearMapFile
{
    private const int Version = 1, Start = 12, MostDimensions = 1 << 16;
    private static ReadOnlySpan<byte> Magic => "PMLINMAP"u8;

    public static void Write(string path, LinearMap map)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        byte[] header = JsonSerializer.SerializeToUtf8Bytes(new LinearMapHeader(Version, map.Source, map.Target, map.Method, map.Ridge, map.Quality), LinearMapJson.Default.LinearMapHeader);
        float[] numbers = [.. map.SourceMean, .. map.TargetMean, .. map.Weights];
        byte[] file = new byte[Start + header.Length + 4 * numbers.Length + SHA256.HashSizeInBytes];
        Magic.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(Magic.Length), header.Length);
        header.CopyTo(file, Start);
        MemoryMarshal.AsBytes<float>(numbers).CopyTo(file.AsSpan(Start + header.Length));
        SHA256.HashData(file.AsSpan(0, file.Length - SHA256.HashSizeInBytes), file.AsSpan(file.Length - SHA256.HashSizeInBytes));
        AtomicFile.Write(path, stream => stream.Write(file));
    }

    public static LinearMap Read(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        string name = Path.GetFileName(path);
        byte[] file = File.ReadAllBytes(path);
        if (!file.AsSpan().StartsWith(Magic))
            throw new InvalidDataException($"{name} is no learned map. Give a file that LinearMap.Save wrote.");
        int end = file.Length - SHA256.HashSizeInBytes;
        int length = file.Length < Start ? -1 : BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(Magic.Length));
        if (length < 0 || length > end - Start || !SHA256.HashData(file.AsSpan(0, end)).AsSpan().SequenceEqual(file.AsSpan(end)))
            throw new InvalidDataException($"{name} is cut or damaged: its checksum does not fit. Copy it again, or learn the map again.");
        LinearMapHeader header;
        try
        {
            header = JsonSerializer.Deserialize(file.AsSpan(Start, length), LinearMapJson.Default.LinearMapHeader) ?? throw new InvalidDataException($"{name}: the header is null. Learn the map again.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{name}: the header is not understood: {exception.Message} Learn the map again.", exception);
        }

        if (header.Version != Version)
            throw new InvalidDataException($"{name} has version {header.Version}; this build reads {Version}. Learn the map again.");
        if (header is not { Source: { Dimensions: > 0 and <= MostDimensions } source, Target: { Dimensions: > 0 and <= MostDimensions } target, Quality: { } quality })
            throw new InvalidDataException($"{name}: the header names no spaces. Learn the map again.");
        int from = source.Dimensions, into = target.Dimensions;
        if (end - Start - length != 4L * (from + into + (long)from * into))
            throw new InvalidDataException($"{name} holds {end - Start - length} bytes of numbers, but a map from {from} to {into} dimensions needs {4L * (from + into + (long)from * into)}. Learn the map again.");
        float[] numbers = MemoryMarshal.Cast<byte, float>(file.AsSpan(Start + length, end - Start - length)).ToArray();
        return new LinearMap(source, target, header.Method, header.Ridge, quality, numbers[..from], numbers[from..(from + into)], numbers[(from + into)..]);
    }
}

/// <summary>What a map says of itself.</summary>
internal sealed record LinearMapHeader(int Version, EmbeddingSpace? Source, EmbeddingSpace? Target, LinearMapMethod Method, double? Ridge, BridgeQuality? Quality);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(LinearMapHeader))]
internal sealed partial class LinearMapJson : JsonSerializerContext;
