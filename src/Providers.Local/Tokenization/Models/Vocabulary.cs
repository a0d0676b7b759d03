using System.Numerics;
using System.Runtime.InteropServices;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Tokens and their ids, found by a span of characters without making a string.</summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
internal sealed class Vocabulary
{
    private readonly Slot[] _slots;
    private readonly char[] _characters;
    private readonly Dictionary<int, string> _tokens;

    /// <summary>Builds the tables of a vocabulary that gives each token an id.</summary>
    /// <param name="ids">Each token's id; several tokens may share one, of which the last gives <see cref="TokenOf"/>.</param>
    public Vocabulary(IReadOnlyDictionary<string, int> ids)
        : this(ids, ids.Count)
    {
        foreach ((string token, int id) in ids)
            _tokens[id] = token;
    }

    /// <summary>Builds the tables of a vocabulary that is a list.</summary>
    /// <param name="tokens">The tokens, by id; of equal ones the last is found.</param>
    public Vocabulary(IReadOnlyList<string> tokens)
        : this(LastIds(tokens), tokens.Count)
    {
        for (int id = 0; id < tokens.Count; id++)
            _tokens[id] = tokens[id];
    }

    private Vocabulary(IReadOnlyDictionary<string, int> ids, int count)
    {
        Ids = ids;
        Count = count;
        _tokens = new Dictionary<int, string>(count);
        _slots = new Slot[BitOperations.RoundUpToPowerOf2((uint)Math.Max(ids.Count * 2, 16))];
        _characters = new char[ids.Keys.Sum(token => (long)token.Length)];
        int offset = 0;
        LongestToken = ids.Keys.Select(token => token.Length).DefaultIfEmpty().Max();
        foreach ((string token, int id) in ids)
        {
            token.CopyTo(_characters.AsSpan(offset));
            uint hash = Hash(token), index = hash & (uint)(_slots.Length - 1);
            while (_slots[index].IsUsed)
                index = (index + 1) & (uint)(_slots.Length - 1);
            _slots[index] = new Slot(hash, offset, token.Length, id);
            offset += token.Length;
        }
    }

    /// <summary>How many tokens there are; equal ones of a list count each.</summary>
    public int Count { get; }

    /// <summary>UTF-16 units of the longest token.</summary>
    public int LongestToken { get; }

    /// <summary>All tokens and their ids.</summary>
    public IReadOnlyDictionary<string, int> Ids { get; }

    /// <summary>Whether no two tokens share an id.</summary>
    public bool HasDistinctIds => _tokens.Count == Ids.Count;

    /// <summary>The token of an id, or null.</summary>
    public string? TokenOf(int id) => _tokens.GetValueOrDefault(id);

    /// <summary>The id of a token, or −1.</summary>
    public int Find(ReadOnlySpan<char> token)
    {
        uint hash = Hash(token), mask = (uint)(_slots.Length - 1);
        for (uint index = hash & mask; ; index = (index + 1) & mask)
        {
            ref readonly Slot slot = ref _slots[index];
            if (!slot.IsUsed)
                return -1;
            if (slot.Hash == hash && token.SequenceEqual(_characters.AsSpan(slot.Offset, slot.Length)))
                return slot.Id;
        }
    }

    private static Dictionary<string, int> LastIds(IReadOnlyList<string> tokens)
    {
        var ids = new Dictionary<string, int>(tokens.Count);
        for (int id = 0; id < tokens.Count; id++)
            ids[tokens[id]] = id;
        return ids;
    }

    private static uint Hash(ReadOnlySpan<char> token)
    {
        const ulong Multiplier = 0x9E3779B97F4A7C15;
        ulong hash = (ulong)token.Length * Multiplier;
        ReadOnlySpan<ulong> fours = MemoryMarshal.Cast<char, ulong>(token);
        foreach (ulong four in fours)
            hash = (BitOperations.RotateLeft(hash, 29) ^ four) * Multiplier;
        foreach (char unit in token[(fours.Length * 4)..])
            hash = (BitOperations.RotateLeft(hash, 29) ^ unit) * Multiplier;
        return (uint)(hash >> 32);
    }

    private readonly record struct Slot(uint Hash, int Offset, int Length, int Id)
    {
        /// <summary>True in a slot that was filled, false in a default one.</summary>
        public bool IsUsed { get; } = true;
    }
}
