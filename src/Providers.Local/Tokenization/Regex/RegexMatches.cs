namespace Polymodal.Providers.Local.Tokenization;

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
