using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;

namespace Polymodal.Samples.RagDemo.Tests;

public sealed partial class ProcessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_port_in_use_is_named_with_the_option_that_changes_it()
    {
        _folder.Write("note.txt", "A note.");
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;

        await RefusedAsync([$"{port}", "in use", "--port"], "--folder", _folder.Documents, "--database", _folder.Database, "--port", $"{port}");
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("https://127.0.0.1:0")]
    [InlineData("http://192.0.2.1:5080")]
    public async Task An_address_where_it_cannot_listen_is_named(string address)
    {
        _folder.Write("note.txt", "A note.");
        await RefusedAsync([address, "--urls"], "--folder", _folder.Documents, "--database", _folder.Database, "--urls", address);
    }

    [Fact]
    public Task A_folder_that_is_not_there_is_named() =>
        RefusedAsync(["nowhere", "Check the path"], "--folder", _folder.PathOf("nowhere"), "--database", _folder.Database, "--port", "0");

    [Fact]
    public async Task A_folder_without_text_is_named_and_other_files_do_not_count()
    {
        _folder.Write("picture.png", "not text");
        await RefusedAsync([_folder.Documents, "Markdown", "HTML", "Word", "--folder"], "--folder", _folder.Documents, "--database", _folder.Database, "--port", "0");
    }

    [Fact]
    public Task An_unknown_option_is_named() => RefusedAsync(["--colour", "--help"], "--colour");

    [Fact]
    public async Task A_file_that_is_no_database_is_left_as_it_is()
    {
        _folder.Write("note.txt", "A note.");
        string letter = string.Concat(Enumerable.Repeat("This is a letter, not a database. ", 100));
        await File.WriteAllTextAsync(_folder.Database, letter);

        await RefusedAsync([_folder.Database, "not a SQLite database"], "--folder", _folder.Documents, "--database", _folder.Database, "--port", "0");
        Assert.Equal(letter, await File.ReadAllTextAsync(_folder.Database));
    }

    [Fact]
    public async Task The_database_of_another_program_is_left_as_it_is()
    {
        _folder.Write("note.txt", "A note.");
        await using (var connection = new SqliteConnection($"Data Source={_folder.Database};Pooling=False"))
        {
            await connection.OpenAsync();
            await using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE letters (body TEXT); INSERT INTO letters VALUES ('dear all')";
            await command.ExecuteNonQueryAsync();
        }

        byte[] before = await File.ReadAllBytesAsync(_folder.Database);
        await RefusedAsync([_folder.Database], "--folder", _folder.Documents, "--database", _folder.Database, "--port", "0");
        Assert.Equal(before, await File.ReadAllBytesAsync(_folder.Database));
    }

    [Fact]
    public async Task A_damaged_database_is_named()
    {
        _folder.WritePassages("notes.md", 100, words: 5);
        await IndexAllAsync();
        await using (FileStream file = File.OpenWrite(_folder.Database))
        {
            byte[] noise = new byte[file.Length - 4096];
            new Random(1).NextBytes(noise);
            file.Position = 4096; // the first page, with the schema, stays
            await file.WriteAsync(noise);
        }

        await RefusedAsync([_folder.Database, "damaged"], "--folder", _folder.Documents, "--database", _folder.Database, "--port", "0");
    }

    [LinuxFact]
    public async Task A_database_folder_that_cannot_be_written_is_named()
    {
        _folder.Write("note.txt", "A note.");
        // Nobody may create a file there, the administrator neither.
        await RefusedAsync(["/proc/self/ragdemo.db"], "--folder", _folder.Documents, "--database", "/proc/self/ragdemo.db", "--port", "0");
    }

    [Fact]
    public async Task A_database_at_its_limit_says_so_and_keeps_what_it_has()
    {
        _folder.WritePassages("notes.md", 1_000, words: 1);
        string[] args = ["--folder", _folder.Documents, "--database", _folder.Database, "--port", "0"];
        await RefusedAsync([_folder.Database, "limit"], [.. args, "--max-database-bytes", "1048576"]);

        // With room enough the rest is added to what was kept.
        int embedded = await IndexAllAsync();
        Assert.InRange(embedded, 1, 900);
    }

    [Fact]
    public async Task Without_its_model_the_demo_says_what_to_add()
    {
        _folder.Write("note.txt", "A note.");
        string program = _folder.PathOf("program");
        foreach (string file in Directory.EnumerateFiles(DemoProcess.ProgramFolder, "*", SearchOption.AllDirectories))
        {
            string name = Path.GetRelativePath(DemoProcess.ProgramFolder, file);
            if (name.StartsWith("models", StringComparison.Ordinal) || name.StartsWith(".playwright", StringComparison.Ordinal))
                continue;
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(program, name))!);
            File.CreateSymbolicLink(Path.Combine(program, name), file);
        }

        File.Delete(Path.Combine(program, "RagDemo.dll")); // the program's folder is that of its file, not of a link to it
        File.Copy(Path.Combine(DemoProcess.ProgramFolder, "RagDemo.dll"), Path.Combine(program, "RagDemo.dll"));

        using DemoProcess demo = DemoProcess.StartFrom(program, "--folder", _folder.Documents, "--database", _folder.Database, "--port", "0");
        await RefusedAsync(demo, ["all-MiniLM-L6-v2", program, "Polymodal.Models.MiniLM"]);
    }

    [LinuxTheory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_stop_during_indexing_loses_nothing_and_the_next_start_goes_on(string signal)
    {
        const int Passages = 500;
        _folder.WritePassages("notes.md", Passages, words: 40);
        using (DemoProcess demo = DemoProcess.Start("--folder", _folder.Documents, "--database", _folder.Database, "--port", "0"))
        {
            await demo.LineAsync("Indexing:");
            await demo.SignalAsync(signal);
            Assert.Equal(0, await demo.EndAsync());
            Assert.Contains("Stopped while indexing. What is indexed is kept", demo.Output, StringComparison.Ordinal);
            Assert.Equal("", demo.Errors);
        }

        int embedded = await IndexAllAsync();
        Assert.InRange(embedded, 1, Passages - (Passages / 10));
    }

    [Fact]
    public async Task Help_lists_the_options()
    {
        using DemoProcess demo = DemoProcess.Start("--help");
        Assert.Equal(0, await demo.EndAsync());
        Assert.Contains("--max-database-bytes", demo.Output, StringComparison.Ordinal);
    }

    /// <summary>Runs the demo until all is indexed.</summary>
    /// <returns>How many passages it embedded.</returns>
    private async Task<int> IndexAllAsync()
    {
        using DemoProcess demo = DemoProcess.Start("--folder", _folder.Documents, "--database", _folder.Database, "--port", "0");
        string line = await demo.LineAsync("Indexed ");
        if (OperatingSystem.IsLinux())
        {
            await demo.SignalAsync("TERM"); // it closes the database in peace
            Assert.Equal(0, await demo.EndAsync());
        }

        return int.Parse(Embedded().Match(line).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    private static async Task RefusedAsync(string[] expected, params string[] args)
    {
        using DemoProcess demo = DemoProcess.Start(args);
        await RefusedAsync(demo, expected);
    }

    private static async Task RefusedAsync(DemoProcess demo, string[] expected)
    {
        Assert.Equal(1, await demo.EndAsync());
        string line = Assert.Single(demo.Errors.Split('\n'));
        Assert.StartsWith("RagDemo: ", line, StringComparison.Ordinal);
        Assert.All(expected, part => Assert.Contains(part, line, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", demo.Output, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"(\d+) passages embedded")]
    private static partial Regex Embedded();
}
