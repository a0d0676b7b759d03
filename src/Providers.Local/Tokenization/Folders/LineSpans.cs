namespace Polymodal.Providers.Local.Tokenization;

/// <summary>The lines of a text that end with a line feed and with nothing else: tokens may hold every other character that ends lines.</summary>
internal static class LineSpans
{
    /// <summary>Goes through the lines.</summary>
    public static Enumerator EnumerateLinesAtFeeds(this ReadOnlySpan<char> text) => new(text);

    /// <summary>Goes through the lines.</summary>
    public ref struct Enumerator(ReadOnlySpan<char> text)
    {
        private ReadOnlySpan<char> _rest = text;
        private bool _ended;

        /// <summary>The line, without its end.</summary>
        public ReadOnlySpan<char> Current { get; private set; }

        /// <summary>This.</summary>
        public readonly Enumerator GetEnumerator() => this;

        /// <summary>Goes on to the next line.</summary>
        public bool MoveNext()
        {
            if (_ended)
                return false;
            int end = _rest.IndexOf('\n');
            _ended = end < 0;
            Current = _ended ? _rest : _rest[..end];
            _rest = _ended ? default : _rest[(end + 1)..];
            return true;
        }
    }
}
