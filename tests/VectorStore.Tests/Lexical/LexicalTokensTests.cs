using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Polymodal.VectorStore.Tests.Lexical;

/// <summary>Tokens are those of the SQLite of the build, character by character.</summary>
public sealed class LexicalTokensTests : IDisposable
{
    private readonly SqliteConnection _database = new("Data Source=:memory:");

    static LexicalTokensTests() => Batteries_V2.Init();

    public LexicalTokensTests() => _database.Open();

    public void Dispose() => _database.Dispose();

    [Theory, InlineData(LexicalTokenizer.Words, "unicode61"), InlineData(LexicalTokenizer.Trigrams, "trigram")]
    public void Every_code_point_is_cut_as_by_SQLite(LexicalTokenizer tokenizer, string name)
    {
        string[] texts = [.. Enumerable.Range(1, 0x10FFFF).Where(c => c is not (>= 0xD800 and < 0xE000 or 0xFFFE or 0xFFFF)).Select(c => $"a{char.ConvertFromUtf32(c)}b")];

        string[][] expected = SqliteTokens(texts, name);

        Assert.Equal(texts.Length, expected.Count(tokens => tokens.Length > 0));
        for (int i = 0; i < texts.Length; i++)
        {
            if (!LexicalTokens.Of(texts[i], tokenizer).SequenceEqual(expected[i]))
                Assert.Fail($"U+{char.ConvertToUtf32(texts[i], 1):X4}: {string.Join('|', LexicalTokens.Of(texts[i], tokenizer))}, SQLite {string.Join('|', expected[i])}");
        }
    }

    [Theory, InlineData(LexicalTokenizer.Words, "unicode61"), InlineData(LexicalTokenizer.Trigrams, "trigram")]
    public void Texts_are_cut_as_by_SQLite(LexicalTokenizer tokenizer, string name)
    {
        string[] texts =
        [
            "", " ", "ab", "abc", "The QUICK brown-fox's 3.14 naïve Ångström ệ e\u0301le\u0301phant \u0301x", "日本語のテキスト", "İstanbul ẞ ß ſ ς Σ µ", "😀😀😀 a😀b", "x\u0301\u0301y",
            "\u0301\u0301", "don't \"quote\" AND (NOT) a* c++ C#", "한국어 조선말", "ﬁne Ⅻ ½ ²", "a\u200Db\u00ADc\uFEFFd",
        ];

        string[][] expected = SqliteTokens(texts, name);

        for (int i = 0; i < texts.Length; i++)
            Assert.Equal(expected[i], LexicalTokens.Of(texts[i], tokenizer));
    }

    private string[][] SqliteTokens(string[] texts, string tokenizer)
    {
        Execute($"CREATE VIRTUAL TABLE t USING fts5(x, tokenize='{tokenizer}'); CREATE VIRTUAL TABLE v USING fts5vocab('t', 'instance');");
        using (SqliteTransaction transaction = _database.BeginTransaction())
        {
            using SqliteCommand insert = _database.CreateCommand();
            insert.CommandText = "INSERT INTO t (rowid, x) VALUES (@row, @text)";
            SqliteParameter row = insert.Parameters.Add("@row", SqliteType.Integer), text = insert.Parameters.Add("@text", SqliteType.Text);
            for (int i = 0; i < texts.Length; i++)
            {
                row.Value = i;
                text.Value = texts[i];
                insert.ExecuteNonQuery();
            }

            transaction.Commit();
        }

        List<(long Offset, string Term)>[] found = [.. texts.Select(_ => new List<(long, string)>(2))];
        using SqliteCommand select = _database.CreateCommand();
        select.CommandText = "SELECT doc, offset, term FROM v";
        using SqliteDataReader reader = select.ExecuteReader();
        while (reader.Read())
            found[reader.GetInt64(0)].Add((reader.GetInt64(1), reader.GetString(2)));
        return [.. found.Select(terms => terms.OrderBy(term => term.Offset).Select(term => term.Term).ToArray())];
    }

    private void Execute(string sql)
    {
        using SqliteCommand command = _database.CreateCommand();
#pragma warning disable CA2100 // constants of this class
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
