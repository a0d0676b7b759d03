using System.Text;
using Polymodal.VectorStore.Ingestion;

namespace Polymodal.VectorStore.Tests.Ingestion;

public sealed class FolderSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private void Write(string path, byte[] content)
    {
        string file = _folder.File(path.Split('/'));
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, content);
    }

    private void Write(string path, string content) => Write(path, Encoding.UTF8.GetBytes(content));

    [Fact]
    public async Task Text_files_come_in_ordinal_order_with_paths_as_ids()
    {
        foreach (string path in (string[])["b.txt", "B.md", "a/z.md", "a/b/c.TXT", "a.txt", "ä 😀.md", "empty.txt", "image.png", "noextension", ".hidden.md", ".git/x.md", "a/.obsidian/y.txt"])
            Write(path, path.StartsWith("empty", StringComparison.Ordinal) ? "" : $"# Title of {path}\ntext");
        if (!OperatingSystem.IsWindows())
            Directory.CreateSymbolicLink(_folder.File("a", "loop"), _folder.Path);
        var skipped = new List<SkippedFile>();

        List<SourceDocument> documents = await new FolderSource(_folder.Path).ReadAsync(skipped.Add).ToListAsync();

        Assert.Equal(["B.md", "a.txt", "a/b/c.TXT", "a/z.md", "b.txt", "empty.txt", "ä 😀.md"], documents.Select(document => document.Id));
        Assert.Equal(["Title of B.md", "a", "c", "Title of a/z.md", "b", "empty", "Title of ä 😀.md"], documents.Select(document => document.Title));
        Assert.Equal([TextFormat.Markdown, TextFormat.Plain], documents.Take(2).Select(document => document.Format));
        Assert.Empty(skipped);
    }

    [Fact]
    public async Task Byte_order_marks_are_honoured_and_invalid_bytes_replaced()
    {
        Write("1.txt", [0xEF, 0xBB, 0xBF, .. "é"u8]);
        Write("2.txt", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("é😀")]);
        Write("3.txt", [(byte)'a', 0xFF, 0xC3, (byte)'b', 0]);

        Assert.Equal(["é", "é😀", "a\uFFFD\uFFFDb\0"], (await new FolderSource(_folder.Path).ReadAsync().ToListAsync()).Select(document => document.Text));
    }

    [Fact]
    public async Task A_file_over_the_limit_is_skipped_with_the_reason()
    {
        Write("large.txt", new string('x', 101));
        Write("small.txt", new string('x', 100));
        var skipped = new List<SkippedFile>();

        List<SourceDocument> documents = await new FolderSource(_folder.Path, new() { MaxFileBytes = 100 }).ReadAsync(skipped.Add).ToListAsync();

        Assert.Equal("small.txt", Assert.Single(documents).Id);
        SkippedFile large = Assert.Single(skipped);
        Assert.Equal("large.txt", large.Id);
        Assert.Contains("101", large.Reason, StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task A_file_that_cannot_be_read_is_there_without_its_text_and_with_the_reason()
    {
        File.CreateSymbolicLink(_folder.File("broken.md"), _folder.File("nowhere"));
        Write("good.md", "x");
        var skipped = new List<SkippedFile>();

        List<SourceDocument> documents = await new FolderSource(_folder.Path).ReadAsync(skipped.Add).ToListAsync();

        Assert.Equal([("broken.md", true), ("good.md", false)], documents.Select(document => (document.Id, document.IsUnreadable)));

        Assert.Equal("broken.md", Assert.Single(skipped).Id);
    }

    [Fact]
    public async Task A_folder_that_is_missing_or_a_file_is_an_error_that_names_it()
    {
        Write("file.txt", "x");
        foreach (string path in (string[])[_folder.File("missing"), _folder.File("file.txt")])
        {
            IOException error = await Assert.ThrowsAsync<IOException>(() => new FolderSource(path).ReadAsync().ToListAsync());
            Assert.Contains($"'{path}'", error.Message, StringComparison.Ordinal);
            Assert.NotNull(error.InnerException);
        }

        Assert.Throws<ArgumentException>(() => new FolderSource(" "));
        Assert.Equal("MaxFileBytes", Assert.Throws<ArgumentOutOfRangeException>(() => new FolderSource("x", new() { MaxFileBytes = 0 })).ParamName);
    }
}
