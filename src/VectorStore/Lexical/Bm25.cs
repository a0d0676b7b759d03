namespace Polymodal.VectorStore;

/// <summary>The tokens of one text, counted.</summary>
internal sealed class TokenCounts
{
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    public TokenCounts(string text, LexicalTokenizer tokenizer)
    {
        foreach (string token in LexicalTokens.Of(text, tokenizer))
        {
            _counts[token] = Of(token) + 1;
            Length++;
        }
    }

    /// <summary>How many tokens the text has.</summary>
    public int Length { get; }

    /// <summary>How often a token occurs.</summary>
    public int Of(string token) => _counts.GetValueOrDefault(token);
}

/// <summary>Scores texts against a query as SQLite's FTS5 does, with the sign turned: higher is better.</summary>
/// <remarks>Reference: the formula of evaluation/lexical-search in the recorded references ("fts5"), and sqlite.org/fts5.html, section "The bm25() function".</remarks>
internal sealed class Bm25
{
    /// <summary>How fast repeating a token stops to matter, and how much the length of a text does.</summary>
    public const double K1 = 1.2, B = 0.75;

    private const double SmallestIdf = 1e-6;

    private readonly string[] _tokens;

    /// <summary>Prepares a query.</summary>
    /// <param name="query">Words.</param>
    /// <param name="tokenizer">How they are cut.</param>
    /// <param name="texts">All texts of the collection; read once.</param>
    public Bm25(string query, LexicalTokenizer tokenizer, IEnumerable<TokenCounts> texts)
    {
        _tokens = [.. LexicalTokens.Of(query, tokenizer)];
        var having = new long[_tokens.Length];
        long count = 0, length = 0;
        foreach (TokenCounts text in texts)
        {
            count++;
            length += text.Length;
            for (int i = 0; i < _tokens.Length; i++)
                having[i] += text.Of(_tokens[i]) > 0 ? 1 : 0;
        }

        (AverageLength, Idf) = (Average(length, count), IdfOf(having, count));
    }

    /// <summary>Prepares a query whose statistics another has counted.</summary>
    /// <param name="tokens">The query's tokens, in order.</param>
    /// <param name="count">How many texts there are.</param>
    /// <param name="length">How many tokens they have together.</param>
    /// <param name="having">How many texts have each token.</param>
    public Bm25(string[] tokens, long count, long length, long[] having) =>
        (_tokens, AverageLength, Idf) = (tokens, Average(length, count), IdfOf(having, count));

    /// <summary>How many tokens a text has on average.</summary>
    public double AverageLength { get; }

    /// <summary>The weight of each token.</summary>
    public IReadOnlyList<double> Idf { get; }

    /// <summary>The score of a text; 0 when it has no token of the query, else above 0.</summary>
    public double Score(TokenCounts text)
    {
        double score = 0;
        for (int i = 0; i < _tokens.Length; i++)
        {
            int count = text.Of(_tokens[i]);
            if (count > 0)
                score += Idf[i] * (count * (K1 + 1)) / (count + K1 * (1 - B + B * text.Length / AverageLength));
        }

        return score;
    }

    private static double Average(long length, long count) => (double)length / count;

    private static double[] IdfOf(long[] having, long count) =>
        [.. having.Select(n => Math.Log((count - n + 0.5) / (n + 0.5))).Select(idf => idf > 0 ? idf : SmallestIdf)];
}
