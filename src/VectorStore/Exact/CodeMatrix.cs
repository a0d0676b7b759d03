using System.Collections.Immutable;
using System.Runtime.Intrinsics;

namespace Polymodal.VectorStore.Exact;

/// <summary>The codes of a collection's vectors in memory, in blocks of rows, with marks on rows that are gone. Immutable: a changed matrix shares the blocks.</summary>
/// <remarks>Safe for concurrent use. One byte a component and 36 bytes a row.</remarks>
internal sealed class CodeMatrix
{
    private CodeMatrix(int dimensions, ImmutableArray<CodeRows> blocks) => (Dimensions, Blocks) = (dimensions, blocks);

    /// <summary>Length of a vector.</summary>
    public int Dimensions { get; }

    /// <summary>The blocks, keys ascending.</summary>
    public ImmutableArray<CodeRows> Blocks { get; }

    /// <summary>How many rows there are that are not gone.</summary>
    public int Count => Blocks.Sum(block => block.Alive);

    /// <summary>No rows.</summary>
    public static CodeMatrix Empty(int dimensions) => new(dimensions, []);

    /// <summary>These rows and then others.</summary>
    /// <param name="added">Packed rows, keys ascending and above all of this matrix.</param>
    /// <param name="taken">How many of them to pass over.</param>
    public CodeMatrix Append(PackedCodes added, int taken = 0)
    {
        ImmutableArray<CodeRows>.Builder blocks = Blocks.ToBuilder();
        while (taken < added.Count)
        {
            CodeRows last = blocks.Count > 0 ? blocks[^1] : default;
            if (last.Codes is null || last.Count == CodeBlock.Capacity)
                blocks.Add(last = new(new(Dimensions, blocks.Count > 0 ? CodeBlock.Capacity : Math.Min(CodeBlock.Capacity, added.Count - taken)), 0, [])); // only a first block grows
            else if (last.Count == last.Codes.Room)
                blocks[^1] = last = last with { Codes = last.Codes.Grown(last.Count, added.Count - taken) };
            int moved = Math.Min(last.Codes!.Room - last.Count, added.Count - taken);
            added.CopyTo(taken, moved, last.Codes, last.Count);
            blocks[^1] = last with { Count = last.Count + moved };
            taken += moved;
        }

        return new(Dimensions, blocks.ToImmutable());
    }

    /// <summary>These rows without those of some keys.</summary>
    /// <param name="keys">Ascending; unknown ones are ignored.</param>
    public CodeMatrix Without(ReadOnlySpan<long> keys)
    {
        ImmutableArray<CodeRows>.Builder blocks = Blocks.ToBuilder();
        for (int i = 0; i < blocks.Count; i++)
        {
            CodeRows block = blocks[i];
            (int first, int end) = Within(keys, block);
            if (first == end)
                continue;
            ulong[] gone = block.Gone.IsEmpty ? new ulong[CodeBlock.Capacity / 64] : [.. block.Gone];
            block.Mark(keys[first..end], gone);
            blocks[i] = block with { Gone = [.. gone] };
        }

        return new(Dimensions, blocks.ToImmutable());
    }

    /// <summary>For each block the rows whose keys are among some, as bits.</summary>
    /// <param name="keys">Ascending.</param>
    public ulong[]?[] Select(ReadOnlySpan<long> keys)
    {
        var selected = new ulong[]?[Blocks.Length];
        for (int i = 0; i < selected.Length; i++)
        {
            (int first, int end) = Within(keys, Blocks[i]);
            if (first < end)
                Blocks[i].Mark(keys[first..end], selected[i] = new ulong[CodeBlock.Capacity / 64]);
        }

        return selected;
    }

    private static (int First, int End) Within(ReadOnlySpan<long> keys, CodeRows block)
    {
        ReadOnlySpan<long> own = block.Keys;
        return (FirstAtLeast(keys, own[0]), FirstAtLeast(keys, own[^1] + 1));
    }

    private static int FirstAtLeast(ReadOnlySpan<long> keys, long key)
    {
        int found = keys.BinarySearch(key);
        return found < 0 ? ~found : found;
    }
}

/// <summary>The first rows of a block, as one matrix sees them.</summary>
/// <param name="Codes">The block; later matrices may fill the rest of it.</param>
/// <param name="Count">How many rows; at least 1 in a matrix.</param>
/// <param name="Gone">A bit for each row that is gone; empty when none is.</param>
internal readonly record struct CodeRows(CodeBlock Codes, int Count, ImmutableArray<ulong> Gone)
{
    /// <summary>How many rows are not gone.</summary>
    public int Alive => Count - (Gone.IsDefaultOrEmpty ? 0 : Gone.Sum(bits => System.Numerics.BitOperations.PopCount(bits)));

    /// <summary>Whether a row is gone.</summary>
    public bool IsGone(int row) => !Gone.IsDefaultOrEmpty && (Gone[row / 64] >> row & 1) != 0;

    /// <summary>The rows' keys, ascending.</summary>
    public ReadOnlySpan<long> Keys => Codes.Keys.AsSpan(0, Count);

    /// <summary>Sets the bits of the rows that have one of some keys.</summary>
    public void Mark(ReadOnlySpan<long> keys, Span<ulong> bits)
    {
        foreach (long key in keys)
        {
            int row = Keys.BinarySearch(key);
            if (row >= 0)
                bits[row / 64] |= 1UL << row;
        }
    }
}

/// <summary>Room for some rows of codes. A row is written once, before any matrix shows it.</summary>
internal sealed class CodeBlock(int dimensions, int room)
{
    /// <summary>Rows of a full block; a multiple of 64.</summary>
    public const int Capacity = 4096;

    private readonly Lock _signing = new();
    private ulong[] _signs = [];
    private int _signed;

    /// <summary>How many rows fit.</summary>
    public int Room => Keys.Length;

    /// <summary>Bytes of a row in one plane.</summary>
    public int Stride { get; } = NibbleDot.Stride(dimensions);

    public long[] Keys { get; } = new long[room];

    public RowCode[] Rows { get; } = new RowCode[room];

    /// <summary>What the first pass needs of <see cref="Rows"/>, in columns.</summary>
    public float[] Scales { get; } = new float[room];

    /// <inheritdoc cref="Scales"/>
    public float[] CoarseResiduals { get; } = new float[room];

    /// <inheritdoc cref="Scales"/>
    public float[] Norms { get; } = new float[room];

    public byte[] Coarse { get; } = new byte[room * NibbleDot.Stride(dimensions)];

    public byte[] Fine { get; } = new byte[room * NibbleDot.Stride(dimensions)];

    /// <summary>The signs of the components of the first rows and of those that complete their last group, as <see cref="SignDistance"/> wants them; made when first asked for.</summary>
    public ReadOnlySpan<ulong> Signs(int count)
    {
        int width = SignDistance.Width(dimensions), whole = (Room + SignDistance.Group - 1) / SignDistance.Group * SignDistance.Group;
        lock (_signing)
        {
            if (_signs.Length == 0)
                _signs = new ulong[whole * width];
            for (; _signed < count; _signed++)
                Sign(_signed, _signs, width);
            return _signs;
        }
    }

    // Biased by 8, 16·coarse + fine is below zero when coarse is below 8, or 8 with fine below 8. What pads a row must stay 0.
    private void Sign(int row, Span<ulong> signs, int width)
    {
        ReadOnlySpan<byte> coarse = Coarse.AsSpan(row * Stride, Stride), fine = Fine.AsSpan(row * Stride, Stride);
        Vector128<byte> zero = Vector128.Create((byte)8), mask = Vector128.Create((byte)0x0F);
        int place = SignDistance.Place(row, width);
        for (int start = 0; start < Stride; start += Vector128<byte>.Count)
        {
            Vector128<byte> high = Vector128.Create(coarse[start..]), low = Vector128.Create(fine[start..]);
            ulong bits = Below(high & mask, low & mask) | Below(high >>> 4, low >>> 4) << 16;
            int component = 2 * start;
            if (component + 32 > dimensions)
                bits &= (1UL << dimensions - component) - 1;
            signs[place + component / 64 * SignDistance.Group] |= bits << component;
        }

        ulong Below(Vector128<byte> coarse, Vector128<byte> fine) =>
            (Vector128.LessThan(coarse, zero) | (Vector128.Equals(coarse, zero) & Vector128.LessThan(fine, zero))).ExtractMostSignificantBits();
    }

    /// <summary>Writes what is known of some rows.</summary>
    public void SetRows(int first, ReadOnlySpan<RowCode> rows)
    {
        rows.CopyTo(Rows.AsSpan(first));
        for (int i = 0; i < rows.Length; i++)
            (Scales[first + i], CoarseResiduals[first + i], Norms[first + i]) = (rows[i].Scale, rows[i].CoarseResidual, rows[i].Norm);
    }

    /// <summary>A larger block that begins with the rows of this one.</summary>
    public CodeBlock Grown(int count, int wanted)
    {
        var grown = new CodeBlock(dimensions, Math.Min(Capacity, Math.Max(2 * count, count + wanted)));
        Keys.AsSpan(0, count).CopyTo(grown.Keys);
        grown.SetRows(0, Rows.AsSpan(0, count));
        Coarse.AsSpan(0, count * Stride).CopyTo(grown.Coarse);
        Fine.AsSpan(0, count * Stride).CopyTo(grown.Fine);
        return grown;
    }
}
