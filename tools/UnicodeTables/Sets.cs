using System.Globalization;
using System.Text.Json;

namespace Polymodal.UnicodeTables;

/// <summary>Named sets of code points and the cases of letters, in the form that UnicodeSets reads; checked against the recorded classes.</summary>
internal sealed class Sets
{
    private readonly SortedDictionary<string, List<(int First, int Last)>> _sets = new(StringComparer.Ordinal);
    private readonly List<int[]> _cases = [];
    private readonly List<int[]> _expansions = [];

    public Sets(JsonElement recorded, string properties)
    {
        foreach (string line in File.ReadLines(properties))
        {
            string[] parts = line.Split(' ', 3);
            switch (parts[0])
            {
                case "#": // A remark.
                    break;
                case "fold":
                    _cases.Add([.. line.Split(' ').Skip(1).Select(Hex)]);
                    break;
                case "expand":
                    _expansions.Add([.. line.Split(' ').Skip(1).Select(Hex)]);
                    break;
                default:
                    _sets.Add($"{parts[0]} {parts[1]}", Ranges(parts[2]));
                    break;
            }
        }

        JsonElement sets = recorded.GetProperty("sets");
        foreach (JsonProperty set in sets.EnumerateObject().Where(set => set.Name.StartsWith("Regex \\p{", StringComparison.Ordinal)))
        {
            string name = set.Name[9..^1];
            IEnumerable<(int First, int Last)> known = name.Length > 2 ? _sets["script " + name]
                : _sets.Where(entry => entry.Key.StartsWith("category " + name, StringComparison.Ordinal)).SelectMany(entry => entry.Value);
            if (!CodePoints(known).Where(codePoint => codePoint is < 0xD800 or > 0xDFFF).ToHashSet().SetEquals(CodePoints(Ranges(set.Value.GetString()!))))
                throw new InvalidDataException($"{set.Name} is not that of {properties}.");
        }

        _sets.Add("rule word", Ranges(sets.GetProperty("Regex \\w").GetString()!));
        _sets.Add("rule space", Ranges(sets.GetProperty("Regex \\s").GetString()!));
        int group = 0;
        foreach (JsonElement ranges in recorded.GetProperty("unicode_scripts").EnumerateArray())
            _sets.Add(string.Create(CultureInfo.InvariantCulture, $"group {group++}"), Ranges(ranges.GetString()!));
    }

    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write7BitEncodedInt(_sets.Count);
        foreach ((string name, List<(int First, int Last)> ranges) in _sets)
        {
            writer.Write(name);
            writer.Write7BitEncodedInt(ranges.Count);
            int next = 0;
            foreach ((int first, int last) in ranges.Order())
            {
                writer.Write7BitEncodedInt(first - next);
                writer.Write7BitEncodedInt(last - first);
                next = last + 1;
            }
        }

        writer.Write7BitEncodedInt(_cases.Count);
        foreach (int[] letters in _cases)
            Write(writer, letters);
        writer.Write7BitEncodedInt(_expansions.Count);
        foreach (int[] expansion in _expansions)
        {
            writer.Write7BitEncodedInt(expansion[0]);
            Write(writer, expansion.AsSpan(1));
        }

        writer.Flush();
        return stream.ToArray();
    }

    private static void Write(BinaryWriter writer, ReadOnlySpan<int> values)
    {
        writer.Write7BitEncodedInt(values.Length);
        foreach (int value in values)
            writer.Write7BitEncodedInt(value);
    }

    private static IEnumerable<int> CodePoints(IEnumerable<(int First, int Last)> ranges) =>
        ranges.SelectMany(range => Enumerable.Range(range.First, range.Last - range.First + 1));

    private static List<(int First, int Last)> Ranges(string ranges) =>
        [.. ranges.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(range => range.Split('-')).Select(ends => (Hex(ends[0]), Hex(ends[^1])))];

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
