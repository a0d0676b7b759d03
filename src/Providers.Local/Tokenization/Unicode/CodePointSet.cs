namespace Polymodal.Providers.Local.Tokenization;

/// <summary>A set of code points as sorted ranges that do not touch.</summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
internal sealed class CodePointSet : IEquatable<CodePointSet>
{
    /// <summary>The highest code point.</summary>
    public const int Last = 0x10FFFF;

    private readonly (int First, int Last)[] _ranges;

    private CodePointSet((int First, int Last)[] ranges)
    {
        _ranges = ranges;
    }

    /// <summary>No code point.</summary>
    public static CodePointSet None { get; } = new([]);

    /// <summary>Every code point.</summary>
    public static CodePointSet All { get; } = new([(0, Last)]);

    /// <summary>The ranges in order, ends included.</summary>
    public ReadOnlySpan<(int First, int Last)> Ranges => _ranges;

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => _ranges.Length == 0;

    /// <summary>The one code point there is, or −1.</summary>
    public int Single => _ranges is [var (first, last)] && first == last ? first : -1;

    /// <summary>A range, ends included.</summary>
    public static CodePointSet Range(int first, int last) => new([(first, last)]);

    /// <summary>Ranges in any order, which may overlap.</summary>
    public static CodePointSet Of(IEnumerable<(int First, int Last)> ranges)
    {
        var merged = new List<(int First, int Last)>();
        foreach ((int first, int last) in ranges.Order())
        {
            if (merged.Count > 0 && first <= merged[^1].Last + 1)
                merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, last));
            else
                merged.Add((first, last));
        }

        return new CodePointSet([.. merged]);
    }

    /// <summary>The code points given.</summary>
    public static CodePointSet Of(params IEnumerable<int> codePoints) => Of(codePoints.Select(codePoint => (codePoint, codePoint)));

    /// <summary>The code points of all sets.</summary>
    public static CodePointSet Union(params IEnumerable<CodePointSet> sets) => Of(sets.SelectMany(set => set._ranges));

    /// <summary>The code points that are not in the set.</summary>
    public CodePointSet Complement()
    {
        var gaps = new List<(int, int)>();
        int next = 0;
        foreach ((int first, int last) in _ranges)
        {
            if (first > next)
                gaps.Add((next, first - 1));
            next = last + 1;
        }

        if (next <= Last)
            gaps.Add((next, Last));
        return new CodePointSet([.. gaps]);
    }

    /// <summary>The code points of both sets.</summary>
    public CodePointSet Intersect(CodePointSet other) => Union(Complement(), other.Complement()).Complement();

    /// <summary>Whether a code point is in the set.</summary>
    public bool Contains(int codePoint)
    {
        int low = 0, high = _ranges.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >> 1;
            if (codePoint < _ranges[middle].First)
                high = middle - 1;
            else if (codePoint > _ranges[middle].Last)
                low = middle + 1;
            else
                return true;
        }

        return false;
    }

    /// <inheritdoc/>
    public bool Equals(CodePointSet? other) => other is not null && _ranges.AsSpan().SequenceEqual(other._ranges);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CodePointSet);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach ((int first, int last) in _ranges)
            hash.Add(HashCode.Combine(first, last));
        return hash.ToHashCode();
    }
}
