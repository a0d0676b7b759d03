using System.Globalization;

namespace Polymodal.VectorStore.Ingestion;

/// <summary>Cuts a document into passages of so many tokens of a model, each repeating the end of the one before.</summary>
/// <remarks>A passage ends between two words where there is a border among its tokens. Under Markdown a passage knows the headings it begins under. Safe for concurrent use when the tokenizer is.</remarks>
public sealed class TokenChunker : IDocumentChunker
{
    private const int LargestTokens = 100_000, MostWithoutToken = 1_000;

    private readonly Func<string, IReadOnlyList<TextSpan>> _tokensOf;
    private readonly int _tokens, _overlap;
    private readonly string _tokenizer;

    /// <summary>Creates a chunker.</summary>
    /// <param name="tokensOf">The places of a text's tokens, in order, without special tokens.</param>
    /// <param name="tokenizer">Names the tokenizer, for <see cref="Signature"/>.</param>
    /// <param name="tokens">Most tokens of a passage; 8 to 100,000. Leave room for the model's special tokens and the headings that are embedded with a passage.</param>
    /// <param name="overlap">How many tokens a passage shares with the one before; at least 0, at most half of <paramref name="tokens"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public TokenChunker(Func<string, IReadOnlyList<TextSpan>> tokensOf, string tokenizer, int tokens = 200, int overlap = 20)
    {
        ArgumentNullException.ThrowIfNull(tokensOf);
        ArgumentNullException.ThrowIfNull(tokenizer);
        if (tokens is < 8 or > LargestTokens)
            throw new ArgumentOutOfRangeException(nameof(tokens), tokens, $"tokens must be 8 to {LargestTokens}.");
        if (overlap < 0 || overlap > tokens / 2)
            throw new ArgumentOutOfRangeException(nameof(overlap), overlap, $"overlap must be 0 to {tokens / 2}, half of tokens.");
        (_tokensOf, _tokenizer, _tokens, _overlap) = (tokensOf, tokenizer, tokens, overlap);
    }

    /// <inheritdoc/>
    public string Signature => string.Create(CultureInfo.InvariantCulture, $"tokens {_tokenizer} {_tokens} {_overlap}");

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The tokenizer leaves out the end of a text, as one does that truncates.</exception>
    public ValueTask<IReadOnlyList<TextChunk>> ChunkAsync(string text, TextFormat format, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        TextSpan[] tokens = [.. _tokensOf(text).Where(token => token.Length > 0)];
        if (text.Length - (tokens.Length == 0 ? 0 : tokens[^1].End) is > MostWithoutToken and int rest && text.AsSpan(text.Length - rest).TrimEnd().Length > MostWithoutToken)
            throw new InvalidOperationException($"the tokenizer gave no token for the last {rest} of {text.Length} characters. Turn its truncation off.");
        var headings = new HeadingPath(text, format);
        var chunks = new List<TextChunk>();
        for (int first = 0, before = 0; first < tokens.Length;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int end = Math.Min(first + _tokens, tokens.Length);
            if (end < tokens.Length)
                end = WordBorder(text, tokens, Math.Max(first + (_tokens / 2), before), end);
            int start = tokens[first].Start;
            string passage = text[start..tokens[end - 1].End];
            int blank = passage.Length - passage.TrimStart().Length;
            if (passage.Trim() is { Length: > 0 } visible)
                chunks.Add(new(visible, start + blank, headings.At(start + blank)));
            if (end == tokens.Length)
                break;
            before = end;
            first = Math.Max(first + 1, FirstWord(text, tokens, end - _overlap, end));
        }

        return new(chunks);
    }

    // The last token up to the end that begins a word; the end itself when there is none behind the least.
    private static int WordBorder(string text, TextSpan[] tokens, int least, int end)
    {
        for (int place = end; place > least; place--)
        {
            if (BeginsWord(text, tokens[place]))
                return place;
        }

        return end;
    }

    private static int FirstWord(string text, TextSpan[] tokens, int least, int end)
    {
        for (int place = least; place < end; place++)
        {
            if (BeginsWord(text, tokens[place]))
                return place;
        }

        return end;
    }

    private static bool BeginsWord(string text, TextSpan token) =>
        char.IsWhiteSpace(text[token.Start]) || (token.Start > 0 && char.IsWhiteSpace(text[token.Start - 1]));
}
