using System.Buffers;

namespace Polymodal.Delegating;

/// <summary>Cuts a text into parts of so many tokens, between words where there are any, never within a surrogate pair.</summary>
internal static class TextParts
{
    private static readonly SearchValues<char> Spaces = SearchValues.Create(" \t\r\n\u00A0\u3000");

    /// <summary>The parts of a text that is too long; a text that fits is one part.</summary>
    /// <param name="text">The text.</param>
    /// <param name="options">How long parts are, how they overlap, how tokens are counted.</param>
    /// <returns>In the order of the text; together they cover it but for white space between them. A part may be longer where one character alone has too many tokens.</returns>
    public static List<Range> Of(string text, ChunkPoolingOptions options)
    {
        var parts = new List<Range>();
        int start = 0, end = 0;
        while (parts.Count == 0 || (end < text.Length && start < text.Length))
        {
            int next = End(text, start, options);
            if (next <= end && parts.Count > 0)
            {
                // The overlap left no room for anything new.
                start = end;
                next = End(text, start, options);
            }

            end = next;
            parts.Add(start..end);
            start = NextStart(text, start, end, options);
        }

        return parts;
    }

    private static int End(string text, int start, ChunkPoolingOptions options)
    {
        // Doubling first: counting a whole book for each of its parts would be slow.
        int fits = start, reach = start;
        do
        {
            fits = reach;
            reach = (int)Math.Min(text.Length, start + Math.Max(options.MaxTokens * 4L, (reach - start) * 2L));
            if (fits == reach)
                return text.Length;
        }
        while (Fits(text, start, reach, options.MaxTokens, options));

        while (reach - fits > 1)
        {
            int middle = fits + ((reach - fits) / 2);
            if (Fits(text, start, middle, options.MaxTokens, options))
                fits = middle;
            else
                reach = middle;
        }

        int end = Whole(text, fits);
        if (end <= start)
            return Math.Min(text.Length, start + (char.IsHighSurrogate(text[start]) && start + 1 < text.Length && char.IsLowSurrogate(text[start + 1]) ? 2 : 1));
        if (char.IsWhiteSpace(text[end]))
            return end;
        int space = text.AsSpan(start, end - start).LastIndexOfAny(Spaces);
        return space > 0 && !text.AsSpan(start, space + 1).IsWhiteSpace() ? start + space + 1 : end;
    }

    // As far back as the overlap allows, at the beginning of a word where there is one.
    private static int NextStart(string text, int start, int end, ChunkPoolingOptions options)
    {
        int next = end;
        if (options.OverlapTokens > 0)
        {
            int tooFar = start;
            while (next - tooFar > 1)
            {
                int middle = tooFar + ((next - tooFar) / 2);
                if (Fits(text, middle, end, options.OverlapTokens, options))
                    next = middle;
                else
                    tooFar = middle;
            }

            if (Whole(text, next) != next)
                next++;
            bool isWithinWord = next < end && !char.IsWhiteSpace(text[next]) && !char.IsWhiteSpace(text[next - 1]);
            if (isWithinWord && text.AsSpan(start, end - start).ContainsAny(Spaces)) // Scripts without spaces overlap by characters.
                next = text.AsSpan(next, end - next).IndexOfAny(Spaces) is var space and >= 0 ? next + space : end;
        }

        while (next < text.Length && char.IsWhiteSpace(text[next]))
            next++;
        return next;
    }

    private static bool Fits(string text, int start, int end, int tokens, ChunkPoolingOptions options) => options.CountTokens(text[start..end]) <= tokens;

    private static int Whole(string text, int place) =>
        place > 0 && place < text.Length && char.IsLowSurrogate(text[place]) && char.IsHighSurrogate(text[place - 1]) ? place - 1 : place;
}
