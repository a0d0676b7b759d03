using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.LongText;

/// <summary>How good a place before a token is to cut a text.</summary>
internal enum TokenBoundary
{
    /// <summary>Within a character that has several tokens: no place to cut.</summary>
    None,

    /// <summary>Within a word.</summary>
    Token,

    /// <summary>Between two words.</summary>
    Word,
}

/// <summary>Cuts a list of tokens into windows of so many tokens.</summary>
internal static class TokenWindows
{
    /// <summary>How good each place before a token is; what follows the last token counts as <see cref="TokenBoundary.Word"/> and is not in the list.</summary>
    public static TokenBoundary[] Boundaries(string text, IReadOnlyList<TokenOffset> offsets, IReadOnlyList<int?> words)
    {
        var boundaries = new TokenBoundary[offsets.Count];
        int end = 0;
        for (int token = 0; token < boundaries.Length; token++)
        {
            (int start, int next) = offsets[token];
            bool isWord = token == 0 || words[token] != words[token - 1]
                || (start > 0 && char.IsWhiteSpace(text[start - 1])) || (start < text.Length && char.IsWhiteSpace(text[start]));
            boundaries[token] = start < end ? TokenBoundary.None : isWord ? TokenBoundary.Word : TokenBoundary.Token;
            end = Math.Max(end, next);
        }

        return boundaries;
    }

    /// <summary>The windows.</summary>
    /// <param name="boundaries">How good each place before a token is.</param>
    /// <param name="size">The most tokens of a window; at least 1. Only a character with more tokens makes a larger one.</param>
    /// <param name="overlap">The most tokens that a window repeats of the one before; below <paramref name="size"/>.</param>
    /// <returns>First token and the one after the last, in order; each window starts and ends after the one before. At least one.</returns>
    public static List<Range> Plan(ReadOnlySpan<TokenBoundary> boundaries, int size, int overlap)
    {
        int count = boundaries.Length, start = 0, end = 0;
        var windows = new List<Range>();
        while (true)
        {
            end = End(boundaries, start, end, size);
            windows.Add(start..end);
            if (end >= count)
                return windows;
            start = Start(boundaries, Math.Max(end - overlap, start + 1), end);
        }
    }

    // The last place between two words that brings something new, else one between two tokens, else the first beyond the limit.
    private static int End(ReadOnlySpan<TokenBoundary> boundaries, int start, int before, int size)
    {
        int last = start + Math.Min(size, boundaries.Length - start), first = Math.Max(start, before) + 1;
        if (last == boundaries.Length)
            return last;
        for (var wanted = TokenBoundary.Word; wanted > TokenBoundary.None; wanted--)
        {
            for (int place = last; place >= first; place--)
            {
                if (boundaries[place] >= wanted)
                    return place;
            }
        }

        int beyond = last;
        while (beyond < boundaries.Length && (beyond < first || boundaries[beyond] == TokenBoundary.None))
            beyond++;
        return beyond;
    }

    // The first place of the overlap where a word starts; within a word that is cut anyway, any token.
    private static int Start(ReadOnlySpan<TokenBoundary> boundaries, int first, int end)
    {
        TokenBoundary wanted = boundaries[end];
        for (int place = first; place < end; place++)
        {
            if (boundaries[place] >= wanted)
                return place;
        }

        return end;
    }
}
