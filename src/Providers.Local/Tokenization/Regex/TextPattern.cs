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
internal sealed partial class TextPattern
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
}
