using System.Net;
using System.Text;

namespace Polymodal.VectorStore.Ingestion;

/// <summary>Reads what a person reads of a web page, as Markdown: headings, paragraphs, list items, table rows. Scripts, styles, comments and forms' inner workings are left out.</summary>
/// <remarks>Any text can be read: what is no tag is text. Time grows linearly with the text.</remarks>
public sealed class HtmlReader : IDocumentReader
{
    private const int LongestTag = 10_000;

    // What is inside is no text, or none of the page's own.
    private static readonly HashSet<string> Skipped = new(StringComparer.OrdinalIgnoreCase) { "script", "style", "template", "noscript", "svg", "iframe", "object", "select", "textarea", "head" };
    private static readonly HashSet<string> Blocks = new(StringComparer.OrdinalIgnoreCase)
    {
        "p", "div", "section", "article", "main", "header", "footer", "aside", "nav", "ul", "ol", "dl", "dt", "dd", "table", "blockquote", "pre", "figure", "figcaption", "hr", "form", "fieldset", "address", "body", "html",
    };

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Extensions { get; } = [".html", ".htm"];

    /// <inheritdoc/>
    public async Task<DocumentText> ReadAsync(Stream stream, CancellationToken cancellationToken = default) =>
        Read(await DocumentReaders.TextOfAsync(stream, cancellationToken).ConfigureAwait(false));

    private static DocumentText Read(string html)
    {
        var page = new Page();
        string? title = null, skipping = null;
        int lastClose = html.LastIndexOf('>');
        for (int place = 0; place < html.Length;)
        {
            int open = html.IndexOf('<', place);
            if (open < 0)
                open = html.Length;
            if (skipping is null)
                page.Add(WebUtility.HtmlDecode(html[place..open]));
            if (open == html.Length)
                break;
            if (html.AsSpan(open).StartsWith("<!--", StringComparison.Ordinal))
            {
                int end = html.IndexOf("-->", open + 4, StringComparison.Ordinal);
                place = end < 0 ? html.Length : end + 3;
                continue;
            }

            int close = open < lastClose ? EndOfTag(html, open) : -1;
            bool isEnd = open + 1 < html.Length && html[open + 1] == '/';
            string name = NameAt(html, open + (isEnd ? 2 : 1));
            if (close < 0 || (name.Length == 0 && (open + 1 >= html.Length || html[open + 1] is not ('!' or '?' or '/'))))
            {
                if (skipping is null)
                    page.Add("<");
                place = open + 1;
                continue;
            }

            place = close + 1;
            if (name.Equals("title", StringComparison.OrdinalIgnoreCase) && !isEnd && title is null)
            {
                int end = html.IndexOf('<', place) is >= 0 and int next ? next : html.Length;
                title = string.Join(' ', WebUtility.HtmlDecode(html[place..end]).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
                place = end;
            }
            else if (skipping is not null)
            {
                // A head without an end ends where the body begins.
                if ((isEnd && name.Equals(skipping, StringComparison.OrdinalIgnoreCase)) || (skipping == "head" && name.Equals("body", StringComparison.OrdinalIgnoreCase)))
                    skipping = null;
            }
            else if (!isEnd && Skipped.Contains(name) && html[close - 1] != '/')
            {
                skipping = name.ToLowerInvariant();
            }
            else
            {
                page.Tag(name.ToLowerInvariant(), isEnd);
            }
        }

        string text = page.ToString();
        title ??= TextBlocks.Of(text, TextFormat.Markdown).FirstOrDefault(block => block.Kind == TextBlockKind.Heading).Heading;
        return new(text, TextFormat.Markdown, string.IsNullOrEmpty(title) ? null : title);
    }

    /// <summary>The place of the bracket that ends a tag, quoted ones passed over; −1 when there is none.</summary>
    private static int EndOfTag(string html, int open)
    {
        int limit = Math.Min(html.Length, open + LongestTag); // so that quotes without an end cost no more than this
        char quote = '\0';
        for (int place = open + 1; place < limit; place++)
        {
            char c = html[place];
            if (quote != '\0')
                quote = c == quote ? '\0' : quote;
            else if (c is '"' or '\'' && html[place - 1] == '=')
                quote = c;
            else if (c == '>')
                return place;
        }

        return html.IndexOf('>', open, limit - open);
    }

    private static string NameAt(string html, int start)
    {
        int end = start;
        while (end < html.Length && (char.IsAsciiLetterOrDigit(html[end]) || (end > start && html[end] == '-')))
            end++;
        return end > start && char.IsAsciiLetter(html[start]) ? html[start..end] : "";
    }

    /// <summary>The page's text as it grows.</summary>
    private sealed class Page
    {
        private readonly StringBuilder _text = new();
        private string _pending = "";
        private string _prefix = "";
        private bool _isPreformatted, _needsSpace;

        public void Add(string text)
        {
            if (_isPreformatted)
            {
                Begin();
                _text.Append(text);
                return;
            }

            foreach (Range part in text.AsSpan().SplitAny(" \t\r\n\f"))
            {
                ReadOnlySpan<char> word = text.AsSpan(part);
                if (word.IsEmpty)
                {
                    _needsSpace = true;
                    continue;
                }

                if (part.Start.Value > 0)
                    _needsSpace = true;
                bool begins = _pending.Length > 0 || _prefix.Length > 0 || _text.Length == 0;
                Begin();
                if (_needsSpace && !begins)
                    _text.Append(' ');
                _needsSpace = false;
                // A number sign at the start of a line would be a heading.
                _text.Append(begins && _text.Length > 0 && word[0] == '#' && _text[^1] == '\n' ? "\\" : "").Append(word);
            }

            if (text.Length > 0 && char.IsWhiteSpace(text[^1]))
                _needsSpace = true;
        }

        public void Tag(string name, bool isEnd)
        {
            if (name.Length == 2 && name[0] == 'h' && name[1] is >= '1' and <= '6')
                Break("\n\n", isEnd ? "" : new string('#', name[1] - '0') + " ");
            else if (name == "li")
                Break("\n", isEnd ? "" : "- ");
            else if (name is "br" or "tr")
                Break("\n", "");
            else if (name is "td" or "th")
                Add(isEnd ? " " : " | ");
            else if (Blocks.Contains(name))
                Break("\n\n", "");
            if (name == "pre")
            {
                _isPreformatted = !isEnd;
                if (!isEnd)
                    _prefix = "```\n";
                else if (_text.Length > 0)
                    _text.Append("\n```");
            }
        }

        public override string ToString() => _text.ToString();

        private void Break(string lines, string prefix)
        {
            if (lines.Length > _pending.Length)
                _pending = lines;
            _prefix = prefix;
            _needsSpace = false;
        }

        private void Begin()
        {
            if (_text.Length > 0)
                _text.Append(_pending);
            _text.Append(_prefix);
            (_pending, _prefix) = ("", "");
        }
    }
}
