using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>
/// A part of the input on its way through the normalizers: its characters and, when asked for, the range of the input each came from.
/// A normalizer reads <see cref="Chars"/>, writes the whole new text with <see cref="Append(int, int)"/> and ends with <see cref="Commit"/>.
/// </summary>
/// <remarks>Reused from text to text; allocates only while it grows. Not safe for concurrent use.</remarks>
internal sealed class NormalizedText
{
    /// <summary>Bits of a code point in an item of <see cref="Scratch"/>.</summary>
    public const int CodePointBits = 21;

    /// <summary>The code point of an item.</summary>
    public const long CodePointMask = (1L << CodePointBits) - 1;

    private char[] _chars = new char[256], _newChars = new char[256];
    private (int Start, int End)[] _sources = [], _newSources = [];
    private int _length, _newLength, _origin;

    /// <summary>Whether ranges of the input are kept.</summary>
    public bool Tracks { get; private set; }

    /// <summary>The text as it stands.</summary>
    public ReadOnlySpan<char> Chars => _chars.AsSpan(0, _length);

    /// <summary>The text with <see cref="WordCache.LongestPiece"/> or more units of no meaning behind it.</summary>
    public ReadOnlySpan<char> Readable => _chars;

    /// <summary>Numbers for one normalizer to work with; kept to spare allocations.</summary>
    public ScratchList Scratch { get; } = new();

    /// <summary>Memory for regexes; kept to spare allocations.</summary>
    public RegexScratch Regex { get; } = new();

    /// <summary>How many characters have been appended.</summary>
    public int AppendedLength => _newLength;

    /// <summary>What has been appended.</summary>
    public ReadOnlySpan<char> Appended => _newChars.AsSpan(0, _newLength);

    /// <summary>Starts over with a range of another text.</summary>
    public void Reset(NormalizedText other, int start, int end)
    {
        Tracks = other.Tracks;
        _origin = other._origin;
        _newLength = 0;
        Reserve(end - start);
        other._chars.AsSpan(start..end).CopyTo(_newChars);
        if (Tracks)
            other._sources.AsSpan(start..end).CopyTo(_newSources);
        _newLength = end - start;
        Commit();
    }

    /// <summary>Starts over with a part of the input.</summary>
    /// <param name="part">Its characters.</param>
    /// <param name="origin">Where it starts in the input.</param>
    /// <param name="tracks">Whether to keep ranges.</param>
    public void Reset(ReadOnlySpan<char> part, int origin, bool tracks)
    {
        Tracks = tracks;
        _origin = origin;
        _length = _newLength = 0;
        Reserve(part.Length);
        part.CopyTo(_newChars);
        _newLength = part.Length;
        if (tracks)
        {
            for (int i = 0; i < part.Length; i++)
            {
                // Both halves of a pair stand for the whole code point.
                int start = origin + i - (char.IsLowSurrogate(part[i]) ? 1 : 0);
                _newSources[i] = (start, start + (char.IsSurrogate(part[i]) ? 2 : 1));
            }
        }

        Commit();
    }

    /// <summary>The range of the input that a range of the text came from.</summary>
    public (int Start, int End) Source(int start, int end) =>
        start == end ? (_origin + start, _origin + end) : (_sources[start].Start, _sources[end - 1].End);

    /// <summary>Makes room for characters still to be appended; at least as many as <see cref="AppendReserved"/> will write.</summary>
    public void Reserve(int more)
    {
        int needed = _newLength + more + WordCache.LongestPiece;
        if (_newChars.Length < needed)
            Array.Resize(ref _newChars, Math.Max(needed, _newChars.Length * 2));
        if (Tracks && _newSources.Length < needed)
            Array.Resize(ref _newSources, Math.Max(needed, _newSources.Length * 2));
    }

    /// <summary>Adds a code point to the new text.</summary>
    /// <param name="codePoint">The code point.</param>
    /// <param name="source">Index of the present character whose range it takes; −1 for the place before the first one.</param>
    public void Append(int codePoint, int source)
    {
        Reserve(2);
        if (codePoint < 0x10000)
        {
            AppendReserved((char)codePoint, source);
            return;
        }

        AppendReserved((char)(0xD7C0 + (codePoint >> 10)), source);
        AppendReserved((char)(0xDC00 + (codePoint & 0x3FF)), source);
    }

    /// <summary>Adds a UTF-16 unit, for which <see cref="Reserve"/> has made room.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AppendReserved(char unit, int source)
    {
        if (Tracks)
            _newSources[_newLength] = source < 0 ? (_origin, _origin) : _sources[source];
        _newChars[_newLength++] = unit;
    }

    /// <summary>Adds a range of the present text as it is.</summary>
    public void AppendRange(int start, int end)
    {
        Reserve(end - start);
        _chars.AsSpan(start..end).CopyTo(_newChars.AsSpan(_newLength));
        if (Tracks)
            _sources.AsSpan(start..end).CopyTo(_newSources.AsSpan(_newLength));
        _newLength += end - start;
    }

    /// <summary>Room for characters that <see cref="Take"/> then appends; only where ranges are not kept.</summary>
    /// <param name="most">How many there may be.</param>
    public Span<char> Room(int most)
    {
        Debug.Assert(!Tracks, "Ranges would be missing.");
        Reserve(most);
        return _newChars.AsSpan(_newLength, most);
    }

    /// <summary>Appends the first characters of <see cref="Room"/>.</summary>
    public void Take(int count) => _newLength += count;

    /// <summary>Replaces a character, not half of a pair, by another in the present text.</summary>
    public void Replace(char from, char to) => _chars.AsSpan(0, _length).Replace(from, to);

    /// <summary>Replaces a character, not half of a pair, wherever it was appended from an index on.</summary>
    public void ReplaceAppended(int start, char from, char to) => _newChars.AsSpan(start.._newLength).Replace(from, to);

    /// <summary>
    /// Makes the list in <see cref="Scratch"/> the present text. As in the reference each character takes its range by its place in the
    /// list: one that replaces another takes that one's, a further one that of the character before.
    /// </summary>
    /// <remarks>See <see cref="Change"/>.</remarks>
    public void Rewrite()
    {
        ReadOnlySpan<char> chars = Chars;
        int position = 0;
        foreach (long item in Scratch.Items)
        {
            int codePoint = (int)(item & CodePointMask);
            long change = item >> CodePointBits;
            if (change > 0)
            {
                Append(codePoint, position - 1);
                continue;
            }

            Append(codePoint, position);
            for (; change <= 0; change++)
                position += char.IsHighSurrogate(chars[position]) ? 2 : 1;
        }

        Commit();
    }

    /// <summary>An item of the list that <see cref="Rewrite"/> takes.</summary>
    /// <param name="codePoint">The character.</param>
    /// <param name="change">1 for a further one; 0 for one in place of one; −n for one in place of n more.</param>
    public static long Change(int codePoint, long change) => (change << CodePointBits) | (uint)codePoint;

    /// <summary>Makes the appended text the present one.</summary>
    public void Commit()
    {
        (_chars, _newChars) = (_newChars, _chars);
        (_sources, _newSources) = (_newSources, _sources);
        _length = _newLength;
        _newLength = 0;
    }

    /// <summary>Forgets the appended text.</summary>
    public void Discard() => _newLength = 0;

    /// <summary>Keeps a range of the present text.</summary>
    public void Trim(int start, int end)
    {
        AppendRange(start, end);
        Commit();
    }
}
