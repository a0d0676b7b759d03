using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>A regex of tokenizer.json, over code points and the reference's own character classes.</summary>
/// <remarks>
/// <para>
/// Immutable and safe for concurrent use; all state is in the scratch. Most patterns become a table (<see cref="RegexAutomaton"/>). The
/// others, and texts in which the table looks at the same characters again and again, are matched by trying, but choices that cannot matter
/// are not kept: branches that cannot start with the next character, and shorter runs before what is not in the run. When trying takes
/// long, places from which there is no match are remembered, so that the work grows with the length of the text and hardly faster.
/// </para>
/// <para>Reference: Oniguruma as the onig crate binds it, default syntax, Unicode 16.0.</para>
/// </remarks>
internal sealed class TextPattern
{
    // The work for a match after which failures are remembered, at least and for each character of the text; and for each character the work
    // after which the search is given up.
    private const int FreeWork = 4096, FreeWorkPerCharacter = 16, MostWorkPerCharacter = 4096;

    private readonly string? _literal;
    private readonly RegexSteps _steps;
    private readonly CodePointTable _classes;
    private readonly bool[] _canStart;
    private readonly SearchValues<char>? _startUnits;
    private readonly RegexAutomaton? _automaton;
    private readonly CodePointSet _word = UnicodeSets.Instance["rule word"];
    private readonly string _name;

    private TextPattern(RegexNode node, string name, bool usesTable = true)
    {
        _literal = RegexCompiler.LiteralOf(node);
        _steps = RegexCompiler.Compile(node);
        _classes = _steps.Classes;
        _canStart = _steps.CanStart;
        _automaton = usesTable ? RegexAutomaton.Create(_steps.Start, _classes, _steps.ClassCount) : null;
        _startUnits = StartUnits();
        _name = name;
    }

    /// <summary>Reads a pattern: <c>{"String": …}</c> or <c>{"Regex": …}</c>.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    /// <exception cref="NotSupportedException">It uses what is not supported.</exception>
    public static TextPattern Read(JsonPart part)
    {
        if (part.Optional("String") is { } literal)
            return Literal(literal.Text());
        JsonPart regex = part.Required("Regex");
        try
        {
            return new TextPattern(RegexParser.Parse(regex.Text()), JsonPart.Shortened(regex.Text()));
        }
        catch (FormatException exception)
        {
            throw regex.Invalid($"is not a regex: {exception.Message}");
        }
        catch (NotSupportedException exception)
        {
            throw new NotSupportedException(
                $"{part.Where("Regex")} '{JsonPart.Shortened(regex.Text())}' uses {exception.Message}, which is not supported. Export the tokenizer with a simpler pattern.", exception);
        }
    }

    /// <summary>A text that stands for itself.</summary>
    public static TextPattern Literal(string text) => new(new RegexSequence([.. text.EnumerateRunes().Select(rune => new RegexSet(CodePointSet.Of(rune.Value)))]), JsonPart.Shortened(text));

    /// <summary>A regex.</summary>
    /// <exception cref="FormatException">It is damaged.</exception>
    /// <exception cref="NotSupportedException">It uses what is not supported.</exception>
    public static TextPattern Regex(string pattern) => new(RegexParser.Parse(pattern), JsonPart.Shortened(pattern));

    /// <summary>A regex that is always matched by trying, to compare the table with.</summary>
    public static TextPattern RegexWithoutTable(string pattern) => new(RegexParser.Parse(pattern), JsonPart.Shortened(pattern), usesTable: false);

    /// <summary>Whether it is matched by a table.</summary>
    public bool HasTable => _automaton is not null;

    /// <summary>What matches do at the end of a word.</summary>
    public WordEnds WordEnds => _automaton?.WordEnds ?? WordEnds.Unsure;

    /// <summary>Goes through a text's matches from left to right.</summary>
    public RegexMatches Matches(ReadOnlySpan<char> text, RegexScratch scratch) => new(this, text, scratch);

    /// <summary>Finds the next match.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="from">Where to look.</param>
    /// <param name="scratch">Started for this text.</param>
    /// <param name="end">End of the match.</param>
    /// <returns>Start of the match, or −1.</returns>
    /// <exception cref="InvalidDataException">The pattern asks too many questions of this text.</exception>
    public int Find(ReadOnlySpan<char> text, int from, RegexScratch scratch, out int end)
    {
        end = -1;
        if (_literal is not null)
            return FindLiteral(text, from, _literal, out end);
        if (_automaton is not null && (end = MatchAt(text, from, scratch)) >= 0)
            return from;
        return FindBehind(text, from, scratch, out end);
    }

    /// <summary>The UTF-16 units that matches can start with, if they are few.</summary>
    private SearchValues<char>? StartUnits()
    {
        const int Few = 64;
        char[] units = [.. Enumerable.Range(0, 0x10000).Where(unit => !char.IsSurrogate((char)unit) && _canStart[_classes[unit]]).Take(Few + 1).Select(unit => (char)unit)];
        if (units.Length > Few)
            return null;
        for (int codePoint = 0x10000; codePoint <= CodePointSet.Last; codePoint++)
        {
            if (_canStart[_classes[codePoint]])
                return null;
        }

        return SearchValues.Create(units);
    }

    private static int FindLiteral(ReadOnlySpan<char> text, int from, string literal, out int end)
    {
        int index = text[from..].IndexOf(literal);
        end = index < 0 ? -1 : from + index + literal.Length;
        return index < 0 ? -1 : from + index;
    }

    private int FindBehind(ReadOnlySpan<char> text, int from, RegexScratch scratch, out int end)
    {
        end = -1;
        for (int start = from, length; start < text.Length; start += length)
        {
            if (_startUnits is not null)
            {
                int next = text[start..].IndexOfAny(_startUnits);
                if (next < 0)
                    break;
                start += next;
            }

            if (_canStart[ClassAt(text, start, out length)] && (end = MatchAt(text, start, scratch)) >= 0)
                return start;
        }

        return _canStart[^1] && (end = MatchAt(text, text.Length, scratch)) >= 0 ? text.Length : -1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int MatchAt(ReadOnlySpan<char> text, int start, RegexScratch scratch)
    {
        if (_automaton is null || scratch.Work > FreeWork + ((long)FreeWorkPerCharacter * text.Length))
            return TryAt(text, start, scratch);
        int end = _automaton.Match(text, start, out int seen);
        scratch.Work += seen - Math.Max(start, end);
        return end;
    }

    private int TryAt(ReadOnlySpan<char> text, int start, RegexScratch scratch)
    {
        int end = Run(_steps.Start, text, start, scratch, isNested: false);
        if (end >= 0)
            scratch.EndMatch();
        return end;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int ClassAt(ReadOnlySpan<char> text, int position, out int length)
    {
        length = 1;
        int codePoint = text[position];
        if (char.IsHighSurrogate((char)codePoint))
            codePoint = CodePoints.At(text, position, out length);
        return _classes[codePoint];
    }

    /// <summary>Matches from a place on.</summary>
    /// <returns>The end of the match, or −1.</returns>
    private int Run(RegexStep step, ReadOnlySpan<char> text, int position, RegexScratch scratch, bool isNested)
    {
        int floor = scratch.Count;
        while (true)
        {
            bool isAlive = true;
            switch (step.Kind)
            {
                case RegexStepKind.Accept:
                    scratch.Truncate(floor);
                    return position;
                case RegexStepKind.Set:
                    isAlive = position < text.Length && step.Has[ClassAt(text, position, out int width)] && (position += width) > 0;
                    break;
                case RegexStepKind.Loop:
                    isAlive = Loop(step, text, ref position, scratch, isNested);
                    break;
                case RegexStepKind.LazyLoop:
                    for (int i = 0; i < step.Min && isAlive; i++)
                        isAlive = position < text.Length && step.Has[ClassAt(text, position, out int taken)] && (position += taken) > 0;
                    if (isAlive && step.Max > step.Min)
                        scratch.Push(step, position, step.Max - (long)step.Min);
                    break;
                case RegexStepKind.Branches:
                    if (scratch.Remembers && !isNested && !scratch.IsNew(step, position))
                    {
                        isAlive = false;
                        break;
                    }

                    ulong candidates = position < text.Length ? step.Candidates[ClassAt(text, position, out _)] : step.Candidates[^1];
                    if (candidates != 0)
                    {
                        if ((candidates & (candidates - 1)) is var rest and not 0)
                            scratch.Push(step, position, (long)rest);
                        step = step.Branches[BitOperations.TrailingZeroCount(candidates)];
                        continue;
                    }

                    isAlive = false;
                    break;
                case RegexStepKind.Atomic:
                    int end = Run(step.Parts[0], text, position, scratch, isNested: true);
                    isAlive = end >= 0;
                    position = end;
                    break;
                case RegexStepKind.Ahead:
                    isAlive = Run(step.Parts[0], text, position, scratch, isNested: true) >= 0 != step.IsNegative;
                    break;
                case RegexStepKind.Behind:
                    isAlive = IsBehind(step, text, position, scratch) != step.IsNegative;
                    break;
                case RegexStepKind.Place:
                    isAlive = IsAt(step.Place, text, position);
                    break;
                default:
                    isAlive = position < text.Length && (position = GraphemeClusters.Next(text, position)) > 0;
                    break;
            }

            if (isAlive)
            {
                step = step.Next;
                continue;
            }

            do
            {
                if (scratch.Count == floor)
                    return -1;
                if (++scratch.Work - scratch.WorkBeforeMatch > FreeWork)
                    CountWork(text.Length, scratch);
                (step, position, long left) = scratch.Pop();
                isAlive = Resume(ref step, text, ref position, left, scratch, isNested);
            }
            while (!isAlive);
        }
    }

    /// <summary>Takes as many characters as there are and notes that fewer may do.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Loop(RegexStep step, ReadOnlySpan<char> text, ref int position, RegexScratch scratch, bool isNested)
    {
        bool[] has = step.Has;
        int start = position, end = position, min = step.Min, left = step.Max;
        if (scratch.Remembers && !isNested && left == int.MaxValue && min <= 1)
            return LoopRemembered(step, text, ref position, scratch);
        int least = min == 0 ? start : -1;
        while (left > 0 && end < text.Length && has[ClassAt(text, end, out int length)])
        {
            end += length;
            left--;
            if (--min == 0)
                least = end;
        }

        scratch.Work += isNested ? end - start : 0;
        position = end;
        if (least < 0)
            return false;
        if (!step.IsPossessive && end > least)
            scratch.Push(step, end, least);
        return true;
    }

    /// <summary>The same without trying again what an earlier try of the same loop has tried.</summary>
    private bool LoopRemembered(RegexStep step, ReadOnlySpan<char> text, ref int position, RegexScratch scratch)
    {
        int start = position, end = position;
        ref LoopRun run = ref scratch.RunOf(step);
        while (end < text.Length && (end < run.Start || end >= run.End) && step.Has[ClassAt(text, end, out int length)])
            end += length;
        if (end >= run.Start && end < run.End)
            run.Start = Math.Min(run.Start, start);
        else
            run = new LoopRun(start, end, int.MaxValue);
        if (start == run.End)
            return step.Min == 0;

        int least = step.Min == 0 ? start : start + (char.IsHighSurrogate(text[start]) ? 2 : 1);
        position = run.Lowest > run.End ? run.End : run.Lowest - (run.Lowest > 0 && char.IsLowSurrogate(text[run.Lowest - 1]) ? 2 : 1);
        if (position < least || (step.IsPossessive && position < run.End))
            return false;
        run.Lowest = position;
        if (!step.IsPossessive && position > least)
            scratch.Push(step, position, least);
        return true;
    }

    /// <summary>Goes on with the next of the choices that a step left.</summary>
    private bool Resume(ref RegexStep step, ReadOnlySpan<char> text, ref int position, long left, RegexScratch scratch, bool isNested)
    {
        switch (step.Kind)
        {
            case RegexStepKind.Loop:
                position -= char.IsLowSurrogate(text[position - 1]) ? 2 : 1;
                if (scratch.Remembers && !isNested && !IsNew(step, position, ref scratch.RunOf(step)))
                    return false;
                if (position > left)
                    scratch.Push(step, position, left);
                step = step.Next;
                return true;
            case RegexStepKind.LazyLoop:
                if (position == text.Length || !step.Has[ClassAt(text, position, out int length)])
                    return false;
                position += length;
                if (scratch.Remembers && !isNested && step.Max == int.MaxValue && !scratch.IsNew(step, position))
                    return false;
                if (left > 1)
                    scratch.Push(step, position, left - 1);
                step = step.Next;
                return true;
            default:
                ulong candidates = (ulong)left;
                if ((candidates & (candidates - 1)) is var rest and not 0)
                    scratch.Push(step, position, (long)rest);
                step = step.Branches[BitOperations.TrailingZeroCount(candidates)];
                return true;
        }
    }

    /// <summary>Whether what comes after a loop was not yet tried at the end of a shorter run.</summary>
    private static bool IsNew(RegexStep step, int position, ref LoopRun run)
    {
        if (step.Max != int.MaxValue || step.Min > 1 || position < run.Start || position > run.End)
            return true;
        if (position >= run.Lowest)
            return false;
        run.Lowest = position;
        return true;
    }

    private void CountWork(int length, RegexScratch scratch)
    {
        if (!scratch.Remembers && scratch.Work - scratch.WorkBeforeMatch > FreeWork + ((long)FreeWorkPerCharacter * length))
            scratch.Remember(_steps.IndexCount, length);
        if (scratch.Work > FreeWork + ((long)MostWorkPerCharacter * length))
        {
            throw new InvalidDataException(
                $"The regex '{_name}' asks more than {MostWorkPerCharacter} questions for each of the text's {length} characters. Cut the text into shorter ones.");
        }
    }

    private bool IsBehind(RegexStep step, ReadOnlySpan<char> text, int position, RegexScratch scratch)
    {
        for (int i = 0; i < step.Parts.Length; i++)
        {
            int start = position, left = step.Widths[i];
            for (; left > 0 && start > 0; left--)
                start -= char.IsLowSurrogate(text[start - 1]) ? 2 : 1;
            if (left == 0 && Run(step.Parts[i], text, start, scratch, isNested: true) >= 0)
                return true;
        }

        return false;
    }

    private bool IsAt(RegexPlaceKind place, ReadOnlySpan<char> text, int position) => place switch
    {
        RegexPlaceKind.LineStart => position == 0 || (text[position - 1] == '\n' && position < text.Length),
        RegexPlaceKind.LineEnd => position == text.Length || text[position] == '\n',
        RegexPlaceKind.TextStart => position == 0,
        RegexPlaceKind.TextEnd => position == text.Length,
        RegexPlaceKind.LastLineEnd => position == text.Length || (position == text.Length - 1 && text[position] == '\n'),
        _ => IsBoundary(text, position) == (place == RegexPlaceKind.WordBoundary),
    };

    private bool IsBoundary(ReadOnlySpan<char> text, int position)
    {
        bool isAfterWord = position > 0 && _word.Contains(CodePoints.Before(text, position));
        bool isBeforeWord = position < text.Length && _word.Contains(CodePoints.At(text, position, out _));
        return isAfterWord != isBeforeWord;
    }
}

/// <summary>The matches of a pattern in a text, from left to right. An empty match right behind another one does not count.</summary>
internal ref struct RegexMatches
{
    private readonly TextPattern _pattern;
    private readonly ReadOnlySpan<char> _text;
    private readonly RegexScratch _scratch;
    private int _next, _lastEnd;

    public RegexMatches(TextPattern pattern, ReadOnlySpan<char> text, RegexScratch scratch)
    {
        _pattern = pattern;
        _text = text;
        _scratch = scratch;
        _lastEnd = -1;
        scratch.Start();
    }

    /// <summary>Finds the next one.</summary>
    public bool TryNext(out int start, out int end)
    {
        while (_next <= _text.Length)
        {
            start = _pattern.Find(_text, _next, _scratch, out end);
            if (start < 0)
                break;
            if (start == end && _lastEnd == end)
            {
                _next = end + (end < _text.Length && char.IsHighSurrogate(_text[end]) ? 2 : 1);
                continue;
            }

            _next = _lastEnd = end;
            return true;
        }

        _next = int.MaxValue;
        start = end = -1;
        return false;
    }
}
