using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Polymodal.UnicodeTables;

/// <summary>The recorded character rules, cut into the form that UnicodeData reads.</summary>
internal sealed class Tables
{
    private const int CodePoints = 0x110000;
    private const int BlockSize = 128;

    private readonly uint[] _properties = new uint[CodePoints];
    private readonly SortedDictionary<int, int> _lower = [];
    private readonly SortedDictionary<int, string> _canonical = [];
    private readonly SortedDictionary<int, string> _compatible = [];
    private readonly SortedDictionary<(int First, int Second), int> _compositions = [];

    public Tables(JsonElement recorded, string combiningClasses)
    {
        JsonElement sets = recorded.GetProperty("sets"), maps = recorded.GetProperty("maps");
        Mark(0, sets.GetProperty("WhitespaceSplit space"));
        foreach (string same in (string[])["Whitespace \\s", "BertPreTokenizer space", "Strip space"])
        {
            if (sets.GetProperty(same).GetString() != sets.GetProperty("WhitespaceSplit space").GetString())
                throw new InvalidDataException($"The sets 'WhitespaceSplit space' and '{same}' differ; give each rule its own bit.");
        }

        Mark(1, sets.GetProperty("BertPreTokenizer punctuation"));
        Mark(2, sets.GetProperty("Whitespace \\w"));
        Mark(3, sets.GetProperty("Digits numeric"));
        Mark(4, maps.GetProperty("StripAccents").GetProperty("removed"));
        Mark(5, maps.GetProperty("BertNormalizer strip_accents").GetProperty("removed"));
        Mark(6, maps.GetProperty("BertNormalizer clean_text").GetProperty("removed"));
        Mark(7, maps.GetProperty("BertNormalizer clean_text").GetProperty("to_one_space"));
        Mark(8, maps.GetProperty("BertNormalizer handle_chinese_chars").GetProperty("surrounded_by_spaces"));
        ReadLower(maps.GetProperty("Lowercase"));
        ReadDecompositions(maps);
        ReadCompositions(maps.GetProperty("NFC"));
        foreach ((int bit, string form) in ((int, string)[])[(13, "NFC"), (14, "NFKC")])
        {
            foreach (JsonProperty changed in maps.GetProperty(form).GetProperty("other").EnumerateObject())
                _properties[Hex(changed.Name)] |= 1u << bit;
            Mark(bit, maps.GetProperty(form).GetProperty("to_one_space"));
        }

        foreach (string line in File.ReadLines(combiningClasses))
        {
            if (line.StartsWith('#'))
                continue;
            int space = line.IndexOf(' ', StringComparison.Ordinal);
            uint value = uint.Parse(line.AsSpan(0, space), CultureInfo.InvariantCulture);
            foreach (int codePoint in Ranges(line[(space + 1)..]))
                _properties[codePoint] |= value << 24;
        }
    }

    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        uint[] records = [.. _properties.Distinct()];
        if (records.Length > 256)
            throw new InvalidDataException($"{records.Length} kinds of character; a byte holds 256.");
        var blocks = new List<byte[]>();
        var stage1 = new byte[CodePoints / BlockSize];
        for (int block = 0; block < stage1.Length; block++)
        {
            byte[] kinds = [.. _properties.AsSpan(block * BlockSize, BlockSize).ToArray().Select(record => (byte)Array.IndexOf(records, record))];
            int known = blocks.FindIndex(other => other.AsSpan().SequenceEqual(kinds));
            if (known < 0)
            {
                known = blocks.Count;
                blocks.Add(kinds);
            }

            stage1[block] = checked((byte)known);
        }

        writer.Write(stage1);
        Write(writer, blocks.SelectMany(block => block).Select(kind => (int)kind), values => writer.Write((byte)values));
        Write(writer, records.Select(record => unchecked((int)record)), writer.Write);
        Write(writer, _lower.Keys, writer.Write);
        Write(writer, _lower.Values, writer.Write);
        WriteDecompositions(writer, _canonical);
        WriteDecompositions(writer, _compatible);
        Write(writer, _compositions.Keys.Select(pair => pair.First), writer.Write);
        Write(writer, _compositions.Keys.Select(pair => pair.Second), writer.Write);
        Write(writer, _compositions.Values, writer.Write);
        writer.Flush();
        return stream.ToArray();
    }

    private static void Write(BinaryWriter writer, IEnumerable<int> values, Action<int> write)
    {
        int[] all = [.. values];
        writer.Write(all.Length);
        foreach (int value in all)
            write(value);
    }

    private static void WriteDecompositions(BinaryWriter writer, SortedDictionary<int, string> decompositions)
    {
        Write(writer, decompositions.Keys, writer.Write);
        int end = 0;
        Write(writer, decompositions.Values.Select(text => end += text.Length).Prepend(0), value => writer.Write(checked((ushort)value)));
        Write(writer, decompositions.Values.SelectMany(text => text).Select(unit => (int)unit), value => writer.Write((ushort)value));
    }

    private void ReadLower(JsonElement map)
    {
        foreach (JsonProperty entry in map.GetProperty("other").EnumerateObject())
        {
            int from = Hex(entry.Name);
            string to = entry.Value.GetString()!;
            if (from == 0x130 && to == "i\u0307")
                to = "i"; // The only one that becomes two characters; UnicodeData knows it.
            _lower.Add(from, Single(to));
            _properties[from] |= 1u << 9;
        }
    }

    private void ReadDecompositions(JsonElement maps)
    {
        JsonElement compatible = maps.GetProperty("NFKD");
        foreach (JsonProperty entry in maps.GetProperty("NFD").GetProperty("other").EnumerateObject())
            _canonical.Add(Hex(entry.Name), entry.Value.GetString()!);
        foreach (JsonProperty entry in compatible.GetProperty("other").EnumerateObject())
            _compatible.Add(Hex(entry.Name), entry.Value.GetString()!);
        foreach (int codePoint in Ranges(compatible.GetProperty("to_one_space").GetString()!))
            _compatible.Add(codePoint, " ");
        foreach ((int codePoint, string text) in _canonical)
        {
            if (_compatible.TryGetValue(codePoint, out string? other) && other == text)
                _compatible.Remove(codePoint);
            _properties[codePoint] |= 1u << 10;
        }

        foreach (int codePoint in _compatible.Keys)
            _properties[codePoint] |= 1u << 11;
        for (int syllable = 0xAC00; syllable < 0xAC00 + 11172; syllable++)
            _properties[syllable] |= 1u << 10;
    }

    /// <summary>A composite is its decomposition but the last character, composed, and that last character.</summary>
    private void ReadCompositions(JsonElement nfc)
    {
        JsonElement excluded = nfc.GetProperty("other");
        Dictionary<string, int> composites = _canonical
            .Where(entry => !excluded.TryGetProperty(entry.Key.ToString("X", CultureInfo.InvariantCulture), out _))
            .ToDictionary(entry => entry.Value, entry => entry.Key);
        foreach ((string text, int composite) in composites)
        {
            int last = char.IsLowSurrogate(text[^1]) ? text.Length - 2 : text.Length - 1;
            string before = text[..last];
            int first = composites.TryGetValue(before, out int composed) ? composed : Single(before);
            int second = char.ConvertToUtf32(text, last);
            _compositions.Add((first, second), composite);
            _properties[second] |= 1u << 12;
        }

        for (int jamo = 0x1161; jamo <= 0x11C2; jamo++) // Hangul vowels and final consonants compose by rule.
        {
            if (jamo is < 0x1176 or >= 0x11A7)
                _properties[jamo] |= 1u << 12;
        }
    }

    private void Mark(int bit, JsonElement ranges)
    {
        foreach (int codePoint in Ranges(ranges.GetString()!))
            _properties[codePoint] |= 1u << bit;
    }

    private static IEnumerable<int> Ranges(string ranges)
    {
        foreach (string range in ranges.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] ends = range.Split('-');
            for (int codePoint = Hex(ends[0]); codePoint <= Hex(ends[^1]); codePoint++)
                yield return codePoint;
        }
    }

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static int Single(string text) => text.EnumerateRunes().Single().Value;
}
