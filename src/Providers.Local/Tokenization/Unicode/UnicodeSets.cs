using System.IO.Compression;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>
/// Sets of code points by name, as regexes, scripts and grapheme clusters need them: Unicode 16.0, except the groups of UnicodeScripts,
/// which are older.
/// </summary>
/// <remarks>Immutable and safe for concurrent use. Unpacked when a tokenizer first needs it.</remarks>
internal sealed partial class UnicodeSets
{
    private static readonly Lazy<UnicodeSets> Loaded = new(() => new UnicodeSets());

    private readonly Dictionary<string, CodePointSet> _sets = [];
    private readonly Dictionary<int, CodePointSet> _cases = [];
    private readonly Dictionary<int, int[]> _expansions = [];

    private UnicodeSets()
    {
        using var stream = new ZLibStream(new MemoryStream(Convert.FromBase64String(Compressed)), CompressionMode.Decompress);
        using var reader = new BinaryReader(stream);
        for (int count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            string name = reader.ReadString();
            var ranges = new (int First, int Last)[reader.Read7BitEncodedInt()];
            int next = 0;
            for (int i = 0; i < ranges.Length; i++)
            {
                int first = next + reader.Read7BitEncodedInt(), last = first + reader.Read7BitEncodedInt();
                ranges[i] = (first, last);
                next = last + 1;
            }

            _sets.Add(name, CodePointSet.Of(ranges));
        }

        for (int count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            int[] letters = Integers(reader);
            var cases = CodePointSet.Of(letters);
            foreach (int letter in letters)
                _cases.Add(letter, cases);
        }

        for (int count = reader.Read7BitEncodedInt(); count > 0; count--)
            _expansions.Add(reader.Read7BitEncodedInt(), Integers(reader));
    }

    /// <summary>The sets.</summary>
    public static UnicodeSets Instance => Loaded.Value;

    /// <summary>A set by kind and name, e.g. <c>category Lu</c>, <c>script Latin</c>, <c>break Extend</c>, or null.</summary>
    public CodePointSet? Find(string name) => _sets.GetValueOrDefault(name);

    /// <summary>A set that the tables are known to have.</summary>
    public CodePointSet this[string name] => _sets[name];

    /// <summary>The names of a kind's sets.</summary>
    public IEnumerable<string> Names(string kind) =>
        _sets.Keys.Where(name => name.StartsWith(kind, StringComparison.Ordinal) && name[kind.Length] == ' ').Select(name => name[(kind.Length + 1)..]);

    /// <summary>All letters that are one when case is ignored, itself included; null when there are no others.</summary>
    public CodePointSet? CasesOf(int codePoint) => _cases.GetValueOrDefault(codePoint);

    /// <summary>Code points with several characters for one when case is ignored (ß and ss), with those characters.</summary>
    public IReadOnlyDictionary<int, int[]> Expansions => _expansions;

    /// <summary>A set with all cases of its letters.</summary>
    public CodePointSet WithAllCases(CodePointSet set) =>
        CodePointSet.Union(_cases.Where(entry => set.Contains(entry.Key)).Select(entry => entry.Value).Distinct().Append(set));

    private static int[] Integers(BinaryReader reader)
    {
        int[] values = new int[reader.Read7BitEncodedInt()];
        for (int i = 0; i < values.Length; i++)
            values[i] = reader.Read7BitEncodedInt();
        return values;
    }
}
