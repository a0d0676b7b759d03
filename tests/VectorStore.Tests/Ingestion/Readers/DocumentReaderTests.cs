using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using Polymodal.VectorStore.Ingestion;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Fonts.Standard14Fonts;
using UglyToad.PdfPig.Writer;

namespace Polymodal.VectorStore.Tests.Ingestion.Readers;

public sealed class DocumentReaderTests
{
    private static Task<DocumentText> ReadAsync(IDocumentReader reader, byte[] content) => reader.ReadAsync(new MemoryStream(content));

    private static Task<DocumentText> ReadAsync(IDocumentReader reader, string content) => ReadAsync(reader, Encoding.UTF8.GetBytes(content));

    private static byte[] Docx(string body, string? styles = null, string? core = null)
    {
        const string Namespace = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"";
        using var file = new MemoryStream();
        using (var archive = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            void Add(string name, string content)
            {
                using var writer = new StreamWriter(archive.CreateEntry(name).Open());
                writer.Write(content);
            }

            Add("word/document.xml", $"<w:document {Namespace}><w:body>{body}</w:body></w:document>");
            if (styles is not null)
                Add("word/styles.xml", $"<w:styles {Namespace}>{styles}</w:styles>");
            if (core is not null)
                Add("docProps/core.xml", $"<c xmlns:dc=\"http://purl.org/dc/elements/1.1/\">{core}</c>");
        }

        return file.ToArray();
    }

    private static string Paragraph(string text, string properties = "") => $"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r></w:p>";

    [Theory]
    [InlineData("<p>One</p><p>Two &amp; &#228;&lt;b&gt;</p>", "One\n\nTwo & ä<b>")]
    [InlineData("<h1>Top</h1>text<h3 class='x > y'>Low</h3><p>a<br>b", "# Top\n\ntext\n\n### Low\n\na\nb")]
    [InlineData("a <b>bold</b>, <i>i</i>talic\n\n  spaced", "a bold, italic spaced")]
    [InlineData("<ul><li>one<li>two</ul>after", "- one\n- two\n\nafter")]
    [InlineData("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "| a | b\n| c")]
    [InlineData("<script>var x = '<p>no</p>';</script><style>p{}</style><!-- no --><p>yes</p><noscript>no</noscript>", "yes")]
    [InlineData("<head><title> My \n page </title><meta></head><body>x</body>", "x")]
    [InlineData("1 < 2 and 3 > 2, a<b", "1 < 2 and 3 > 2, a<b")]
    [InlineData("<pre>if x:\n    y</pre>", "```\nif x:\n    y\n```")]
    [InlineData("<p># no heading</p>", "# no heading")]
    [InlineData("", "")]
    [InlineData("<", "<")]
    [InlineData("<!-- no end", "")]
    [InlineData("<!DOCTYPE html><p>x", "x")]
    public async Task Html_is_what_a_person_reads(string html, string expected) =>
        Assert.Equal(expected, (await ReadAsync(new HtmlReader(), html)).Text.Trim());

    [Fact]
    public async Task Html_has_its_title_or_first_heading()
    {
        Assert.Equal("My page & more", (await ReadAsync(new HtmlReader(), "<title> My\n page &amp; more</title><h1>Other</h1>")).Title);
        Assert.Equal("Other", (await ReadAsync(new HtmlReader(), "<h2>Other</h2>")).Title);
        Assert.Null((await ReadAsync(new HtmlReader(), "text")).Title);
    }

    [Fact]
    public async Task Html_of_any_kind_is_read_in_linear_time()
    {
        foreach (string piece in (string[])["<", "<p", "<p>", "<a href=\"", "&", "<!--", "</", "<script>", "x ", "<li>", "<td>", "<a href=\"x>"])
        {
            var watch = Stopwatch.StartNew();
            await ReadAsync(new HtmlReader(), string.Concat(Enumerable.Repeat(piece, 200_000 / piece.Length)));
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"'{piece}' took {watch.Elapsed}"); // quadratic work would take hours
        }
    }

    [Theory]
    [InlineData("name,age\nAnn,5\n\"Bob, \"\"B\"\"\",\"7\n8\"\n", "name: Ann\nage: 5\n\nname: Bob, \"B\"\nage: 7 8")]
    [InlineData("name;note\r\nAnn;1,5\r\n;\r\n", "name: Ann\nnote: 1,5")]
    [InlineData("a\tb\n1\t2\t3\n", "a: 1\nb: 2\n3")]
    [InlineData("only,a,header", "")]
    [InlineData("", "")]
    [InlineData("a,b\n\"no end,1\n2,3", "a: no end,1 2,3")]
    public async Task Rows_of_a_table_are_paragraphs_that_name_their_columns(string csv, string expected) =>
        Assert.Equal(expected, (await ReadAsync(new CsvReader(), csv)).Text);

    [Theory]
    [InlineData("""[{"a": 1, "b": {"c": "x\ny", "d": [true, null, "z"]}}, {"a": 2.50}]""", "a: 1\nb.c: x y\nb.d: true\nb.d: z\n\na: 2.50")]
    [InlineData("{\"a\": 1}\n{\"a\": 2}\n", "a: 1\n\na: 2")]
    [InlineData("\"text\"", "text")]
    [InlineData("", "")]
    public async Task Members_of_json_are_lines_with_their_paths(string json, string expected) =>
        Assert.Equal(expected, (await ReadAsync(new JsonReader(), json)).Text);

    [Fact]
    public async Task Broken_json_names_the_line() =>
        Assert.Contains("line 2", (await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(new JsonReader(), "{\"a\": 1,\n\"b\": }"))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_word_document_keeps_headings_items_and_tables()
    {
        string body = Paragraph("Guide", "<w:pStyle w:val=\"Kop1\"/>") + Paragraph("Some") + "<w:p><w:r><w:t>split </w:t></w:r><w:r><w:t>runs</w:t><w:tab/><w:t>&amp; tab</w:t></w:r></w:p><w:p/>"
            + Paragraph("Part", "<w:outlineLvl w:val=\"1\"/>") + Paragraph("one", "<w:numPr/>") + Paragraph("two", "<w:numPr/>")
            + $"<w:tbl><w:tr><w:tc>{Paragraph("a")}</w:tc><w:tc>{Paragraph("b")}</w:tc></w:tr><w:tr><w:tc>{Paragraph("c")}</w:tc></w:tr></w:tbl>" + Paragraph("end")
            + "<w:p><w:del><w:r><w:delText>deleted</w:delText></w:r></w:del></w:p>";
        DocumentText read = await ReadAsync(new DocxReader(), Docx(body, "<w:style w:styleId=\"Kop1\"><w:name w:val=\"heading 1\"/></w:style>", "<dc:title>T</dc:title><dc:creator>Ann</dc:creator>"));

        Assert.Equal("# Guide\n\nSome\n\nsplit runs & tab\n\n## Part\n- one\n- two\na | b\nc\n\nend", read.Text);
        Assert.Equal(("T", TextFormat.Markdown, "Ann"), (read.Title, read.Format, (string?)read.Metadata["author"]));
        Assert.Equal("Guide", (await ReadAsync(new DocxReader(), Docx(body, "<w:style w:styleId=\"Kop1\"><w:name w:val=\"heading 1\"/></w:style>"))).Title);
    }

    [Fact]
    public async Task What_is_no_word_document_or_damaged_is_refused()
    {
        byte[] whole = Docx(Paragraph("x"));
        foreach (byte[] bad in (byte[][])[[], "no zip"u8.ToArray(), whole[..^30], Docx("<w:p>"), Docx("<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><w:p>&e;</w:p>")])
            await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(new DocxReader(), bad));
        using var other = new MemoryStream();
        using (var archive = new ZipArchive(other, ZipArchiveMode.Create, leaveOpen: true))
            archive.CreateEntry("x");
        Assert.Contains("no word/document.xml", (await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(new DocxReader(), other.ToArray()))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pdf_is_read_block_by_block()
    {
        var builder = new PdfDocumentBuilder();
        builder.DocumentInformation.Title = "Report";
        PdfDocumentBuilder.AddedFont font = builder.AddStandard14Font(Standard14Font.Helvetica);
        PdfPageBuilder page = builder.AddPage(PageSize.A4);
        page.AddText("The first paragraph", 12, new PdfPoint(50, 780), font);
        page.AddText("goes on here.", 12, new PdfPoint(50, 766), font);
        page.AddText("A second one stands below.", 12, new PdfPoint(50, 600), font);
        builder.AddPage(PageSize.A4).AddText("The next page.", 12, new PdfPoint(50, 780), font);

        DocumentText read = await ReadAsync(new PdfReader(), builder.Build());

        Assert.Equal("The first paragraph\ngoes on here.\n\nA second one stands below.\n\nThe next page.", read.Text);
        Assert.Equal(("Report", 2L), (read.Title, (long)read.Metadata["pages"]));
    }

    [Fact]
    public async Task A_damaged_pdf_is_refused()
    {
        foreach (byte[] bad in (byte[][])[[], "no pdf"u8.ToArray(), "%PDF-1.7\n1 0 obj <<"u8.ToArray()])
            await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(new PdfReader(), bad));
    }
}
