using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Polymodal.VectorStore.PostgreSql;

/// <summary>Word search: the columns <c>words</c> (the tokens of a text, each once), <c>counts</c> (how often each occurs) and <c>length</c> (all of them), scored by BM25 in the server.</summary>
/// <remarks>PostgreSQL's own tsvector is not used: it keeps at most 256 places of a word, 16,383 places and 1 MB of a text, so that scores would not be those of the other backends.</remarks>
internal static class PostgreSqlWords
{
    private const int LongestToken = 500; // in UTF-16 units; an index entry has at most 2,700 bytes

    /// <summary>The tokens of a text as they are stored: a very long one as its hash.</summary>
    public static IEnumerable<string> TokensOf(string text, LexicalTokenizer tokenizer) => LexicalTokens.Of(text, tokenizer).Select(token =>
        token.Length <= LongestToken ? token : Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)))); // upper case: no token of its own has that

    /// <summary>The three columns of a text; null without a text.</summary>
    public static (string[]? Words, int[]? Counts, int? Length) ColumnsOf(string? text, LexicalTokenizer tokenizer)
    {
        if (text is null)
            return (null, null, null);
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        int length = 0;
        foreach (string token in TokensOf(text, tokenizer))
        {
            counts[token] = counts.GetValueOrDefault(token) + 1;
            length++;
        }

        return ([.. counts.Keys], [.. counts.Values], length);
    }

    /// <summary>Finds the best records; all in the state of the connection's transaction.</summary>
    public static async Task<VectorSearchResult> SearchAsync(NpgsqlConnection connection, PostgreSqlTable table, string query, VectorSearchOptions options, CancellationToken cancellationToken)
    {
        string[] tokens = [.. TokensOf(query, table.Definition.Tokenizer)];
        if (tokens.Length == 0)
            return new([]);
        string[] different = [.. tokens.Distinct(StringComparer.Ordinal)];
        Bm25 scores = await StatisticsAsync(connection, table, tokens, different, cancellationToken).ConfigureAwait(false);

        var statement = new PostgreSqlStatement();
        string anyToken = statement.Add(different);
        string average = statement.Add(scores.AverageLength);
        string[] frequencies = [.. different.Select((token, i) => $"coalesce(r.counts[array_position(r.words, {statement.Add(token)})], 0)::float8 AS f{i}")];
        // The sum in the order of the query's tokens, as Bm25.Score has it, so that rounding is the same.
        string sum = string.Join(" + ", tokens.Select((token, i) => $"CASE WHEN f{Array.IndexOf(different, token)} = 0 THEN 0::float8 ELSE {statement.Add(scores.Idf[i])} * (f{Array.IndexOf(different, token)} * {Number(Bm25.K1 + 1)}) / (f{Array.IndexOf(different, token)} + {Number(Bm25.K1)} * ({Number(1 - Bm25.B)} + {Number(Bm25.B)} * length / {average})) END"));
        string? condition = PostgreSqlFilter.ToSql(options.Filter, table.Definition.Tokenizer, statement);
        string least = options.MinScore is { } bound ? $" WHERE score >= {statement.Add((double)bound)}::real" : "";
        string sql = $"""
            WITH counted AS (SELECT r.key, r.id, r.length::float8 AS length, {string.Join(", ", frequencies)} FROM {table.Name} r WHERE r.words && {anyToken}{(condition is null ? "" : $" AND {condition}")}),
            scored AS (SELECT key, id, ({sum})::real AS score FROM counted),
            best AS (SELECT key, id, score FROM scored{least} ORDER BY score DESC, id LIMIT {statement.Add((long)options.K)} OFFSET {statement.Add((long)options.Offset)})
            SELECT {table.Columns("r")}, best.score FROM best JOIN {table.Name} r ON r.key = best.key ORDER BY best.score DESC, best.id
            """;
        var found = new List<VectorMatch>();
        NpgsqlCommand command = statement.On(connection, sql);
        await using (command.ConfigureAwait(false))
        {
            NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                    found.Add(new(table.Read(reader), reader.GetFloat(table.ColumnCount)));
            }
        }

        return new(found);
    }

    private static async Task<Bm25> StatisticsAsync(NpgsqlConnection connection, PostgreSqlTable table, string[] tokens, string[] different, CancellationToken cancellationToken)
    {
        var statement = new PostgreSqlStatement();
        string having = string.Join(", ", different.Select(token => $"(SELECT count(*) FROM {table.Name} WHERE words @> ARRAY[{statement.Add(token)}])"));
        NpgsqlCommand command = statement.On(connection, $"SELECT count(length), coalesce(sum(length), 0)::bigint, {having} FROM {table.Name}");
        await using (command.ConfigureAwait(false))
        {
            NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                return new(tokens, reader.GetInt64(0), reader.GetInt64(1), [.. tokens.Select(token => reader.GetInt64(2 + Array.IndexOf(different, token)))]);
            }
        }
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture) + "::float8";
}
