namespace Polymodal.VectorStore.PostgreSql;

/// <summary>PostgreSQL's text has no NUL: it is written as U+0001 U+0001, and U+0001 as U+0001 U+0002.</summary>
internal static class PostgreSqlText
{
    private const string Mark = "\u0001", Nul = "\u0001\u0001", MarkItself = "\u0001\u0002";

    public static string? Written(string? text) =>
        text is null || !text.AsSpan().ContainsAny('\0', '\u0001') ? text : text.Replace(Mark, MarkItself, StringComparison.Ordinal).Replace("\0", Nul, StringComparison.Ordinal);

    public static string Read(string text) =>
        text.Contains('\u0001', StringComparison.Ordinal) ? text.Replace(Nul, "\0", StringComparison.Ordinal).Replace(MarkItself, Mark, StringComparison.Ordinal) : text;
}
