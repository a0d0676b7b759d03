using System.Diagnostics;
using System.Globalization;

namespace Polymodal.VectorStore.Tests.Ingestion;

/// <summary>A process that indexes and is killed.</summary>
public sealed class IndexerProcessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CountingGenerator _generator = new();

    public void Dispose()
    {
        _generator.Dispose();
        _folder.Dispose();
    }

    [Theory, InlineData(0), InlineData(8), InlineData(200), InlineData(500)]
    public async Task A_killed_run_loses_nothing_and_the_next_embeds_only_what_is_missing(int killAt)
    {
        string file = _folder.File("killed.db");
        int heard = await KillAsync(file, killAt), all = CrashWriter.Documents.Length * 50;
        int stored = await CountAsync(file);
        Assert.InRange(stored, heard, all - 1);
        Assert.Equal(0, stored % CrashWriter.BatchSize); // whole batches

        Assert.Equal(all - stored, (await CrashWriter.IndexAsync(file, _generator)).ChunksEmbedded);
        Assert.Equal(all - stored, _generator.Calls.Sum());
        using (SqliteVectorStore store = await SqliteVectorStore.OpenAsync(file))
        {
            await DocumentIndexerTests.AssertHoldsAsync((await store.GetCollectionAsync("docs"))!, 20, CrashWriter.Documents);
            Assert.Empty((await store.CheckAsync()).Problems);
        }

        Assert.Equal(new(0, 0, 20, 0, 0), await CrashWriter.IndexAsync(file, _generator));
    }

    private static async Task<int> CountAsync(string file)
    {
        using SqliteVectorStore store = await SqliteVectorStore.OpenAsync(file);
        return (int)await (await store.GetCollectionAsync("docs"))!.CountAsync();
    }

    // Kills the process once it said that so many passages are stored; gives how many it said it stored.
    private static async Task<int> KillAsync(string file, int killAt)
    {
        using Process indexer = CrashWriter.Start(file, $"{killAt + 300}"); // it must not end by itself before it is killed
        int heard = -1;
        while (await indexer.StandardOutput.ReadLineAsync() is { } line)
        {
            heard = int.Parse(line, CultureInfo.InvariantCulture);
            if (heard >= killAt)
                indexer.Kill();
        }

        await indexer.WaitForExitAsync();
        Assert.NotEqual(0, indexer.ExitCode);
        return heard;
    }
}
