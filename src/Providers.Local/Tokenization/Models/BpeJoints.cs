using System.Numerics;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>
/// The pairs of characters that some merge joins: the last one of its left token with the first one of its right token. Between any
/// other two characters a text can be cut, and both parts come out as they would together.
/// </summary>
/// <remarks>Immutable. A filter: it may know a pair that no merge joins, and then a place to cut is missed, never the other way round.</remarks>
internal sealed class BpeJoints
{
    private const int BitsPerMerge = 8, FewestBits = 1 << 12, MostBits = 1 << 21;

    private readonly ulong[] _filter;
    private readonly int _shift;

    /// <summary>Collects them.</summary>
    public BpeJoints(IReadOnlyList<BpeMerge> merges, Vocabulary vocabulary)
    {
        int bits = BitOperations.Log2((uint)Math.Clamp((long)merges.Count * BitsPerMerge, FewestBits, MostBits));
        _shift = 64 - bits;
        _filter = new ulong[(1 << bits) / 64];
        foreach ((int left, int right, _) in merges)
        {
            string before = vocabulary.TokenOf(left)!, behind = vocabulary.TokenOf(right)!;
            if (before.Length == 0 || behind.Length == 0)
                continue; // No symbol is ever empty.
            int place = Place(CodePoints.Before(before, before.Length), CodePoints.At(behind, 0, out _));
            _filter[place >> 6] |= 1UL << place;
        }
    }

    /// <summary>Whether a merge may join a character with the one behind it.</summary>
    public bool MayJoin(int codePoint, int next)
    {
        int place = Place(codePoint, next);
        return (_filter[place >> 6] & (1UL << place)) != 0;
    }

    private int Place(int codePoint, int next) => (int)(((((ulong)(uint)codePoint << 21) | (uint)next) * 0x9E3779B97F4A7C15) >> _shift);
}
