using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Polymodal.Providers.Local.Tokenization;

// The search that tries: for patterns and texts for which the table is not enough.
internal sealed partial class TextPattern
{
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
