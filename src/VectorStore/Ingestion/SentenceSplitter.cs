using System.Buffers;

namespace Polymodal.VectorStore.Ingestion;

/// <summary>Cuts text into sentences by punctuation and lines, for any language that marks them so; nothing is learned.</summary>
/// <remarks>
/// A sentence ends at <c>. ! ? …</c> (with the quotes and brackets that close behind them) before white space, at <c>。！？｡</c> anywhere, at a blank
/// line, behind a heading's line and before a list item. It does not end where the next word is in lower case, after initials (<c>J. R. Smith</c>, <c>U.S. troops</c>),
/// after a list number, or after an abbreviation that needs its word (<c>Dr. No</c>, <c>e.g. this</c>). Time grows linearly with the text. Safe for concurrent use.
/// </remarks>
public static class SentenceSplitter
{
    private const int LongestAbbreviation = 8;

    private static readonly SearchValues<char> Stops = SearchValues.Create(".!?…");
    private static readonly SearchValues<char> WideStops = SearchValues.Create("。！？｡");
    private static readonly SearchValues<char> Closers = SearchValues.Create("\"')]}»”’›」』）】》〉*_");
    private static readonly SearchValues<char> Openers = SearchValues.Create("\"'([{«“‘„‚‹¿¡*_");

    /// <summary>Abbreviations that stand before the word they belong to. One that can also end a sentence (etc., Inc., p.m.) is not here: the next word's case decides.</summary>
    private static readonly HashSet<string> Abbreviations = new(StringComparer.OrdinalIgnoreCase)
    {
        "dr", "mr", "mrs", "ms", "prof", "st", "rev", "gen", "col", "capt", "lt", "sgt", "hon", "gov", "sen", "rep", "mt",
        "e.g", "i.e", "cf", "vs", "viz", "ca", "approx", "fig", "figs", "eq", "eqs", "vol", "pp", "ed", "eds",
        "z.b", "d.h", "u.a", "bzw", "nr", "abb", "vgl", "hr", "fr", "mme", "mlle", "sr", "sra", "p.ex", "av",
    };

    /// <summary>The sentences of a text, in order. They do not overlap, begin and end with visible characters, and hold all visible characters of the text.</summary>
    /// <param name="text">Any text; blank text has no sentences.</param>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    public static IReadOnlyList<TextSpan> Split(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var sentences = new List<TextSpan>();
        for (int start = SkipBlank(text, 0); start < text.Length;)
        {
            int end = EndOf(text, start);
            sentences.Add(new(start, text.AsSpan(start, end - start).TrimEnd().Length));
            start = SkipBlank(text, end);
        }

        return sentences;
    }

    private static int EndOf(string text, int start)
    {
        int line = start;
        for (int i = start; i < text.Length;)
        {
            char c = text[i];
            if (c is '\n' or '\r')
            {
                int next = i + (c == '\r' && i + 1 < text.Length && text[i + 1] == '\n' ? 2 : 1);
                if (text[line] == '#' || EndsBefore(text, next))
                    return i;
                line = i = SkipBlank(text, next);
            }
            else if (WideStops.Contains(c))
            {
                while (i < text.Length && (WideStops.Contains(text[i]) || Stops.Contains(text[i])))
                    i++;
                return Skip(text, i, Closers);
            }
            else if (Stops.Contains(c))
            {
                int stop = i;
                i = Skip(text, Skip(text, i, Stops), Closers);
                if (i == text.Length || (char.IsWhiteSpace(text[i]) && IsEnd(text, start, stop, i)))
                    return i;
            }
            else
            {
                i++;
            }
        }

        return text.Length;
    }

    /// <summary>Whether stops at <paramref name="stop"/>, closed before <paramref name="end"/>, end the sentence from <paramref name="start"/>.</summary>
    private static bool IsEnd(string text, int start, int stop, int end)
    {
        int next = Skip(text, SkipBlank(text, end), Openers);
        if (next < text.Length && char.IsLower(text[next]))
            return false;
        bool isOnePeriod = text[stop] == '.' && !(stop + 1 < end && Stops.Contains(text[stop + 1]));
        if (!isOnePeriod)
            return true;

        int word = stop;
        while (word > start && stop - word <= LongestAbbreviation && (char.IsLetterOrDigit(text[word - 1]) || text[word - 1] == '.'))
            word--;
        ReadOnlySpan<char> before = text.AsSpan(word, stop - word);
        bool isInitial = before.Length > 0 && char.IsUpper(before[^1]) && (before.Length == 1 || before[^2] == '.');
        bool isListNumber = word == start && before.Length is > 0 and <= 3 && before.IndexOfAnyExceptInRange('0', '9') < 0;
        return !isInitial && !isListNumber && !Abbreviations.GetAlternateLookup<ReadOnlySpan<char>>().Contains(before);
    }

    /// <summary>Whether the line from <paramref name="line"/> cannot go on with the sentence: it is blank, or begins a heading, list item, quotation, table row or code block.</summary>
    private static bool EndsBefore(string text, int line)
    {
        int i = line;
        while (i < text.Length && char.IsWhiteSpace(text[i]) && text[i] is not ('\n' or '\r'))
            i++;
        if (i == text.Length || text[i] is '\n' or '\r' or '#' or '|' or '>' or '•' || text.AsSpan(i).StartsWith("```"))
            return true;
        int marker = i;
        while (i < text.Length && i - marker < 4 && char.IsAsciiDigit(text[i]))
            i++;
        bool isMarked = i > marker ? i < text.Length && text[i] is '.' or ')' : text[i] is '-' or '*' or '+' or '–';
        return isMarked && i + 1 < text.Length && text[i + 1] is ' ' or '\t';
    }

    private static int Skip(string text, int from, SearchValues<char> characters)
    {
        int length = text.AsSpan(from).IndexOfAnyExcept(characters);
        return length < 0 ? text.Length : from + length;
    }

    private static int SkipBlank(string text, int from)
    {
        while (from < text.Length && char.IsWhiteSpace(text[from]))
            from++;
        return from;
    }
}
