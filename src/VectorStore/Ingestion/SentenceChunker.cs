using System.Globalization;

namespace Polymodal.VectorStore.Ingestion;

/// <summary>Cuts a document into passages of so many sentences, each repeating the last ones of the passage before.</summary>
/// <remarks>A sentence that is longer than a passage may be is a passage of its own, cut between words. Safe for concurrent use.</remarks>
public sealed class SentenceChunker : IDocumentChunker
{
    private const int MostSentences = 1_000;

    private readonly int _sentences, _overlap, _maxCharacters;

    /// <summary>Creates a chunker.</summary>
    /// <param name="sentences">Most sentences of a passage; 1 to 1,000.</param>
    /// <param name="overlap">How many sentences a passage shares with the one before; at least 0 and less than <paramref name="sentences"/>.</param>
    /// <param name="maxCharacters">Most UTF-16 units of a passage, see <see cref="TextChunkerOptions.MaxCharacters"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public SentenceChunker(int sentences = 5, int overlap = 1, int maxCharacters = 900)
    {
        if (sentences is < 1 or > MostSentences)
            throw new ArgumentOutOfRangeException(nameof(sentences), sentences, $"sentences must be 1 to {MostSentences}.");
        if (overlap < 0 || overlap >= sentences)
            throw new ArgumentOutOfRangeException(nameof(overlap), overlap, $"overlap must be 0 to {sentences - 1}, less than sentences.");
        (_sentences, _overlap, _maxCharacters) = (sentences, overlap, new TextChunkerOptions { MaxCharacters = maxCharacters }.Validated().MaxCharacters);
    }

    /// <inheritdoc/>
    public string Signature => string.Create(CultureInfo.InvariantCulture, $"sentences {_sentences} {_overlap} {_maxCharacters}");

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<TextChunk>> ChunkAsync(string text, TextFormat format, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        TextSpan[] sentences = [.. SentencesOf(text, _maxCharacters)];
        var headings = new HeadingPath(text, format);
        var chunks = new List<TextChunk>();
        for (int first = 0; first < sentences.Length;)
        {
            int behind = first + 1;
            while (behind < sentences.Length && behind - first < _sentences && sentences[behind].End - sentences[first].Start <= _maxCharacters)
                behind++;
            chunks.Add(Chunk(text, sentences[first].Start, sentences[behind - 1].End, headings));
            if (behind == sentences.Length)
                break;
            // What is repeated must leave room for the next sentence.
            first = Math.Max(first + 1, behind - _overlap);
            while (first < behind && sentences[behind].End - sentences[first].Start > _maxCharacters)
                first++;
        }

        return new(chunks);
    }

    /// <summary>The sentences of a text; what is too long for a passage in pieces.</summary>
    internal static IEnumerable<TextSpan> SentencesOf(string text, int maxCharacters)
    {
        var pieces = new TextChunker(new() { MaxCharacters = maxCharacters });
        foreach (TextSpan sentence in SentenceSplitter.Split(text))
        {
            if (sentence.Length <= maxCharacters)
            {
                yield return sentence;
                continue;
            }

            foreach (TextChunk piece in pieces.Chunk(text.Substring(sentence.Start, sentence.Length), TextFormat.Plain))
                yield return new(sentence.Start + piece.Start, piece.Length);
        }
    }

    internal static TextChunk Chunk(string text, int start, int end, HeadingPath headings) => new(text[start..end], start, headings.At(start));
}
