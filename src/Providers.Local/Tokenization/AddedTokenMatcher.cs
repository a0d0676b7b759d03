using System.Buffers;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Finds added tokens in a text: of those at the leftmost place the longest, then on behind it.</summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
internal sealed class AddedTokenMatcher
{
    private readonly TokenTrie _trie = new();
    private readonly (AddedToken Token, int Id)[] _tokens;
    private readonly SearchValues<char> _firstUnits;

    /// <summary>Creates the matcher.</summary>
    /// <param name="tokens">What to look for, the token it stands for, and its id. An empty pattern is never found; of equal ones the first counts.</param>
    public AddedTokenMatcher(IEnumerable<(string Pattern, AddedToken Token, int Id)> tokens)
    {
        (string Pattern, AddedToken Token, int Id)[] patterns = [.. tokens.Where(token => token.Pattern.Length > 0).DistinctBy(token => token.Pattern)];
        HasSpaces = Array.Exists(patterns, token => token.Pattern.Contains(' ', StringComparison.Ordinal));
        _tokens = [.. patterns.Select(token => (token.Token, token.Id))];
        for (int i = 0; i < patterns.Length; i++)
            _trie.Add(patterns[i].Pattern, i);
        _trie.Freeze();
        _firstUnits = SearchValues.Create([.. patterns.Select(token => token.Pattern[0]).Distinct()]);
    }

    /// <summary>Whether something is looked for that has a space in it.</summary>
    public bool HasSpaces { get; }

    /// <summary>Whether nothing is looked for.</summary>
    public bool IsEmpty => _tokens.Length == 0;

    /// <summary>Finds the next token.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="position">Where to look; moved behind the match, not behind the white space it swallows.</param>
    /// <param name="consumed">End of what earlier matches have taken; a match never swallows white space before it.</param>
    /// <param name="match">The match.</param>
    /// <returns>False when there is none.</returns>
    public bool TryFind(ReadOnlySpan<char> text, ref int position, int consumed, out AddedTokenMatch match)
    {
        while (position < text.Length)
        {
            int next = text[position..].IndexOfAny(_firstUnits);
            if (next < 0)
                break;
            int start = position + next;
            int length = _trie.FindLongest(text[start..], out int index);
            if (length == 0)
            {
                position = start + 1;
                continue;
            }

            position = start + length;
            (AddedToken token, int id) = _tokens[index];
            int end = position;
            if (token.SingleWord && ((start > 0 && IsWord(CodePoints.Before(text, start))) || (end < text.Length && IsWord(CodePoints.At(text, end, out _)))))
                continue;
            if (token.LeftStrip)
                start = Math.Max(start, consumed);
            while (token.LeftStrip && start > consumed && IsSpace(text[start - 1]))
                start--;
            while (token.RightStrip && end < text.Length && IsSpace(text[end]))
                end++;
            match = new AddedTokenMatch(id, start, Math.Max(start, end));
            return true;
        }

        position = text.Length;
        match = default;
        return false;
    }

    private static bool IsWord(int codePoint) => (UnicodeData.Instance[codePoint] & CharacterKinds.Word) != 0;

    private static bool IsSpace(char unit) => (UnicodeData.Instance[unit] & CharacterKinds.WhiteSpace) != 0;
}

/// <summary>An added token in a text, with the white space it swallows.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Start">Where it starts.</param>
/// <param name="End">Where it ends.</param>
internal readonly record struct AddedTokenMatch(int Id, int Start, int End);
