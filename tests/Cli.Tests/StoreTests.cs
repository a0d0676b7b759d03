using System.Text.Json;

namespace Polymodal.Cli.Tests;

/// <summary>The commands of the vector store, from a folder of texts to a copy of the collection.</summary>
public sealed class StoreTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("polymodal-");

    public StoreTests()
    {
        Directory.CreateDirectory(PathOf("texts"));
        File.WriteAllText(PathOf("texts/bees.md"), "# Bees\nDrones are driven out of the hive in autumn.\n");
        File.WriteAllText(PathOf("texts/bread.txt"), "Let the dough rise for two hours.\n");
    }

    private string Db => PathOf("store.db");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_folder_is_indexed_searched_and_kept_up_to_date()
    {
        Assert.Equal(["documents: 2 passages embedded; documents added 2, changed 0, unchanged 0, removed 0"], (await IndexAsync()).Lines);
        File.Delete(PathOf("texts/bread.txt"));
        Assert.Equal(["documents: 0 passages embedded; documents added 0, changed 0, unchanged 1, removed 1"], (await IndexAsync()).Lines);
        File.WriteAllText(PathOf("texts/bread.txt"), "Let the dough rise for two hours.\n");
        await IndexAsync();

        foreach (string kind in (string[])["hybrid", "vectors", "words"])
        {
            CliResult found = await RunAsync("search", "dough", "--by", kind, "--model", CliResult.SmallModel, "--json");
            Assert.Equal((CliApplication.Success, ""), (found.Code, found.Error));
            Assert.Equal(kind == "words" ? 1 : 2, found.Lines.Length);
            if (kind == "words")
                Assert.Equal("bread.txt#0", found.Objects[0].GetProperty("record").GetProperty("id").GetString());
            Assert.All(found.Objects, match => Assert.False(match.GetProperty("record").TryGetProperty("vector", out _)));
        }

        CliResult plain = await RunAsync("search", "hive", "--by", "words", "-k", "1");
        Assert.Contains("bees.md#0  # Bees Drones are", Assert.Single(plain.Lines), StringComparison.Ordinal);
        Assert.Empty((await RunAsync("search", "hive", "--by", "words", "--filter", """{"key":"source","equals":"bread.txt"}""")).Lines);

        JsonElement row = Assert.Single((await CliResult.RunAsync("collections", "--db", Db, "--json")).Objects);
        Assert.Equal(("documents", 2, true), (row.GetProperty("name").GetString(), row.GetProperty("records").GetInt32(), row.GetProperty("probed").GetBoolean()));
        Assert.Contains("documents  2", (await CliResult.RunAsync("collections", "--db", Db)).Lines[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("headings", 30, null, 4)]
    [InlineData("tokens", 8, 4, 12)] // "Let the dough" has seven, and "dough" four of them
    [InlineData("sentences", 1, null, 4)]
    [InlineData("sentences", 2, 1, 3)]
    [InlineData("semantic", 60, null, 2)]
    public async Task A_folder_is_cut_as_it_is_asked_for(string chunker, int size, int? overlap, int passages)
    {
        File.Delete(PathOf("texts/bees.md"));
        File.WriteAllText(PathOf("texts/bread.txt"), "Let the dough rise for hours. Heat the oven well before. Bake it until it is brown. Eat it while it is warm.\n");
        string[] options = ["--chunker", chunker, "--chunk-size", $"{size}", .. overlap is null ? (string[])[] : ["--chunk-overlap", $"{overlap}"]];
        Assert.Equal([$"documents: {passages} passages embedded; documents added 1, changed 0, unchanged 0, removed 0"], (await IndexAsync(options)).Lines);
        Assert.Equal(["documents: 0 passages embedded; documents added 0, changed 0, unchanged 1, removed 0"], (await IndexAsync(options)).Lines);
        Assert.Equal(["documents: 1 passages embedded; documents added 0, changed 1, unchanged 0, removed 0"], (await IndexAsync()).Lines);
    }

    [Fact]
    public async Task A_way_to_cut_that_cannot_be_is_refused()
    {
        (await IndexAsync("--chunker", "pages")).IsError("pages");
        (await IndexAsync("--chunk-overlap", "2")).IsError("--chunk-overlap", "sentences");
        (await IndexAsync("--chunker", "semantic", "--chunk-overlap", "2")).IsError("--chunk-overlap", "sentences");
        (await IndexAsync("--chunker", "tokens", "--chunk-size", "100000000")).IsError("--chunk-size", "tokens");
        (await IndexAsync("--chunker", "sentences", "--chunk-size", "2", "--chunk-overlap", "2")).IsError("--chunk-overlap", "0 to 1");
        (await IndexAsync("--chunk-size", "3")).IsError("--chunk-size", "20 to");
        (await IndexAsync("--chunk-size", "many")).IsError("--chunk-size", "many");
        Assert.False(File.Exists(Db));
    }

    [Fact]
    public async Task A_copy_to_a_server_that_is_not_there_says_which_and_what_to_check()
    {
        await IndexAsync();
        foreach (string target in (string[])["http://127.0.0.1:9", "Host=127.0.0.1;Port=9;Username=me;Password=s3cret;Timeout=5"])
        {
            CliResult failed = await RunAsync("copy", "--to", target);
            Assert.Equal((CliApplication.Failure, ""), (failed.Code, failed.Output));
            Assert.Contains("127.0.0.1:9", failed.Error, StringComparison.Ordinal);
            Assert.Contains("cannot be reached", failed.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("s3cret", failed.Error, StringComparison.Ordinal);
        }

        Assert.Contains("--to", (await RunAsync("copy")).Error, StringComparison.Ordinal);
        Assert.Contains("connection string", (await RunAsync("copy", "--to", "nonsense")).Error, StringComparison.Ordinal);
        Assert.Contains("'absent'", (await RunAsync("copy", "--to", "http://127.0.0.1:9", "--collection", "absent")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_export_comes_back_the_same_with_vectors_in_lines_or_beside_them()
    {
        await IndexAsync();
        CliResult whole = await RunAsync("export"), without = await RunAsync("export", "--npy", PathOf("v.npy"));
        Assert.Equal(3, whole.Lines.Length);
        File.WriteAllText(PathOf("whole.jsonl"), whole.Output);
        File.WriteAllText(PathOf("without.jsonl"), without.Output);
        Assert.DoesNotContain("\"vector\":", without.Output, StringComparison.Ordinal);

        Assert.Equal(["copy: 2 records stored"], (await RunAsync("import", PathOf("whole.jsonl"), "--collection", "copy")).Lines);
        Assert.Equal(["beside: 2 records stored"], (await RunAsync("import", PathOf("without.jsonl"), "--npy", PathOf("v.npy"), "--collection", "beside")).Lines);
        Assert.Equal(["piped: 2 records stored"], (await CliResult.RunWithInputAsync(string.Join('\n', whole.Lines[1..]), "import", "-", "--db", Db, "--collection", "piped", "--space", "my/space", "--metric", "euclidean")).Lines);

        Assert.Equal(whole.Output, (await RunAsync("export", "--collection", "copy")).Output);
        Assert.Equal(whole.Output, (await RunAsync("export", "--collection", "beside")).Output);
        CliResult piped = await RunAsync("export", "--collection", "piped");
        Assert.Equal(whole.Lines[1..], piped.Lines[1..]);
        Assert.Contains("\"space\":\"my/space\"", piped.Lines[0], StringComparison.Ordinal);
        Assert.Contains("Euclidean", piped.Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collection_is_given_the_vectors_of_another_model()
    {
        await IndexAsync();
        CliResult result = await RunAsync("reembed");
        Assert.Equal((CliApplication.Success, ""), (result.Code, result.Error));
        Assert.StartsWith("documents: 2 records embedded; space ", Assert.Single(result.Lines), StringComparison.Ordinal);
        Assert.Contains("\"dimensions\":384", (await RunAsync("export")).Lines[0], StringComparison.Ordinal);
        (await RunAsync("search", "dough", "--model", CliResult.SmallModel)).IsError("space");
        Assert.Equal("bread.txt#0", (await RunAsync("search", "how long must bread rest", "-k", "1", "--json")).Objects[0].GetProperty("record").GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_check_finds_damage_and_a_repair_mends_it()
    {
        await IndexAsync();
        Assert.Equal(["2 records are sound"], (await CliResult.RunAsync("check", "--db", Db)).Lines);
        byte[] file = File.ReadAllBytes(Db);
        int place = file.AsSpan().IndexOf("driven out"u8);
        Assert.True(place > 0, "the passage is in the file");
        file[place] ^= 0x20;
        File.WriteAllBytes(Db, file);

        CliResult found = await CliResult.RunAsync("check", "--db", Db), repaired = await CliResult.RunAsync("check", "--db", Db, "--repair"), after = await CliResult.RunAsync("check", "--db", Db);

        Assert.Equal(CliApplication.Failure, found.Code);
        Assert.Contains(found.Lines, line => line.StartsWith("documents", StringComparison.Ordinal) && line.Contains("bees.md#0", StringComparison.Ordinal));
        Assert.Equal("1 records are sound", found.Lines[^1]);
        Assert.Equal(CliApplication.Success, repaired.Code);
        Assert.Contains(repaired.Lines, line => line.Contains("repaired", StringComparison.Ordinal));
        Assert.Equal((CliApplication.Success, "1 records are sound"), (after.Code, Assert.Single(after.Lines)));
    }

    [Fact]
    public async Task What_is_wrong_is_said_in_a_line()
    {
        (await RunAsync("search", "x", "--by", "words")).IsError("store.db does not exist", "--db");
        Assert.False(File.Exists(Db));
        (await CliResult.RunAsync("index", PathOf("nowhere"), "--db", Db)).IsError("nowhere");
        await IndexAsync();
        (await RunAsync("search", "x", "--collection", "other")).IsError("no collection 'other'", "documents");
        (await RunAsync("export", "-c", "other")).IsError("'other'");
        (await RunAsync("reembed", "-c", "other")).IsError("'other'");
        (await RunAsync("search", "x", "-k", "0")).IsError("-k is '0'");
        (await RunAsync("search", "x", "--by", "magic")).IsError("magic");
        (await RunAsync("search", "x", "--filter", "{\"key\":1}")).IsError("--filter", "$");
        (await RunAsync("search", "x", "y")).IsError("'y'");
        (await RunAsync("index", PathOf("texts"), "--words", "syllables", "--model", CliResult.SmallModel)).IsError("syllables");
        (await RunAsync("import", PathOf("missing.jsonl"))).IsError("missing.jsonl does not exist");
        (await RunAsync("import", PathOf("texts"))).IsError("is a folder");
        foreach ((string line, string says) in ((string, string)[])[("", "no line"), ("x", "line 1"), ("{\"id\":true}", "line 1"), ("{\"id\":\"a\",\"vector\":[1,2],\"extra\":1}", "extra"), ("{\"id\":\"a\",\"vector\":[1,2]}", "--space")])
        {
            File.WriteAllText(PathOf("bad.jsonl"), line);
            (await RunAsync("import", PathOf("bad.jsonl"), "-c", "new")).IsError(says);
        }

        File.WriteAllText(PathOf("bad.npy"), "no numbers");
        (await RunAsync("import", PathOf("bad.jsonl"), "--npy", PathOf("bad.npy"), "-c", "new", "--space", "s")).IsError("no NumPy file");
        (await RunAsync("import", PathOf("bad.jsonl"), "-c", "documents")).IsError("2 dimensions");
        File.WriteAllText(PathOf("foreign.db"), "this is no database at all, but a text that is long enough");
        (await CliResult.RunAsync("collections", "--db", PathOf("foreign.db"))).IsError("foreign.db");
        Assert.Equal("this is no database at all, but a text that is long enough", File.ReadAllText(PathOf("foreign.db")));
    }

    private string PathOf(string name) => Path.Combine([_folder.FullName, .. name.Split('/')]);

    private Task<CliResult> IndexAsync(params string[] options) => RunAsync("index", [PathOf("texts"), "--model", CliResult.SmallModel, .. options]);

    private Task<CliResult> RunAsync(string command, params string[] args) => CliResult.RunAsync([command, .. args, "--db", Db]);
}
