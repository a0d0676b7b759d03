using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>A byte for each code point; blocks that are equal are kept once.</summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
internal sealed class CodePointTable
{
    private const int BlockBits = 7;

    private readonly ushort[] _blocks = new ushort[(CodePointSet.Last + 1) >> BlockBits];
    private readonly byte[] _values;

    /// <summary>Packs the bytes.</summary>
    /// <param name="values">One for each code point.</param>
    public CodePointTable(ReadOnlySpan<byte> values)
    {
        var packed = new List<byte>();
        var known = new Dictionary<int, List<ushort>>();
        for (int block = 0; block < _blocks.Length; block++)
            _blocks[block] = Find(values.Slice(block << BlockBits, 1 << BlockBits), packed, known);

        _values = [.. packed];
    }

    /// <summary>The number of an equal block, which is added when there is none.</summary>
    private static ushort Find(ReadOnlySpan<byte> block, List<byte> packed, Dictionary<int, List<ushort>> known)
    {
        var hash = new HashCode();
        hash.AddBytes(block);
        int key = hash.ToHashCode();
        if (!known.TryGetValue(key, out List<ushort>? candidates))
            known.Add(key, candidates = []);
        foreach (ushort candidate in candidates)
        {
            if (CollectionsMarshal.AsSpan(packed).Slice(candidate << BlockBits, block.Length).SequenceEqual(block))
                return candidate;
        }

        ushort number = (ushort)(packed.Count >> BlockBits);
        candidates.Add(number);
        packed.AddRange(block);
        return number;
    }

    /// <summary>The byte of a code point.</summary>
    public byte this[int codePoint]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _values[(_blocks[codePoint >> BlockBits] << BlockBits) | (codePoint & ((1 << BlockBits) - 1))];
    }
}
