using static Polymodal.VectorStore.Tests.TestData;

namespace Polymodal.VectorStore.Tests;

public sealed class SqliteVectorStoreTests : VectorStoreContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => _folder.File("store.db");

    protected override async Task<IVectorStore> OpenAsync() => await SqliteVectorStore.OpenAsync(File);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_restart_keeps_everything()
    {
        string file = _folder.File("restart.db");
        VectorRecord[] records = Records(1, 1500);
        using (SqliteVectorStore first = await SqliteVectorStore.OpenAsync(file))
        {
            IVectorCollection docs = await first.GetOrCreateCollectionAsync("docs", Definition);
            await docs.UpsertAsync(records);
            await docs.DeleteAsync(["r00000"]);
        }

        using SqliteVectorStore second = await SqliteVectorStore.OpenAsync(file);
        IVectorCollection collection = (await second.GetCollectionAsync("docs"))!;

        Assert.Equal(Definition, collection.Definition);
        List<VectorRecord> read = await collection.ScanAsync().ToListAsync();
        Assert.Equal(1499, read.Count);
        Assert.All(records.Skip(1).Zip(read), pair => AssertSame(pair.First, pair.Second));
        Assert.Equal("r00042", (await collection.SearchAsync(records[42].Embedding, 1))[0].Record.Id);
    }

    [Theory]
    [InlineData("a folder/that is missing/x.db")]
    [InlineData("semi;colon=equals'quote\".db")]
    [InlineData(":memory:")]
    [InlineData("%41#?x=1&mode=memory")]
    [InlineData("日本 😀.db")]
    public async Task Odd_paths_name_the_file_they_say(string name)
    {
        if (OperatingSystem.IsWindows() && name.AsSpan().IndexOfAny("\":?") >= 0)
            return; // not a file name there
        string file = _folder.File(name);
        using (SqliteVectorStore store = await SqliteVectorStore.OpenAsync(file))
            await store.GetOrCreateCollectionAsync("docs", Definition);
        Assert.True(System.IO.File.Exists(file));
    }

    [Fact]
    public async Task Two_stores_on_one_file_see_each_others_writes()
    {
        using SqliteVectorStore first = await SqliteVectorStore.OpenAsync(File), second = await SqliteVectorStore.OpenAsync(File);
        IVectorCollection here = await first.GetOrCreateCollectionAsync("docs", Definition), there = await second.GetOrCreateCollectionAsync("docs", Definition);
        VectorRecord[] records = Records(1, 2100);
        async Task SameAsync()
        {
            var mine = await here.SearchAsync(records[5].Embedding, 5000);
            var theirs = await there.SearchAsync(records[5].Embedding, 5000);
            Assert.Equal(mine.Select(match => (match.Record.Id, match.Record.Text, match.Score)), theirs.Select(match => (match.Record.Id, match.Record.Text, match.Score)));
            Assert.Equal(await here.CountAsync(), theirs.Count);
        }

        await SameAsync();
        await here.UpsertAsync(records);
        await SameAsync();
        await there.DeleteAsync(records.Take(1030).Select(record => record.Id));
        await SameAsync();
        await there.UpsertAsync(Records(2, 1100).Skip(1000));
        await here.UpsertAsync([records[1500] with { Text = "new" }]);
        await SameAsync();
        Assert.Equal(1100, await there.CountAsync());

        await first.DeleteCollectionAsync("docs");
        await Assert.ThrowsAsync<VectorStoreException>(() => there.SearchAsync(records[5].Embedding, 1));
        await first.GetOrCreateCollectionAsync("docs", DefinitionOf(3));
        Assert.Equal(3, (await second.GetCollectionAsync("docs"))!.Definition.Vector.Dimensions);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public async Task Random_writes_through_two_stores_match_the_memory_store(int seed)
    {
        var random = new Random(seed);
        using var memory = new MemoryVectorStore();
        IVectorCollection expected = await memory.GetOrCreateCollectionAsync("docs", Definition);
        using SqliteVectorStore first = await SqliteVectorStore.OpenAsync(File), second = await SqliteVectorStore.OpenAsync(File);
        IVectorCollection[] actual = [await first.GetOrCreateCollectionAsync("docs", Definition), await second.GetOrCreateCollectionAsync("docs", Definition)];
        for (int step = 0; step < 60; step++)
        {
            RecordId[] ids = [.. Enumerable.Range(0, random.Next(1, 120)).Select(_ => (RecordId)$"r{random.Next(1500)}")];
            IVectorCollection writer = actual[random.Next(2)], reader = actual[random.Next(2)];
            if (random.Next(3) == 0)
            {
                Assert.Equal(await expected.DeleteAsync(ids), await writer.DeleteAsync(ids));
            }
            else
            {
                VectorRecord[] records = [.. ids.Select(id => Record(id, Vector(random)))];
                await expected.UpsertAsync(records);
                await writer.UpsertAsync(records);
            }

            var query = Query(Vector(random));
            Assert.Equal(
                (await expected.SearchAsync(query, 50)).Select(match => (match.Record.Id, match.Score)),
                (await reader.SearchAsync(query, 50)).Select(match => (match.Record.Id, match.Score)));
        }

        Assert.Equal(await expected.IdsAsync(), await actual[0].IdsAsync());
    }

    [Fact]
    public async Task Two_stores_write_at_once_and_nobody_sees_a_lock()
    {
        using SqliteVectorStore first = await SqliteVectorStore.OpenAsync(File), second = await SqliteVectorStore.OpenAsync(File);
        await Task.WhenAll(((SqliteVectorStore[])[first, second]).Select((store, writer) => Task.Run(async () =>
        {
            IVectorCollection collection = await store.GetOrCreateCollectionAsync("docs", Definition);
            for (int i = 0; i < 40; i++)
            {
                await collection.UpsertAsync(Enumerable.Range(0, 10).Select(j => Record($"{writer}-{i}-{j}", Vector(new(j)))));
                Assert.Equal(0, (await collection.SearchAsync(Query(Vector(new(3))), 10_000)).Count % 10);
            }
        })));
        Assert.Equal(800, await (await first.GetCollectionAsync("docs"))!.CountAsync());
    }

    [Fact]
    public async Task Many_stores_may_create_one_file_at_once()
    {
        for (int round = 0; round < 10; round++)
        {
            string file = _folder.File($"raced-{round}.db");
            SqliteVectorStore[] stores = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => SqliteVectorStore.OpenAsync(file)));
            IVectorCollection[] collections = await Task.WhenAll(stores.Select(store => store.GetOrCreateCollectionAsync("docs", Definition)));
            await collections[0].UpsertAsync(Records(1, 3));
            Assert.All(collections, collection => Assert.Equal(3, collection.CountAsync().Result));
            Array.ForEach(stores, store => store.Dispose());
        }
    }
}
