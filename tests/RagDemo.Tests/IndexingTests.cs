using System.Text.Json;

namespace Polymodal.Samples.RagDemo.Tests;

public sealed class IndexingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public IndexingTests() => IndexedDemo.WriteDocuments(_folder);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_restart_embeds_only_what_changed_and_forgets_what_vanished()
    {
        _folder.Write("gone.txt", "The harp has forty-seven strings.");
        await using (RunningDemo first = await RunningDemo.StartAsync(_folder))
            await first.Indexed;

        File.Delete(Path.Combine(_folder.Documents, "gone.txt"));
        _folder.Write("far/away/trains.txt", IndexedDemo.Trains + "\nThe Shinkansen began in 1964.\n");
        using var output = new CapturedConsole();
        await using RunningDemo second = await RunningDemo.StartAsync(_folder);
        await second.Indexed;

        Assert.Contains("1 passages embedded; documents added 0, changed 1, unchanged 1, removed 1", output.Text, StringComparison.Ordinal);
        JsonElement status = await second.GetAsync("api/status");
        Assert.Equal((2, 3), (status.GetProperty("documents").GetInt32(), status.GetProperty("passages").GetInt32()));
        Assert.Equal(status.GetProperty("passagesTotal").GetInt32(), status.GetProperty("passagesDone").GetInt32());
        Assert.DoesNotContain((await second.AskAsync("how many strings has a harp")).GetProperty("passages").EnumerateArray(),
            passage => passage.GetProperty("source").GetString() == "gone.txt");
    }

    [Fact]
    public async Task Two_folders_in_one_database_do_not_disturb_each_other()
    {
        using var other = new TemporaryFolder();
        other.Write("harp.txt", "The harp has forty-seven strings.");
        await using (RunningDemo first = await RunningDemo.StartAsync(_folder))
            await first.Indexed;
        await using (RunningDemo second = await RunningDemo.StartAsync(new DemoOptions { Folder = other.Documents, Database = _folder.Database, Port = 0 }))
            await second.Indexed;

        using var output = new CapturedConsole();
        await using RunningDemo again = await RunningDemo.StartAsync(_folder);
        await again.Indexed;
        Assert.Contains("0 passages embedded", output.Text, StringComparison.Ordinal);
        Assert.Equal(3, (await again.GetAsync("api/status")).GetProperty("passages").GetInt32());
    }

    [Fact]
    public async Task The_corpus_that_ships_answers_its_own_examples()
    {
        await using RunningDemo demo = await RunningDemo.StartAsync(new DemoOptions { Database = _folder.Database, Port = 0 });
        await demo.Indexed;

        JsonElement status = await demo.GetAsync("api/status");
        Assert.InRange(status.GetProperty("passages").GetInt32(), 300, int.MaxValue);
        foreach (JsonElement example in status.GetProperty("examples").EnumerateArray())
            Assert.NotEmpty((await demo.AskAsync(example.GetString()!)).GetProperty("quotes").EnumerateArray());
    }
}
