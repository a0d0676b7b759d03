using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.AI;

namespace Polymodal.Delegating;

/// <summary>Keys of cache entries: a hash over what the vector depends on, each part with its length before it.</summary>
internal sealed class CacheKey
{
    private readonly byte[] _common;

    private CacheKey(byte[] common) => _common = common;

    /// <summary>What all inputs of a call share, or null where the call's options have parts whose content nobody can compare.</summary>
    /// <param name="identity">The model: its fingerprint, or whatever else tells it from any other.</param>
    /// <param name="options">The call's options.</param>
    public static CacheKey? For(string identity, EmbeddingGenerationOptions? options)
    {
        if (options?.RawRepresentationFactory is not null)
            return null;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, "polymodal embedding 1");
        Append(hash, identity);
        Append(hash, options?.ModelId ?? "");
        Append(hash, options?.Dimensions?.ToString(CultureInfo.InvariantCulture) ?? "");
        foreach ((string name, object? value) in (options?.AdditionalProperties ?? []).OrderBy(property => property.Key, StringComparer.Ordinal))
        {
            if (value is not (null or string or bool or Enum or IFormattable and (sbyte or byte or short or ushort or int or uint or long or ulong or float or double or decimal)))
                return null;
            Append(hash, name);
            Append(hash, $"{value?.GetType().FullName} {Convert.ToString(value, CultureInfo.InvariantCulture)}");
        }

        return new CacheKey(hash.GetHashAndReset());
    }

    /// <summary>The key of an input, or null for an input that is neither text nor bytes.</summary>
    /// <returns>64 hexadecimal digits.</returns>
    public string? Of<TInput>(TInput input)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(_common);
        switch (input)
        {
            case string text:
                Append(hash, "text");
                hash.AppendData(MemoryMarshal.AsBytes(text.AsSpan()));
                break;
            case DataContent content:
                Append(hash, content.MediaType);
                hash.AppendData(content.Data.Span);
                break;
            default:
                return null;
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
