using Microsoft.Data.Sqlite;
using static Polymodal.VectorStore.Tests.TestData;

namespace Polymodal.VectorStore.Tests;

/// <summary>Older files, backup, check and repair.</summary>
public sealed class SqliteMaintenanceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => _folder.File("store.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_of_format_1_opens_and_keeps_its_data()
    {
        System.IO.File.Copy(Path.Combine(AppContext.BaseDirectory, "Fixtures", "format-1.db"), File);
        var random = new Random(1);
        VectorRecord[] expected = [.. Enumerable.Range(0, 60).Select(i => new VectorRecord
        {
            Id = $"r{i:D5}",
            Embedding = new(Vector(random)),
            Text = i % 7 == 0 ? null : $"text of r{i:D5}, 日本 😀",
            Payload = new() { ["of"] = $"r{i:D5}", ["odd \"key\"\0"] = "é\n\0" },
        }).Where(record => record.Id != "r00003")];

        await Assert.ThrowsAsync<VectorStoreException>(() => SqliteVectorStore.OpenAsync(File, new() { ReadOnly = true }));
        for (int opened = 0; opened < 2; opened++)
        {
            using SqliteVectorStore store = await SqliteVectorStore.OpenAsync(File);
            Assert.Equal(["docs", "far"], await store.ListCollectionsAsync());
            IVectorCollection docs = (await store.GetCollectionAsync("docs"))!, far = (await store.GetCollectionAsync("far"))!;
            Assert.Equal(Definition, docs.Definition);
            List<VectorRecord> read = await docs.ScanAsync().ToListAsync();
            Assert.Equal(expected.Length, read.Count);
            Assert.All(expected.Zip(read), pair => AssertSame(pair.First, pair.Second));
            Assert.Equal("r00043", (await docs.SearchAsync(expected[42].Embedding, new() { K = 1 }))[0].Record.Id);
            Assert.Equal("r00043", Assert.Single(await docs.SearchTextAsync("R00043")).Record.Id);
            Assert.Equal("r00043", Assert.Single(await docs.ScanAsync(VectorFilter.Equal("of", "r00043")).ToListAsync()).Id);
            Assert.Equal(["a", "😀"], (await far.SearchAsync(Query(1, 2, 3))).Select(match => match.Record.Id.AsText()));
            Assert.True((await store.CheckAsync()).IsSound);
        }
    }

    [Fact]
    public async Task A_backup_is_one_whole_moment_of_a_store_in_use()
    {
        using SqliteVectorStore store = await SqliteVectorStore.OpenAsync(File);
        IVectorCollection collection = await store.GetOrCreateCollectionAsync("docs", Definition);
        await collection.UpsertAsync(Records(1, 3000));
        using var stop = new CancellationTokenSource();
        Task writing = Task.Run(async () =>
        {
            for (int i = 0; !stop.IsCancellationRequested; i++)
                await collection.UpsertAsync(Enumerable.Range(0, 10).Select(j => Record($"{i}-{j}", Vector(new(j)))));
        });
        string copy = _folder.File("copy.db");

        await store.BackupAsync(copy);

        await stop.CancelAsync();
        await writing;
        Assert.Equal(["copy.db"], Directory.GetFiles(_folder.Path, "copy*").Select(Path.GetFileName));
        using SqliteVectorStore restored = await SqliteVectorStore.OpenAsync(copy);
        VectorStoreCheck check = await restored.CheckAsync();
        Assert.Empty(check.Problems);
        Assert.Equal(0, check.Records % 10);
        Assert.InRange(check.Records, 3000, await collection.CountAsync());
        Assert.Contains("exists", (await Assert.ThrowsAsync<VectorStoreException>(() => store.BackupAsync(copy))).Message, StringComparison.Ordinal);
    }

    public static TheoryData<string> Derived =>
    [
        "UPDATE code SET data = zeroblob(length(data))", "DELETE FROM code", "DELETE FROM field", "INSERT INTO field VALUES (1, 'of', 'x', 5)",
        "DELETE FROM words_1", "DROP TABLE words_1", "UPDATE slot SET vectors = 5", "DELETE FROM slot", "UPDATE collection SET records = 5", "INSERT INTO gone (collection, record) VALUES (1, 7)",
    ];

    [Theory, MemberData(nameof(Derived))]
    public async Task What_is_made_from_records_is_made_anew_by_a_repair(string damage)
    {
        await WriteAsync();
        Sql(damage);
        using SqliteVectorStore store = await SqliteVectorStore.OpenAsync(File);

        VectorStoreCheck found = await store.CheckAsync();
        Assert.False(found.IsSound);
        Assert.All(found.Problems, problem => Assert.Equal("docs", problem.Collection));
        Assert.NotEmpty((await store.CheckAsync(repair: true)).Problems);

        Assert.Empty((await store.CheckAsync()).Problems);
        await AssertHoldsAsync(store, Records(1, 400));
    }

    [Fact]
    public async Task Records_that_cannot_be_read_are_named_and_put_aside()
    {
        await WriteAsync();
        Sql("UPDATE record SET text = 'other' WHERE id = 'r00007'; UPDATE record SET vector = zeroblob(96) WHERE id = 'r00123'");
        using SqliteVectorStore store = await SqliteVectorStore.OpenAsync(File);
        IVectorCollection collection = (await store.GetCollectionAsync("docs"))!;
        await Assert.ThrowsAsync<VectorStoreException>(() => collection.GetAsync(["r00007"]));

        VectorStoreCheck found = await store.CheckAsync();
        Assert.Equal(["r00007", "r00123"], found.Problems.Where(problem => problem.Id is not null).Select(problem => problem.Id!.Value.AsText()));
        Assert.Equal(398, found.Records);
        Assert.True((await store.CheckAsync(repair: true)).IsSound);

        Assert.Empty((await store.CheckAsync()).Problems);
        await AssertHoldsAsync(store, [.. Records(1, 400).Where(record => record.Id.AsText() is not ("r00007" or "r00123"))]);
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        using SqliteCommand kept = connection.CreateCommand();
        kept.CommandText = "SELECT group_concat(id || ' ' || text, ', ') FROM damaged";
        Assert.Equal("r00007 other, r00123 text of r00123", kept.ExecuteScalar());
    }

    [Fact]
    public async Task Many_deletions_make_the_codes_smaller_and_searches_stay_right()
    {
        using SqliteVectorStore store = await SqliteVectorStore.OpenAsync(File), other = await SqliteVectorStore.OpenAsync(File);
        IVectorCollection collection = await store.GetOrCreateCollectionAsync("docs", Definition), there = (await other.GetCollectionAsync("docs"))!;
        VectorRecord[] records = Records(1, 9000);
        await collection.UpsertAsync(records);
        await there.SearchAsync(records[0].Embedding);
        await collection.DeleteAsync(records.Take(2000).Select(record => record.Id));
        Assert.Equal("r02000", (await there.SearchAsync(records[2000].Embedding, new() { K = 1 }))[0].Record.Id);

        await collection.DeleteAsync(records.Take(8900).Select(record => record.Id));

        await AssertHoldsAsync(store, records[8900..]);
        await AssertHoldsAsync(other, records[8900..]);
        Assert.Empty((await store.CheckAsync()).Problems);
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        using SqliteCommand rows = connection.CreateCommand();
        rows.CommandText = "SELECT sum(rows) FROM code";
        Assert.Equal(100L, rows.ExecuteScalar());
    }

    private static async Task AssertHoldsAsync(SqliteVectorStore store, VectorRecord[] expected)
    {
        IVectorCollection collection = (await store.GetCollectionAsync("docs"))!;
        List<VectorRecord> read = await collection.ScanAsync().ToListAsync();
        Assert.Equal(expected.Length, read.Count);
        Assert.All(expected.Zip(read), pair => AssertSame(pair.First, pair.Second));
        Assert.Equal(expected.Length, (await collection.SearchAsync(expected[0].Embedding, new() { K = 100_000 })).Count);
        Assert.Equal(expected[5].Id, (await collection.SearchAsync(expected[5].Embedding, new() { K = 1 }))[0].Record.Id);
        Assert.Equal(expected[5].Id, Assert.Single(await collection.SearchTextAsync(expected[5].Id.AsText())).Record.Id);
        Assert.Equal(expected[5].Id, Assert.Single(await collection.ScanAsync(VectorFilter.Equal("of", expected[5].Id.AsText())).ToListAsync()).Id);
    }

    private async Task WriteAsync()
    {
        using SqliteVectorStore store = await SqliteVectorStore.OpenAsync(File);
        await (await store.GetOrCreateCollectionAsync("docs", Definition)).UpsertAsync(Records(1, 400));
    }

    private void Sql(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Only what the tests here say.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
