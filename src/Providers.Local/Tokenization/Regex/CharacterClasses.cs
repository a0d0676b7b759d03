namespace Polymodal.Providers.Local.Tokenization;

/// <summary>All code points in classes, such that each set of a pattern has all or none of a class.</summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
internal sealed class CharacterClasses
{
    private const int MostClasses = 256, MostSets = 128;

    private readonly UInt128[] _members;
    private readonly Dictionary<CodePointSet, int> _bits = [];

    /// <summary>Finds the classes of some sets.</summary>
    /// <exception cref="NotSupportedException">There are too many.</exception>
    public CharacterClasses(IEnumerable<CodePointSet> sets)
    {
        foreach (CodePointSet set in sets)
            _bits.TryAdd(set, _bits.Count);
        if (_bits.Count > MostSets)
            throw new NotSupportedException($"more than {MostSets} different sets of characters");
        byte[] classOf = new byte[CodePointSet.Last + 1];
        var known = new Dictionary<UInt128, int>();
        UInt128 members = 0;
        int start = 0;
        foreach ((int place, UInt128 change) in Changes())
        {
            classOf.AsSpan(start, place - start).Fill(NumberOf(members));
            members ^= change;
            start = place;
        }

        classOf.AsSpan(start).Fill(NumberOf(members));
        _members = [.. known.OrderBy(entry => entry.Value).Select(entry => entry.Key)];
        Table = new CodePointTable(classOf);

        byte NumberOf(UInt128 key)
        {
            if (!known.TryGetValue(key, out int number))
            {
                number = known.Count;
                known.Add(key, number);
            }

            return number < MostClasses ? (byte)number : throw new NotSupportedException($"more than {MostClasses} classes of characters");
        }
    }

    /// <summary>How many classes there are.</summary>
    public int Count => _members.Length;

    /// <summary>For each class whether a set has it.</summary>
    public bool[] Of(CodePointSet set)
    {
        UInt128 bit = UInt128.One << _bits[set];
        return [.. _members.Select(members => (members & bit) != 0)];
    }

    /// <summary>The class of each code point.</summary>
    public CodePointTable Table { get; }

    /// <summary>Where sets begin and end, in order.</summary>
    private IEnumerable<(int Place, UInt128 Change)> Changes()
    {
        var changes = new SortedDictionary<int, UInt128>();
        foreach ((CodePointSet set, int bit) in _bits)
        {
            foreach ((int first, int last) in set.Ranges)
            {
                changes[first] = changes.GetValueOrDefault(first) ^ (UInt128.One << bit);
                changes[last + 1] = changes.GetValueOrDefault(last + 1) ^ (UInt128.One << bit);
            }
        }

        return changes.Where(change => change.Key <= CodePointSet.Last).Select(change => (change.Key, change.Value));
    }
}
