using System.IO.Compression;
using System.Text;
using System.Xml;

namespace Polymodal.VectorStore.Ingestion;

/// <summary>Reads Word documents (Office Open XML) as Markdown: paragraphs, headings by their outline style, list items, table rows. Pictures, comments, deleted text, footers and headers are left out.</summary>
/// <remarks>The file is a ZIP of XML; both are read with the framework's own readers, without external entities and at most 256 MB unpacked. ECMA-376, part 1, section 17.</remarks>
public sealed class DocxReader : IDocumentReader
{
    private const string Word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main", Core = "http://purl.org/dc/elements/1.1/";
    private const long MaxUnpacked = 256 << 20;

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Extensions { get; } = [".docx"];

    /// <inheritdoc/>
    public Task<DocumentText> ReadAsync(Stream stream, CancellationToken cancellationToken = default) => Task.Run(() =>
    {
        try
        {
            using var archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            if (archive.GetEntry("word/document.xml") is not { } document)
                throw new InvalidDataException("it holds no word/document.xml, so it is no Word document");
            Dictionary<string, int> levels = LevelsOf(archive);
            string text = TextOf(document, levels, cancellationToken);
            (string? title, string? author) = PropertiesOf(archive);
            title ??= TextBlocks.Of(text, TextFormat.Markdown).FirstOrDefault(block => block.Kind == TextBlockKind.Heading).Heading;
            return new DocumentText(text, TextFormat.Markdown, title) { Metadata = new() { ["author"] = author } };
        }
        catch (XmlException exception)
        {
            throw new InvalidDataException($"its XML is damaged: {exception.Message}", exception);
        }
    }, cancellationToken);

    private static string TextOf(ZipArchiveEntry entry, Dictionary<string, int> levels, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var paragraph = new StringBuilder();
        int level = 0, tables = 0, cell = 0;
        bool isItem = false;
        using XmlReader xml = Open(entry);
        while (xml.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (xml.NamespaceURI != Word)
                continue;
            bool begins = xml.NodeType == XmlNodeType.Element;
            switch (xml.LocalName)
            {
                case "tbl":
                    tables += begins ? 1 : -1;
                    break;
                case "tr" when begins:
                    cell = 0;
                    break;
                case "tc" when begins:
                    cell++;
                    break;
                case "p" when begins:
                    (level, isItem) = (0, false);
                    if (!xml.IsEmptyElement)
                        break;
                    goto case "p";
                case "p":
                    Close();
                    break;
                case "pStyle" when begins:
                    level = levels.GetValueOrDefault(xml.GetAttribute("val", Word) ?? "");
                    break;
                case "outlineLvl" when begins && int.TryParse(xml.GetAttribute("val", Word), out int outline) && outline is >= 0 and < 6:
                    level = outline + 1;
                    break;
                case "numPr" when begins:
                    isItem = true;
                    break;
                case "tab" or "br" when begins:
                    paragraph.Append(' ');
                    break;
                case "t" when begins && !xml.IsEmptyElement:
                    paragraph.Append(xml.Read() && xml.NodeType is XmlNodeType.Text or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace ? xml.Value : "");
                    break;
            }
        }

        return text.ToString();

        void Close()
        {
            string line = string.Join(' ', paragraph.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            paragraph.Clear();
            if (line.Length == 0)
                return;
            if (text.Length > 0)
                text.Append(tables > 0 ? cell > 1 ? " | " : "\n" : isItem ? "\n" : "\n\n");
            text.Append(tables > 0 ? "" : level > 0 ? new string('#', level) + " " : isItem ? "- " : "").Append(line);
        }
    }

    /// <summary>The outline level of each style, 1 to 6: from its definition, or from a name like "heading 2".</summary>
    private static Dictionary<string, int> LevelsOf(ZipArchive archive)
    {
        var levels = new Dictionary<string, int>(StringComparer.Ordinal);
        if (archive.GetEntry("word/styles.xml") is not { } entry)
            return levels;
        string style = "";
        using XmlReader xml = Open(entry);
        while (xml.Read())
        {
            if (xml.NodeType != XmlNodeType.Element || xml.NamespaceURI != Word)
                continue;
            string value = xml.GetAttribute("val", Word) ?? "";
            if (xml.LocalName == "style")
                style = xml.GetAttribute("styleId", Word) ?? "";
            else if (xml.LocalName == "name" && value.StartsWith("heading ", StringComparison.OrdinalIgnoreCase) && int.TryParse(value.AsSpan(8), out int named) && named is >= 1 and <= 6)
                levels[style] = named;
            else if (xml.LocalName == "name" && value.Equals("title", StringComparison.OrdinalIgnoreCase))
                levels[style] = 1;
            else if (xml.LocalName == "outlineLvl" && int.TryParse(value, out int outline) && outline is >= 0 and < 6)
                levels[style] = outline + 1;
        }

        return levels;
    }

    private static (string? Title, string? Author) PropertiesOf(ZipArchive archive)
    {
        string? title = null, author = null;
        if (archive.GetEntry("docProps/core.xml") is not { } entry)
            return (title, author);
        using XmlReader xml = Open(entry);
        while (!xml.EOF)
        {
            if (xml.NodeType == XmlNodeType.Element && xml.NamespaceURI == Core && xml.LocalName == "title")
                title = xml.ReadElementContentAsString().Trim();
            else if (xml.NodeType == XmlNodeType.Element && xml.NamespaceURI == Core && xml.LocalName == "creator")
                author = xml.ReadElementContentAsString().Trim();
            else
                xml.Read();
        }

        return (string.IsNullOrEmpty(title) ? null : title, string.IsNullOrEmpty(author) ? null : author);
    }

    // The stated length may lie: the characters that come out are counted too.
    private static XmlReader Open(ZipArchiveEntry entry) => entry.Length <= MaxUnpacked
        ? XmlReader.Create(entry.Open(), new() { CloseInput = true, DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = MaxUnpacked })
        : throw new InvalidDataException($"{entry.FullName} has {entry.Length} bytes unpacked; the limit is {MaxUnpacked}");
}
