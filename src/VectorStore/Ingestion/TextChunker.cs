using System.Globalization;

namespace Polymodal.VectorStore.Ingestion;

/// <summary>
/// Cuts a document into passages at the strongest border that keeps them short enough: heading, paragraph, sentence (line in code), word;
/// inside a word only when the word alone is too long.
/// </summary>
/// <remarks>Time grows linearly with the text. Safe for concurrent use.</remarks>
public sealed class TextChunker : IDocumentChunker
{
    private readonly int _max;

    /// <summary>Creates a chunker.</summary>
    /// <param name="options">How to cut; null means the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public TextChunker(TextChunkerOptions? options = null) => _max = (options ?? new()).Validated().MaxCharacters;

    /// <inheritdoc/>
    public string Signature => _max.ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<TextChunk>> ChunkAsync(string text, TextFormat format, CancellationToken cancellationToken = default) => new(Chunk(text, format));

    /// <summary>
    /// The passages of a text, in order. They do not overlap, begin and end with visible characters, and hold all visible characters of the text.
    /// A heading begins a passage; headings that follow each other with nothing between stay together.
    /// </summary>
    /// <param name="text">Any text; blank text has no passages.</param>
    /// <param name="format">How the text is read.</param>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    public IReadOnlyList<TextChunk> Chunk(string text, TextFormat format)
    {
        ArgumentNullException.ThrowIfNull(text);
        var chunks = new List<TextChunk>();
        TextSpan? open = null;
        string? heading = null;
        bool openIsHeadings = false;
        foreach (TextBlock block in TextBlocks.Of(text, format))
        {
            bool isHeading = block.Kind == TextBlockKind.Heading;
            if (isHeading && !openIsHeadings)
                Close();
            // Headings are not left alone because the paragraph behind them is long: it is cut so that its beginning stays with them.
            int from = openIsHeadings && open is { } headings ? headings.Start : block.Span.Start;
            foreach (TextSpan piece in PiecesOf(text, block, from))
            {
                if (open is { } begun && piece.End - begun.Start > _max)
                    Close();
                open = open is { } current ? new(current.Start, piece.End - current.Start) : piece;
                openIsHeadings = isHeading;
                heading = block.Heading;
            }
        }

        Close();
        return chunks;

        void Close()
        {
            if (open is { } span)
                chunks.Add(new(text.Substring(span.Start, span.Length), span.Start, heading));
            open = null;
        }
    }

    /// <summary>A block in pieces that are each short enough, the first one counted from <paramref name="from"/>: whole, or its sentences (lines in code), or their words.</summary>
    private IEnumerable<TextSpan> PiecesOf(string text, TextBlock block, int from)
    {
        TextSpan span = block.Span;
        if (span.End - from <= _max)
            return [span];
        IEnumerable<TextSpan> parts = block.Kind == TextBlockKind.Code
            ? TextBlocks.LinesOf(text, span)
            : SentenceSplitter.Split(text.Substring(span.Start, span.Length)).Select(part => part with { Start = part.Start + span.Start });
        return parts.SelectMany((part, index) =>
        {
            int begin = index == 0 ? from : part.Start;
            return part.End - begin <= _max ? [part] : WordsOf(text, part, begin);
        });
    }

    private IEnumerable<TextSpan> WordsOf(string text, TextSpan span, int from)
    {
        int start = span.Start;
        for (int limit = from + _max; span.End > limit; limit = start + _max)
        {
            // A word may end exactly where the room ends.
            int end = Math.Max(start, limit);
            while (end > start && !char.IsWhiteSpace(text[end]))
                end--;
            if (end == start && limit < start + _max)
                continue; // no word fits behind the headings: begin anew
            if (end == start)
                end = limit - (char.IsHighSurrogate(text[limit - 1]) && char.IsLowSurrogate(text[limit]) ? 1 : 0);
            yield return new(start, text.AsSpan(start, end - start).TrimEnd().Length);
            start = end;
            while (char.IsWhiteSpace(text[start])) // the span ends with a visible character
                start++;
        }

        yield return new(start, span.End - start);
    }
}
