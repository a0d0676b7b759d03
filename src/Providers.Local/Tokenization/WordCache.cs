using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>
/// The tokens of short pieces that were seen before: most of a text is words that come again and again. Its memory is fixed, 2 MB;
/// a piece that finds none of its four places free takes another's.
/// </summary>
/// <remarks>
/// Safe for concurrent use without locks. Each slot has a version, odd while it is written: a reader that meets an odd one, or finds
/// another one after reading, has read nothing. A writer that meets another leaves.
/// </remarks>
internal sealed class WordCache
{
    /// <summary>UTF-16 units of the longest piece that is kept.</summary>
    public const int LongestPiece = 32;

    /// <summary>The most tokens that a piece is kept with.</summary>
    public const int MostTokens = FewTokens + MoreTokens;

    private const int SlotBits = 14, SlotLength = 128, Ways = 4, FewTokens = 6, MoreTokens = 8, Lanes = 16;

    private readonly byte[] _memory;
    private readonly nint _start;
    private int _turn;

    /// <summary>Creates an empty one.</summary>
    public unsafe WordCache()
    {
        // Half a slot is a line of the processor's cache, if it starts where a line does.
        _memory = GC.AllocateArray<byte>((SlotLength << SlotBits) + SlotLength, pinned: true);
        fixed (byte* memory = _memory)
            _start = (nint)(-(long)memory & (SlotLength - 1));
    }

    /// <summary>Adds the tokens of a piece, if it is known.</summary>
    /// <param name="readable">Memory with the piece and <see cref="LongestPiece"/> units from its start on, whatever they are.</param>
    /// <param name="start">Where the piece starts.</param>
    /// <param name="length">Its length, up to <see cref="LongestPiece"/>.</param>
    /// <param name="tokens">Receives the tokens.</param>
    /// <returns>Whether it is known.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryAdd(ReadOnlySpan<char> readable, int start, int length, TokenList tokens)
    {
        Key key = Key.Of(readable.Slice(start, LongestPiece), length);
        return TryAdd(ref SlotAt(key.Place), key, tokens) || TryAddElsewhere(key, tokens);
    }

    /// <summary>Keeps the tokens of a piece.</summary>
    /// <param name="readable">Memory with the piece and <see cref="LongestPiece"/> units from its start on, whatever they are.</param>
    /// <param name="start">Where the piece starts.</param>
    /// <param name="length">Its length, up to <see cref="LongestPiece"/>.</param>
    /// <param name="ids">Its tokens, up to <see cref="MostTokens"/>.</param>
    public void Keep(ReadOnlySpan<char> readable, int start, int length, ReadOnlySpan<int> ids)
    {
        Key key = Key.Of(readable.Slice(start, LongestPiece), length);
        int way = 0;
        while (way < Ways && SlotAt(key.Place ^ way).Length != 0)
            way++;
        ref Slot slot = ref SlotAt(key.Place ^ (way < Ways ? way : _turn++ & (Ways - 1)));
        int version = Volatile.Read(ref slot.Version);
        if ((version & 1) != 0 || Interlocked.CompareExchange(ref slot.Version, version + 1, version) != version)
            return;
        slot.Length = (ushort)length;
        slot.Count = (ushort)ids.Length;
        slot.Start = key.Start;
        slot.Rest = key.Rest;
        ids[..Math.Min(ids.Length, FewTokens)].CopyTo(slot.Few);
        if (ids.Length > FewTokens)
            ids[FewTokens..].CopyTo(slot.More);
        Volatile.Write(ref slot.Version, version + 2);
    }

    private bool TryAddElsewhere(in Key key, TokenList tokens)
    {
        for (int way = 1; way < Ways; way++)
        {
            if (TryAdd(ref SlotAt(key.Place ^ way), key, tokens))
                return true;
        }

        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Slot SlotAt(int index) =>
        ref Unsafe.As<byte, Slot>(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_memory), _start + ((nint)index * SlotLength)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryAdd(ref Slot slot, in Key key, TokenList tokens)
    {
        int version = Volatile.Read(ref slot.Version);
        if (slot.Length != key.Length || slot.Start != key.Start || (key.Length > Lanes && slot.Rest != key.Rest) || (version & 1) != 0)
            return false;
        int count = slot.Count;
        Span<int> room = tokens.Room(MostTokens);
        ((ReadOnlySpan<int>)slot.Few).CopyTo(room);
        if (count > FewTokens)
            ((ReadOnlySpan<int>)slot.More).CopyTo(room[FewTokens..]);
        Volatile.ReadBarrier();
        if (slot.Version != version)
            return false;
        tokens.Take(count);
        return true;
    }

    /// <summary>A piece as two vectors, zero behind its end, and its place in the table.</summary>
    private readonly struct Key
    {
        public readonly Vector256<ushort> Start, Rest;
        public readonly int Length, Place;

        private Key(Vector256<ushort> start, Vector256<ushort> rest, int length)
        {
            Start = start;
            Rest = rest;
            Length = length;
            ulong hash = Mixed(start.AsUInt64()) + (ulong)(uint)length;
            if (length > Lanes)
                hash ^= Mixed(rest.AsUInt64()) * 0xD6E8FEB86659FD93;
            Place = (int)((hash * 0x9E3779B97F4A7C15) >> (64 - SlotBits));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Key Of(ReadOnlySpan<char> readable, int length)
        {
            ReadOnlySpan<ushort> units = MemoryMarshal.Cast<char, ushort>(readable);
            Vector256<ushort> start = Kept(Vector256.Create(units), length);
            return new Key(start, length > Lanes ? Kept(Vector256.Create(units[Lanes..]), length - Lanes) : default, length);
        }

        private static Vector256<ushort> Kept(Vector256<ushort> units, int count) =>
            units & Vector256.LessThan(Vector256<ushort>.Indices, Vector256.Create((ushort)count));

        private static ulong Mixed(Vector256<ulong> parts)
        {
            ulong even = (parts.GetElement(0) * 0xA0761D6478BD642F) ^ (parts.GetElement(2) * 0xE7037ED1A0B428DB);
            ulong odd = (parts.GetElement(1) * 0x8EBC6AF09C88C6E3) ^ (parts.GetElement(3) * 0x589965CC75374CC3);
            return even ^ (odd >> 32) ^ (odd << 32) ^ (even >> 29);
        }
    }

    // SlotLength bytes. What a short piece with few tokens needs is in the first half.
    [StructLayout(LayoutKind.Sequential, Size = SlotLength)]
    private struct Slot
    {
        public int Version;
        public ushort Length, Count;
        public FewIds Few;
        public Vector256<ushort> Start, Rest;
        public MoreIds More;
    }

    [InlineArray(FewTokens)]
    private struct FewIds
    {
        private int _first;
    }

    [InlineArray(MoreTokens)]
    private struct MoreIds
    {
        private int _first;
    }
}
