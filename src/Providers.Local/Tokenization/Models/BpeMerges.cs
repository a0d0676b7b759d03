namespace Polymodal.Providers.Local.Tokenization;

/// <summary>The merges of a byte-pair encoding: two neighbouring tokens, how early they are joined, and what they become.</summary>
/// <remarks>One flat hash table, filled at most to three fifths, so that a pair that is not there, the usual case, is soon known. Immutable once filled.</remarks>
internal sealed class BpeMerges
{
    /// <summary>The rank of a pair that is not merged.</summary>
    public const int None = int.MaxValue;

    private readonly (ulong Pair, int Rank, int Result)[] _slots;
    private readonly int[] _results;
    private readonly int _shift;

    /// <summary>Creates the table.</summary>
    /// <param name="merges">The merges, by rank; of a pair given twice the later rank counts.</param>
    /// <param name="isResultTelling">See <see cref="IsResultTelling"/>.</param>
    public BpeMerges(IReadOnlyList<BpeMerge> merges, bool isResultTelling)
    {
        IsResultTelling = isResultTelling;
        int bits = Math.Max(4, System.Numerics.BitOperations.Log2((uint)Math.Max(1, (merges.Count * 5L / 3) - 1)) + 1);
        _shift = 64 - bits;
        _slots = new (ulong, int, int)[1 << bits];
        _slots.AsSpan().Fill((0, None, 0));
        _results = new int[merges.Count];
        for (int rank = 0; rank < merges.Count; rank++)
        {
            (int left, int right, int result) = merges[rank];
            ulong pair = PairOf(left, right);
            _results[rank] = result;
            int index = Place(pair);
            while (_slots[index].Rank != None && _slots[index].Pair != pair)
                index = (index + 1) & (_slots.Length - 1);
            _slots[index] = (pair, rank, result);
        }
    }

    /// <summary>Whether a pair's result tells the pair, so that a queue never holds an outdated entry that still seems to fit.</summary>
    public bool IsResultTelling { get; }

    /// <summary>The rank of a pair, smaller is earlier; <see cref="None"/> when it is not merged.</summary>
    /// <param name="left">The left token.</param>
    /// <param name="right">The right token.</param>
    public int RankOf(int left, int right)
    {
        ulong pair = PairOf(left, right);
        (ulong Pair, int Rank, int Result)[] slots = _slots;
        for (int index = Place(pair); ; index = (index + 1) & (slots.Length - 1))
        {
            ref readonly (ulong Pair, int Rank, int Result) slot = ref slots[index];
            if (slot.Pair == pair || slot.Rank == None)
                return slot.Rank;
        }
    }

    /// <summary>What the merge of a rank makes.</summary>
    public int ResultOf(int rank) => _results[rank];

    private static ulong PairOf(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private int Place(ulong pair) => (int)((pair * 0x9E3779B97F4A7C15) >> _shift);
}

/// <summary>A merge.</summary>
/// <param name="Left">The left token.</param>
/// <param name="Right">The right token.</param>
/// <param name="Result">What they become.</param>
internal readonly record struct BpeMerge(int Left, int Right, int Result);
