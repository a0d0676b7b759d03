using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>
/// Character tables of the reference library, so that ids depend neither on the machine nor on the runtime's Unicode version.
/// </summary>
/// <remarks>
/// Immutable. Source: every code point through every rule of HuggingFace tokenizers 0.23.3, which mixes Unicode versions:
/// about 9 for normalisation and punctuation, 16 and 17 elsewhere.
/// </remarks>
internal sealed partial class UnicodeData
{
    private const int BlockBits = 7;

    private readonly byte[] _blocks = new byte[0x110000 >> BlockBits];
    private readonly byte[] _kindIndexes;
    private readonly CharacterKinds[] _kinds;
    private readonly int[] _upper;
    private readonly int[] _lower;
    private readonly Decompositions _canonical;
    private readonly Decompositions _compatible;
    private readonly long[] _pairs;
    private readonly int[] _composites;

    private UnicodeData()
    {
        byte[] bytes = new byte[UncompressedLength];
        using (var stream = new ZLibStream(new MemoryStream(Convert.FromBase64String(Compressed)), CompressionMode.Decompress))
            stream.ReadExactly(bytes);

        var reader = new Reader(bytes);
        reader.Take(_blocks.Length).CopyTo(_blocks);
        _kindIndexes = reader.Take(reader.Int32()).ToArray();
        _kinds = [.. reader.Int32s().Select(bits => (CharacterKinds)unchecked((uint)bits))];
        _upper = reader.Int32s();
        _lower = reader.Int32s();
        _canonical = new Decompositions(reader.Int32s(), reader.UInt16s(), reader.UInt16s());
        _compatible = new Decompositions(reader.Int32s(), reader.UInt16s(), reader.UInt16s());
        int[] first = reader.Int32s(), second = reader.Int32s();
        _pairs = [.. first.Zip(second, PairKey)];
        _composites = reader.Int32s();
    }

    /// <summary>The tables.</summary>
    public static UnicodeData Instance { get; } = new();

    /// <summary>The rules that know a code point.</summary>
    /// <param name="codePoint">0 to 0x10FFFF.</param>
    public CharacterKinds this[int codePoint] => _kinds[_kindIndexes[(_blocks[codePoint >> BlockBits] << BlockBits) | (codePoint & ((1 << BlockBits) - 1))]];

    /// <summary>The lower case of a code point, itself when it has none. U+0130 is i, followed by <see cref="SecondOfLower"/>.</summary>
    public int ToLower(int codePoint)
    {
        int index = IndexOf(_upper, codePoint);
        return index < 0 ? codePoint : _lower[index];
    }

    /// <summary>The second character of the one lower case that has two (U+0130 gives i and U+0307), else 0.</summary>
    public static int SecondOfLower(int codePoint) => codePoint == 0x130 ? 0x307 : 0;

    /// <summary>The full canonical decomposition, empty when there is none. Hangul is <see cref="Hangul"/>'s.</summary>
    public ReadOnlySpan<char> Canonical(int codePoint) => _canonical.Find(codePoint);

    /// <summary>The full compatibility decomposition where it is not the canonical one, else empty.</summary>
    public ReadOnlySpan<char> Compatible(int codePoint) => _compatible.Find(codePoint);

    /// <summary>The character that two others compose, or −1.</summary>
    public int Compose(int first, int second)
    {
        int index = IndexOf(_pairs, PairKey(first, second));
        return index < 0 ? Hangul.Compose(first, second) : _composites[index];
    }

    // Array.BinarySearch boxes its numbers until the runtime has optimized it, and encoding is to allocate nothing.
    private static int IndexOf<T>(T[] sorted, T value)
        where T : IComparable<T>
    {
        int low = 0, high = sorted.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >> 1, order = sorted[middle].CompareTo(value);
            if (order == 0)
                return middle;
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return -1;
    }

    private static long PairKey(int first, int second) => ((long)first << 32) | (uint)second;

    private sealed record Decompositions(int[] CodePoints, ushort[] Ends, ushort[] Text)
    {
        public ReadOnlySpan<char> Find(int codePoint)
        {
            int index = IndexOf(CodePoints, codePoint);
            return index < 0 ? [] : MemoryMarshal.Cast<ushort, char>(Text.AsSpan(Ends[index]..Ends[index + 1]));
        }
    }

    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _rest = bytes;

        public ReadOnlySpan<byte> Take(int length)
        {
            ReadOnlySpan<byte> taken = _rest[..length];
            _rest = _rest[length..];
            return taken;
        }

        public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

        public int[] Int32s()
        {
            int[] values = new int[Int32()];
            for (int i = 0; i < values.Length; i++)
                values[i] = Int32();
            return values;
        }

        public ushort[] UInt16s()
        {
            ushort[] values = new ushort[Int32()];
            for (int i = 0; i < values.Length; i++)
                values[i] = BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort)));
            return values;
        }
    }
}
