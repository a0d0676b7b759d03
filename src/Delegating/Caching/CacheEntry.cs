using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.AI;

namespace Polymodal.Delegating;

/// <summary>A vector as bytes: a checksum over key and content, then a version, when and by which model it was made, its space, and its numbers.</summary>
/// <remarks>Little-endian on every machine, so that machines may share a cache.</remarks>
internal static class CacheEntry
{
    private const int ChecksumLength = 8;
    private const byte Version = 1;

    /// <summary>Writes a vector.</summary>
    /// <param name="key">The key it is stored under: an entry under another key is not this one.</param>
    /// <param name="embedding">The vector; of its properties space and fingerprint are kept.</param>
    public static byte[] Write(string key, Embedding<float> embedding)
    {
        using var stream = new MemoryStream(ChecksumLength + 256 + (embedding.Vector.Length * sizeof(float)));
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(new byte[ChecksumLength]);
        writer.Write(Version);
        writer.Write(embedding.CreatedAt?.UtcTicks ?? -1);
        WriteText(writer, embedding.ModelId);
        WriteText(writer, Property(embedding, EmbeddingSpace.SpaceIdProperty));
        WriteText(writer, Property(embedding, EmbeddingSpace.FingerprintProperty));
        writer.Write(embedding.Vector.Length);
        foreach (float value in embedding.Vector.Span)
            writer.Write(value);
        writer.Flush();
        byte[] entry = stream.ToArray();
        Checksum(key, entry.AsSpan(ChecksumLength), entry.AsSpan(0, ChecksumLength));
        return entry;
    }

    /// <summary>Reads a vector, or gives null where the bytes are not what <see cref="Write"/> wrote under this key.</summary>
    public static Embedding<float>? Read(string key, ReadOnlyMemory<byte> entry)
    {
        Span<byte> checksum = stackalloc byte[ChecksumLength];
        if (entry.Length <= ChecksumLength || entry.Span[ChecksumLength] != Version)
            return null;
        Checksum(key, entry.Span[ChecksumLength..], checksum);
        if (!checksum.SequenceEqual(entry.Span[..ChecksumLength]))
            return null;

        using var reader = new BinaryReader(new MemoryStream(entry[(ChecksumLength + 1)..].ToArray()), Encoding.UTF8);
        long created = reader.ReadInt64();
        string? modelId = ReadText(reader), space = ReadText(reader), fingerprint = ReadText(reader);
        float[] vector = new float[reader.ReadInt32()];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(vector.AsSpan()));
        if (!BitConverter.IsLittleEndian)
            BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<float, int>(vector), MemoryMarshal.Cast<float, int>(vector.AsSpan()));
        var embedding = new Embedding<float>(vector) { ModelId = modelId, CreatedAt = created < 0 ? null : new DateTimeOffset(created, TimeSpan.Zero) };
        if (space is not null)
            (embedding.AdditionalProperties ??= [])[EmbeddingSpace.SpaceIdProperty] = space;
        if (fingerprint is not null)
            (embedding.AdditionalProperties ??= [])[EmbeddingSpace.FingerprintProperty] = fingerprint;
        return embedding;
    }

    private static void Checksum(string key, ReadOnlySpan<byte> content, Span<byte> checksum)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(key));
        hash.AppendData(content);
        hash.GetHashAndReset().AsSpan(0, ChecksumLength).CopyTo(checksum);
    }

    private static string? Property(Embedding<float> embedding, string name) =>
        embedding.AdditionalProperties?.TryGetValue(name, out object? value) == true ? value?.ToString() : null;

    private static void WriteText(BinaryWriter writer, string? text)
    {
        writer.Write(text is not null);
        if (text is not null)
            writer.Write(text);
    }

    private static string? ReadText(BinaryReader reader) => reader.ReadBoolean() ? reader.ReadString() : null;
}
