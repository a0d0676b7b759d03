using System.Runtime.InteropServices;

namespace Polymodal.VectorStore.Exact;

/// <summary>Rows of codes in one piece of memory, as they are stored: keys, then <see cref="RowCode"/>s, then coarse nibbles, then fine ones; numbers as the machine has them, which is little-endian on all that are supported.</summary>
/// <param name="bytes">The piece; its length is a multiple of <see cref="RowBytes"/>.</param>
/// <param name="dimensions">Length of a vector.</param>
internal readonly ref struct PackedCodes(ReadOnlySpan<byte> bytes, int dimensions)
{
    private static readonly int RowCodeBytes = Marshal.SizeOf<RowCode>();

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private readonly int _stride = NibbleDot.Stride(dimensions);

    /// <summary>How many rows.</summary>
    public int Count { get; } = bytes.Length / RowBytes(dimensions);

    /// <summary>The keys; ascending in what was not damaged.</summary>
    public ReadOnlySpan<long> Keys => MemoryMarshal.Cast<byte, long>(_bytes[..(Count * sizeof(long))]);

    /// <summary>Bytes of a row.</summary>
    public static int RowBytes(int dimensions) => sizeof(long) + RowCodeBytes + 2 * NibbleDot.Stride(dimensions);

    /// <summary>Packs vectors.</summary>
    /// <param name="keys">Their keys, ascending.</param>
    /// <param name="vectors">The vectors; finite numbers.</param>
    /// <param name="definition">Their dimensions and measure.</param>
    public static byte[] Pack(ReadOnlySpan<long> keys, ReadOnlySpan<ReadOnlyMemory<float>> vectors, VectorDefinition definition)
    {
        int count = keys.Length, stride = NibbleDot.Stride(definition.Dimensions);
        var bytes = new byte[count * RowBytes(definition.Dimensions)];
        Span<byte> coarse = bytes.AsSpan(count * (sizeof(long) + RowCodeBytes)), fine = coarse[(count * stride)..];
        Span<RowCode> rows = MemoryMarshal.Cast<byte, RowCode>(bytes.AsSpan(count * sizeof(long), count * RowCodeBytes));
        MemoryMarshal.AsBytes(keys).CopyTo(bytes);
        for (int row = 0; row < count; row++)
            rows[row] = RowCode.Encode(vectors[row].Span, definition.Metric, coarse.Slice(row * stride, stride), fine.Slice(row * stride, stride));
        return bytes;
    }

    /// <summary>The rows of two pieces in one.</summary>
    public static byte[] Join(PackedCodes first, PackedCodes second, int dimensions)
    {
        var block = new CodeBlock(dimensions, first.Count + second.Count);
        first.CopyTo(0, first.Count, block, 0);
        second.CopyTo(0, second.Count, block, first.Count);
        return Alive(new(block, block.Room, []), 0, block.Room, dimensions);
    }

    /// <summary>Packs those rows of a part of a block that are not gone.</summary>
    public static byte[] Alive(CodeRows rows, int first, int count, int dimensions)
    {
        int[] alive = [.. Enumerable.Range(first, count).Where(row => !rows.IsGone(row))];
        int stride = NibbleDot.Stride(dimensions), meta = alive.Length * sizeof(long), coarse = meta + alive.Length * RowCodeBytes, fine = coarse + alive.Length * stride;
        var bytes = new byte[alive.Length * RowBytes(dimensions)];
        for (int i = 0; i < alive.Length; i++)
        {
            MemoryMarshal.Cast<byte, long>(bytes.AsSpan(0, meta))[i] = rows.Codes.Keys[alive[i]];
            MemoryMarshal.Cast<byte, RowCode>(bytes.AsSpan(meta, coarse - meta))[i] = rows.Codes.Rows[alive[i]];
            rows.Codes.Coarse.AsSpan(alive[i] * stride, stride).CopyTo(bytes.AsSpan(coarse + i * stride));
            rows.Codes.Fine.AsSpan(alive[i] * stride, stride).CopyTo(bytes.AsSpan(fine + i * stride));
        }

        return bytes;
    }

    /// <summary>Copies some rows into a block.</summary>
    public void CopyTo(int first, int count, CodeBlock block, int at)
    {
        int rows = Count * sizeof(long), coarse = rows + Count * RowCodeBytes, fine = coarse + Count * _stride;
        Keys.Slice(first, count).CopyTo(block.Keys.AsSpan(at));
        block.SetRows(at, MemoryMarshal.Cast<byte, RowCode>(_bytes[rows..coarse]).Slice(first, count));
        _bytes.Slice(coarse + first * _stride, count * _stride).CopyTo(block.Coarse.AsSpan(at * _stride));
        _bytes.Slice(fine + first * _stride, count * _stride).CopyTo(block.Fine.AsSpan(at * _stride));
    }
}
