using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>SentencePiece's compiled character map: a double-array trie over UTF-8 bytes, and the texts it leads to.</summary>
/// <remarks>
/// Reference: Precompiled of HuggingFace tokenizers. A grapheme cluster below six bytes is looked up as a whole, where the shortest entry
/// that it starts with replaces all of it; in other clusters each code point is looked up.
/// </remarks>
internal sealed class Precompiled : Normalizer
{
    private const int LongestCluster = 5;

    private readonly uint[] _units;
    private readonly int[] _texts;
    private readonly int[] _indexOfByte;
    private readonly SearchValues<char> _unchanged;
    private readonly bool _keepsWordEnds;

    /// <summary>Reads the map.</summary>
    /// <param name="map">Four bytes: the trie's length in bytes; the trie; texts that end with a zero byte.</param>
    /// <exception cref="InvalidDataException">It is damaged; the message says how.</exception>
    public Precompiled(ReadOnlySpan<byte> map)
    {
        int length = map.Length < sizeof(uint) ? -1 : (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(map), int.MaxValue);
        if (length < sizeof(uint) || length % sizeof(uint) != 0 || length > map.Length - sizeof(uint))
            throw new InvalidDataException("is no character map: the trie's length is wrong");
        _units = new uint[length / sizeof(uint)];
        for (int i = 0; i < _units.Length; i++)
            _units[i] = BinaryPrimitives.ReadUInt32LittleEndian(map[((i + 1) * sizeof(uint))..]);

        ReadOnlySpan<byte> texts = map[(sizeof(uint) + length)..];
        if (!Utf8.IsValid(texts))
            throw new InvalidDataException("is no character map: its texts are not UTF-8");
        _texts = [.. Encoding.UTF8.GetString(texts).EnumerateRunes().Select(rune => rune.Value), 0];
        _indexOfByte = new int[texts.Length];
        int index = -1;
        for (int i = 0; i < texts.Length; i++)
            _indexOfByte[i] = (texts[i] & 0xC0) == 0x80 ? -1 : ++index;
        _unchanged = SearchValues.Create([.. Enumerable.Range(' ', 0x7F - ' ').Where(unit => !TryFind([(byte)unit], out _)).Select(unit => (char)unit)]);
        _keepsWordEnds = !" abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".AsSpan().ContainsAnyExcept(_unchanged);
    }

    /// <summary>Reads it from tokenizer.json.</summary>
    public static Precompiled Read(JsonPart part)
    {
        JsonPart map = part.Required("precompiled_charsmap");
        try
        {
            return new Precompiled(Convert.FromBase64String(map.Text()));
        }
        catch (Exception exception) when (exception is FormatException or InvalidDataException)
        {
            throw map.Invalid(exception is FormatException ? "is not base64" : exception.Message);
        }
    }

    public override bool KeepsWordEnds => _keepsWordEnds;

    public override void Apply(NormalizedText text)
    {
        ReadOnlySpan<char> chars = text.Chars;
        if (!chars.ContainsAnyExcept(_unchanged))
            return;
        ScratchList items = text.Scratch;
        items.Truncate(0);
        bool isChanged = false;
        Span<byte> bytes = stackalloc byte[LongestCluster];
        for (int i = 0; i < chars.Length;)
        {
            // Nothing below U+0300 but the line feed joins what is before it.
            if (_unchanged.Contains(chars[i]) && (i + 1 == chars.Length || chars[i + 1] < 0x300))
            {
                items.Add(NormalizedText.Change(chars[i++], 0));
                continue;
            }

            int end = GraphemeClusters.Next(chars, i);
            if (end - i <= LongestCluster && Utf8.FromUtf16(chars[i..end], bytes, out _, out int length) == OperationStatus.Done && TryFind(bytes[..length], out ReadOnlySpan<int> found))
            {
                Add(items, found, CodePoints.Count(chars[i..end]));
                isChanged = true;
                i = end;
            }

            while (i < end)
            {
                int codePoint = CodePoints.At(chars, i, out int width);
                if (TryFind(bytes[..new Rune(codePoint).EncodeToUtf8(bytes)], out found))
                {
                    Add(items, found, 1);
                    isChanged = true;
                }
                else
                {
                    items.Add(NormalizedText.Change(codePoint, 0));
                }

                i += width;
            }
        }

        if (isChanged)
            text.Rewrite();
    }

    /// <summary>Adds a text in place of characters. What is left over is counted with the last item there is, were it of another text.</summary>
    private static void Add(ScratchList items, ReadOnlySpan<int> text, int replaced)
    {
        for (int i = 0; i < text.Length; i++)
            items.Add(NormalizedText.Change(text[i], i < replaced ? 0 : 1));
        int missing = replaced - text.Length;
        if (missing > 0 && items.Count > 0)
            items.Items[^1] -= (long)missing << NormalizedText.CodePointBits;
    }

    /// <summary>The text of the shortest entry that some bytes start with.</summary>
    private bool TryFind(ReadOnlySpan<byte> key, out ReadOnlySpan<int> text)
    {
        text = [];
        uint node = Offset(_units[0]);
        foreach (byte value in key)
        {
            node ^= value;
            if (value == 0 || node >= _units.Length || (_units[node] & (0x8000_0000 | 0xFF)) != value)
                return false;
            uint unit = _units[node];
            node ^= Offset(unit);
            if ((unit & 0x100) == 0)
                continue;
            int start = node < _units.Length ? (int)(_units[node] & 0x7FFF_FFFF) : int.MaxValue;
            if (start >= _indexOfByte.Length || _indexOfByte[start] < 0)
                return false;
            text = _texts.AsSpan(_indexOfByte[start]);
            text = text[..text.IndexOf(0)];
            return true;
        }

        return false;
    }

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & 0x200) >> 6);
}
