using System.Runtime.CompilerServices;

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
        var known = new Dictionary<string, ushort>();
        for (int block = 0; block < _blocks.Length; block++)
        {
            ReadOnlySpan<byte> part = values.Slice(block << BlockBits, 1 << BlockBits);
            string key = Convert.ToBase64String(part);
            if (!known.TryGetValue(key, out ushort number))
            {
                number = (ushort)known.Count;
                known.Add(key, number);
                packed.AddRange(part);
            }

            _blocks[block] = number;
        }

        _values = [.. packed];
    }

    /// <summary>The byte of a code point.</summary>
    public byte this[int codePoint]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _values[(_blocks[codePoint >> BlockBits] << BlockBits) | (codePoint & ((1 << BlockBits) - 1))];
    }
}
