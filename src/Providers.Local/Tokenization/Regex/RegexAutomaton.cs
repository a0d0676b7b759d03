using System.Runtime.CompilerServices;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>
/// A regex as a table: a state and the class of the next character give the next state, and whether a match ends before that character.
/// Every character is looked at once, nothing is tried and taken back.
/// </summary>
/// <remarks>
/// Immutable and safe for concurrent use. A state is the list of steps at which a backtracking search could be, the preferred ones first;
/// the list ends at the first that has matched, so the match found is the one that backtracking finds. What the next character is, is known
/// when a state is left: that is how questions about one character ahead are answered.
/// </remarks>
internal sealed class RegexAutomaton
{
    private const int MostEntries = 1 << 18;

    private readonly int[] _entries;
    private readonly CodePointTable _classes;
    private readonly byte[] _ascii = new byte[0x80];
    private readonly int _start, _end;

    private RegexAutomaton(int[] entries, int start, CodePointTable classes, int classCount)
    {
        _entries = entries;
        _classes = classes;
        _start = start;
        _end = classCount;
        for (int i = 0; i < _ascii.Length; i++)
            _ascii[i] = classes[i];
        WordEnds = FindWordEnds();
    }

    /// <summary>What matches do at the end of a word: whether all of them end there, or are at least none the longer for what follows.</summary>
    public WordEnds WordEnds { get; }

    /// <summary>Makes the table.</summary>
    /// <param name="start">The first step.</param>
    /// <param name="classes">The class of each character.</param>
    /// <param name="classCount">How many classes there are.</param>
    /// <returns>Null when the regex asks what a table cannot answer, or the table would be large.</returns>
    public static RegexAutomaton? Create(RegexStep start, CodePointTable classes, int classCount)
    {
        int width = classCount + 1;
        var rows = new List<RegexThreads> { RegexThreads.None, RegexThreads.At(start) };
        var known = rows.Select((row, index) => (row, index)).ToDictionary(entry => entry.row.Key, entry => entry.index);
        var entries = new List<int>(new int[width]); // State 0: no match can follow.
        for (int row = 1; row < rows.Count; row++)
        {
            for (int number = 0; number < width; number++)
            {
                if (rows[row].Next(number, isEnd: number == classCount) is not var (next, isMatch))
                    return null;
                if (!known.TryGetValue(next.Key, out int index))
                {
                    index = rows.Count;
                    known.Add(next.Key, index);
                    rows.Add(next);
                }

                if (rows.Count * width > MostEntries)
                    return null;
                entries.Add((index * width << 1) | (isMatch ? 1 : 0));
            }
        }

        return new RegexAutomaton([.. entries], width, classes, classCount);
    }

    private WordEnds FindWordEnds()
    {
        int width = _end + 1, space = _ascii[' '];
        bool isCut = true;
        for (int state = 0; state < _entries.Length; state += width)
        {
            for (char letter = 'A'; letter <= 'z'; letter++)
            {
                if (!char.IsAsciiLetter(letter))
                    continue;
                int behind = _entries[state + _ascii[letter]] >> 1, entry = _entries[behind + space];
                if (entry >> 1 != 0 || entry != _entries[behind + _end])
                    return WordEnds.Unsure;

                // No match goes on from where none is begun: that one was over before the letter.
                isCut &= behind == 0 ? state != _start : entry == 1;
            }
        }

        return isCut ? WordEnds.Cut : WordEnds.Kept;
    }

    /// <summary>Matches from a place on.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="position">The place.</param>
    /// <param name="seen">How far the text was looked at.</param>
    /// <returns>The end of the match, or −1.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Match(ReadOnlySpan<char> text, int position, out int seen)
    {
        int[] entries = _entries;
        byte[] ascii = _ascii;
        int state = _start, stay = state << 1, end = -1;
        while (true)
        {
            int number, length = 1;
            if ((uint)position >= (uint)text.Length)
                number = _end;
            else if (text[position] is var unit && unit < ascii.Length)
                number = ascii[unit];
            else
                number = _classes[CodePoints.At(text, position, out length)];
            int entry = entries[state + number];
            if (entry == stay)
            {
                // Within a run: the processor need not know this entry before it loads the next.
                position += length;
                continue;
            }

            if ((entry & 1) != 0)
                end = position;
            state = entry >> 1;
            if (state == 0)
                break;
            stay = entry & ~1;
            position += length;
        }

        seen = position;
        return end;
    }
}
