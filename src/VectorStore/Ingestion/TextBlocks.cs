namespace Polymodal.VectorStore.Ingestion;

/// <summary>What a block of a document is.</summary>
internal enum TextBlockKind
{
    Paragraph,
    Heading,
    Code,
}

/// <summary>A paragraph, heading line or fenced code block, without the white space around it.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Span">Where it is.</param>
/// <param name="Heading">The headings it stands under, its own included.</param>
internal readonly record struct TextBlock(TextBlockKind Kind, TextSpan Span, string? Heading);

/// <summary>Reads a document's blocks line by line.</summary>
internal static class TextBlocks
{
    private const int MaxIndent = 3, MaxLevel = 6, MinFence = 3;

    /// <summary>The blocks, in order; they hold all visible characters.</summary>
    public static IEnumerable<TextBlock> Of(string text, TextFormat format)
    {
        var headings = new List<(int Level, string Title)>();
        string? path = null;
        TextSpan? paragraph = null;
        (char Character, int Length, TextSpan Span)? code = null;
        foreach (TextSpan line in LinesOf(text, new(0, text.Length), withBlank: true))
        {
            string? title = null;
            int level = 0, fence = 0;
            if (format == TextFormat.Markdown)
            {
                fence = FenceAt(text, line);
                level = code is null ? HeadingAt(text, line, out title) : 0;
            }

            if (code is { } open)
            {
                code = open with { Span = Joined(open.Span, line) };
                if (fence >= open.Length && text[line.Start] == open.Character && text.AsSpan(line.Start + fence, line.Length - fence).IsWhiteSpace())
                {
                    yield return new(TextBlockKind.Code, code.Value.Span, path);
                    code = null;
                }

                continue;
            }

            if (paragraph is { } done && (line.Length == 0 || level > 0 || fence > 0))
            {
                yield return new(TextBlockKind.Paragraph, done, path);
                paragraph = null;
            }

            if (level > 0)
            {
                headings.RemoveAll(heading => heading.Level >= level);
                headings.Add((level, title!));
                path = string.Join(" > ", headings.Select(heading => heading.Title).Where(name => name.Length > 0));
                path = path.Length == 0 ? null : path;
                yield return new(TextBlockKind.Heading, line, path);
            }
            else if (fence > 0)
            {
                code = (text[line.Start], fence, line);
            }
            else if (line.Length > 0)
            {
                paragraph = paragraph is { } begun ? Joined(begun, line) : line;
            }
        }

        if (code is { } unclosed)
            yield return new(TextBlockKind.Code, unclosed.Span, path);
        if (paragraph is { } last)
            yield return new(TextBlockKind.Paragraph, last, path);
    }

    /// <summary>The lines of a part of a text without the white space around them.</summary>
    /// <param name="text">The text.</param>
    /// <param name="part">The part to read.</param>
    /// <param name="withBlank">Whether blank lines are given, with length 0.</param>
    public static IEnumerable<TextSpan> LinesOf(string text, TextSpan part, bool withBlank = false)
    {
        for (int start = part.Start; start < part.End;)
        {
            int length = text.AsSpan(start, part.End - start).IndexOfAny('\n', '\r', '\f');
            int end = length < 0 ? part.End : start + length;
            ReadOnlySpan<char> line = text.AsSpan(start, end - start);
            int visible = line.TrimEnd().Length, blank = visible == 0 ? 0 : line.Length - line.TrimStart().Length;
            if (visible > 0 || withBlank)
                yield return new(start + blank, visible - blank);
            // CR LF is one end of line.
            start = end + (end + 1 < part.End && text[end] == '\r' && text[end + 1] == '\n' ? 2 : 1);
        }
    }

    // A blank line has no place worth keeping: it never moves the end.
    private static TextSpan Joined(TextSpan first, TextSpan line) => line.Length == 0 ? first : new(first.Start, line.End - first.Start);

    private static int HeadingAt(string text, TextSpan line, out string? title)
    {
        title = null;
        int level = Run(text, line, '#');
        if (level is 0 or > MaxLevel || IndentOf(text, line) > MaxIndent)
            return 0;
        ReadOnlySpan<char> rest = text.AsSpan(line.Start + level, line.Length - level);
        if (!rest.IsEmpty && !char.IsWhiteSpace(rest[0]))
            return 0;
        title = rest.TrimEnd('#').Trim().ToString();
        return level;
    }

    /// <summary>How many fence characters the line begins with; 0 when it is no fence.</summary>
    private static int FenceAt(string text, TextSpan line)
    {
        int length = Math.Max(Run(text, line, '`'), Run(text, line, '~'));
        bool isInlineCode = length > 0 && text[line.Start] == '`' && text.AsSpan(line.Start + length, line.Length - length).Contains('`');
        return length >= MinFence && !isInlineCode && IndentOf(text, line) <= MaxIndent ? length : 0;
    }

    private static int Run(string text, TextSpan line, char character)
    {
        int other = text.AsSpan(line.Start, line.Length).IndexOfAnyExcept(character);
        return other < 0 ? line.Length : other;
    }

    private static int IndentOf(string text, TextSpan line)
    {
        int indent = 0;
        while (indent <= MaxIndent && line.Start - indent > 0 && text[line.Start - indent - 1] is ' ' or '\t')
            indent += text[line.Start - indent - 1] == '\t' ? MaxIndent + 1 : 1;
        return indent;
    }
}
