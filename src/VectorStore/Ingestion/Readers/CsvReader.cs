using System.Text;

namespace Polymodal.VectorStore.Ingestion;

/// <summary>Reads tables of values parted by commas, semicolons or tabs: each row is a paragraph of lines <c>column: value</c>, so that a passage holds whole rows and says what its values are.</summary>
/// <remarks>The first row names the columns. Values may be quoted (RFC 4180); the separator is the one the first row has most of. Empty values are left out.</remarks>
public sealed class CsvReader : IDocumentReader
{
    /// <inheritdoc/>
    public IReadOnlyCollection<string> Extensions { get; } = [".csv", ".tsv"];

    /// <inheritdoc/>
    public async Task<DocumentText> ReadAsync(Stream stream, CancellationToken cancellationToken = default)
    {
        string table = await DocumentReaders.TextOfAsync(stream, cancellationToken).ConfigureAwait(false);
        var text = new StringBuilder();
        string[]? columns = null;
        foreach (List<string> row in Rows(table))
        {
            if (columns is null)
            {
                columns = [.. row.Select(name => name.Trim())];
                continue;
            }

            int before = text.Length;
            for (int column = 0; column < row.Count; column++)
            {
                string value = string.Join(' ', row[column].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
                if (value.Length == 0)
                    continue;
                text.Append(text.Length > before ? "\n" : before > 0 ? "\n\n" : "");
                if (column < columns.Length && columns[column].Length > 0)
                    text.Append(columns[column]).Append(": ");
                text.Append(value);
            }
        }

        return new(text.ToString(), TextFormat.Plain);
    }

    private static IEnumerable<List<string>> Rows(string table)
    {
        char separator = SeparatorOf(table);
        var row = new List<string>();
        var value = new StringBuilder();
        bool isQuoted = false, wasQuoted = false;
        for (int place = 0; place <= table.Length; place++)
        {
            char c = place < table.Length ? table[place] : '\n';
            if (isQuoted && place < table.Length)
            {
                if (c != '"')
                    value.Append(c);
                else if (place + 1 < table.Length && table[place + 1] == '"')
                    value.Append(table[++place]);
                else
                    isQuoted = false;
            }
            else if (c == '"' && value.Length == 0 && !wasQuoted)
            {
                isQuoted = wasQuoted = true;
            }
            else if (c == separator || c is '\n' or '\r')
            {
                row.Add(value.ToString());
                value.Clear();
                wasQuoted = false;
                if (c == separator)
                    continue;
                if (row.Count > 1 || row[0].Length > 0)
                    yield return row;
                row = [];
            }
            else
            {
                value.Append(c);
            }
        }
    }

    private static char SeparatorOf(string table)
    {
        int end = table.AsSpan().IndexOfAny('\n', '\r');
        string first = end < 0 ? table : table[..end];
        return ",;\t".MaxBy(separator => first.AsSpan().Count(separator));
    }
}
