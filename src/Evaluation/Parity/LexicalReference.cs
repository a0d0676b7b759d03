using System.Text.Json;
using Polymodal.VectorStore;

namespace Polymodal.Evaluation.Parity;

/// <summary>BM25 scores of a small corpus: those of SQLite's FTS5 are compared, other programs' formulas are not built.</summary>
internal sealed class LexicalReference(Reference reference)
{
    public static bool Reads(Reference reference) =>
        reference.Json.TryGetProperty("documents", out JsonElement documents) && documents.ValueKind == JsonValueKind.Array
        && reference.Json.TryGetProperty("cases", out JsonElement cases) && cases.EnumerateArray().All(json => json.TryGetProperty("fts5", out _));

    public IReadOnlyList<ParityCase> Cases() =>
    [
        .. reference.Json.GetProperty("cases").EnumerateArray().Select(json => new ParityCase(json.GetProperty("query").GetString()!, null, () => Compare(json))),
        ParityCase.Unsupported("stems and other formulas", "porter stems, rank_bm25 and bm25s are not built; built: FTS5's bm25 over unicode61"),
        ParityCase.Unsupported("columns", "a text has one column, without weights"),
    ];

    private ParityRow[] Compare(JsonElement json)
    {
        string query = json.GetProperty("query").GetString()!;
        TokenCounts[] texts = [.. reference.Json.GetProperty("documents").EnumerateArray().Select(text => new TokenCounts(text.GetString()!, LexicalTokenizer.Words))];
        var words = new Bm25(query, LexicalTokenizer.Words, texts);
        (int Row, double Score)[] ours = [.. texts.Select((text, row) => (Row: row, Score: words.Score(text))).Where(text => text.Score > 0).OrderByDescending(text => text.Score).ThenBy(text => text.Row)];
        JsonElement recorded = json.GetProperty("fts5");
        double[] scores = [.. recorded.GetProperty("bm25").EnumerateArray().Select(score => -score.GetDouble())];
        double largest = ours.Length == scores.Length ? ours.Zip(scores, (own, score) => Math.Abs(own.Score - score)).DefaultIfEmpty(0).Max() : double.NaN;
        return
        [
            Comparison.Integers(query, "rows", [.. ours.Select(text => (long)text.Row)], [.. recorded.GetProperty("rows").EnumerateArray().Select(row => row.GetInt64())]),
            new(query, "bm25", largest, null, largest <= reference.Json.GetProperty("tolerance").GetDouble() ? ParityVerdict.Pass : ParityVerdict.Fail),
        ];
    }
}
