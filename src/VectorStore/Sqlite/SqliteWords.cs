using System.Text;

namespace Polymodal.VectorStore.Sqlite;

/// <summary>The words of a collection's texts in an FTS5 table of its own, so that its statistics are the collection's.</summary>
/// <remarks>
/// FTS5 keeps the index and scores; the tokens are those of <see cref="LexicalTokens"/>, written out one by one for FTS5's plainest
/// tokenizer to part again: so every backend finds the same words. The text itself is not stored a second time.
/// </remarks>
internal static class SqliteWords
{
    /// <summary>Creates the table.</summary>
    public static void Create(SqliteSession session, SqliteCollectionRow collection) =>
        session.Script($"CREATE VIRTUAL TABLE {collection.Words} USING fts5(text, content='', contentless_delete=1, tokenize='ascii')");

    /// <summary>Adds a record's text.</summary>
    public static void Add(SqliteSession session, SqliteCollectionRow collection, long record, string text)
    {
        var tokens = new StringBuilder(text.Length);
        foreach (string token in LexicalTokens.Of(text, collection.Definition.Tokenizer))
            Append(tokens, token).Append(' ');
        session.Execute($"INSERT INTO {collection.Words} (rowid, text) VALUES (?, ?)", record, tokens.ToString());
    }

    /// <summary>Removes a record's text.</summary>
    public static void Remove(SqliteSession session, SqliteCollectionRow collection, long record) =>
        session.Execute($"DELETE FROM {collection.Words} WHERE rowid = ?", record);

    /// <summary>The records that share a token with a query, with their BM25 scores, higher is better.</summary>
    public static List<(long Record, float Score)> Search(SqliteSession session, SqliteCollectionRow collection, string query, CancellationToken cancellationToken)
    {
        var found = new List<(long, float)>();
        if (Match(query, collection.Definition.Tokenizer, " OR ", distinct: false) is not { } match)
            return found;
        using SqliteStatement row = session.Use($"SELECT rowid, -bm25({collection.Words}) FROM {collection.Words} WHERE {collection.Words} MATCH ?", match);
        while (row.Step())
        {
            cancellationToken.ThrowIfCancellationRequested();
            found.Add((row.Number(0), (float)row.Real(1)));
        }

        return found;
    }

    /// <summary>The keys of records that have all tokens of some words.</summary>
    public static List<long> WithAll(SqliteSession session, SqliteCollectionRow collection, string words)
    {
        var found = new List<long>();
        if (Match(words, collection.Definition.Tokenizer, " AND ", distinct: true) is not { } match)
            return found;
        using SqliteStatement row = session.Use($"SELECT rowid FROM {collection.Words} WHERE {collection.Words} MATCH ?", match);
        while (row.Step())
            found.Add(row.Number(0));
        return found;
    }

    private static string? Match(string query, LexicalTokenizer tokenizer, string joint, bool distinct)
    {
        IEnumerable<string> tokens = LexicalTokens.Of(query, tokenizer);
        var match = new StringBuilder();
        foreach (string token in distinct ? tokens.Distinct(StringComparer.Ordinal) : tokens)
            Append(match.Append(match.Length > 0 ? joint : "").Append('"'), token).Append('"');
        return match.Length > 0 ? match.ToString() : null;
    }

    // FTS5's ascii tokenizer parts at everything in ASCII but letters and digits; a token with such characters is written in hexadecimal digits.
    private static StringBuilder Append(StringBuilder text, string token) =>
        token.All(c => char.IsAsciiLetterOrDigit(c) || !char.IsAscii(c))
            ? text.Append('t').Append(token)
            : text.Append('x').Append(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(token)));
}
