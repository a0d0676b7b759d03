using System.Diagnostics;
using System.Globalization;
using static Polymodal.VectorStore.Tests.TestData;

namespace Polymodal.VectorStore.Tests;

/// <summary>Several processes on one file: killed at random moments, writing side by side.</summary>
/// <remarks>Rounds of the crash test: 20, or as many as the environment variable POLYMODAL_CRASH_ROUNDS says.</remarks>
public sealed class SqliteProcessesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Nothing_acknowledged_is_lost_when_the_writer_is_killed()
    {
        string file = _folder.File("crash.db");
        int rounds = int.Parse(Environment.GetEnvironmentVariable("POLYMODAL_CRASH_ROUNDS") ?? "20", CultureInfo.InvariantCulture), stored = 0;
        var random = new Random(17);
        using var memory = new MemoryVectorStore();
        IVectorCollection model = await memory.GetOrCreateCollectionAsync("docs", Definition);
        for (int round = 0; round < rounds; round++)
        {
            int acknowledged = await KillAsync(file, stored, random);
            for (; stored < acknowledged; stored++)
                await CrashWriter.StepAsync(model, "w", stored);

            using SqliteVectorStore store = await SqliteVectorStore.OpenAsync(file);
            if (await store.GetCollectionAsync("docs") is not { } collection)
            {
                Assert.Equal(0, acknowledged);
                continue;
            }

            if (!await AreSameAsync(model, collection)) // then the step that was under way is there, wholly
            {
                await CrashWriter.StepAsync(model, "w", stored++);
                Assert.True(await AreSameAsync(model, collection), $"round {round}, step {stored}");
            }

            foreach (Microsoft.Extensions.AI.Embedding<float> query in Records(round, 5).Select(record => record.Embedding))
            {
                Assert.Equal(
                    (await model.SearchAsync(query, new() { K = 20 })).Select(match => (match.Record.Id, match.Score)),
                    (await collection.SearchAsync(query, new() { K = 20 })).Select(match => (match.Record.Id, match.Score)));
            }

            Assert.Empty((await store.CheckAsync()).Problems);
        }

        Assert.InRange(stored, rounds, int.MaxValue);
    }

    [Fact]
    public async Task Two_processes_write_while_16_readers_see_whole_batches_and_no_lock()
    {
        const int Steps = 120;
        string file = _folder.File("shared.db");
        using SqliteVectorStore store = await SqliteVectorStore.OpenAsync(file);
        IVectorCollection collection = await store.GetOrCreateCollectionAsync("docs", Definition);
        Process[] writers = [Start(file, "a", 0, Steps), Start(file, "b", 0, Steps)];
        Task<string>[] output = [.. writers.Select(writer => writer.StandardOutput.ReadToEndAsync())];

        await Task.WhenAll(Enumerable.Range(0, 16).Select(reader => Task.Run(async () =>
        {
            do
            {
                AssertWhole((await collection.SearchAsync(Query(Vector(new(reader))), new() { K = 10_000 })).Select(match => match.Record));
                if (reader % 4 == 0)
                    AssertWhole(await collection.ScanAsync().ToListAsync());
            }
            while (!writers.All(writer => writer.HasExited));
        })));

        Assert.All(await Task.WhenAll(output), lines => Assert.Equal(Steps, lines.Count(c => c == '\n')));
        Assert.All(writers, writer => Assert.Equal(0, writer.ExitCode));
        Assert.Equal(2 * (Steps / 4 * 2) * CrashWriter.BatchSize + 1, await collection.CountAsync());
        Assert.Empty((await store.CheckAsync()).Problems);
        Array.ForEach(writers, writer => writer.Dispose());
    }

    private static void AssertWhole(IEnumerable<VectorRecord> records) => Assert.All(
        records.Select(record => record.Id.AsText()).Where(id => id != "shared").GroupBy(id => id[..id.LastIndexOf('-')]),
        batch => Assert.Equal(CrashWriter.BatchSize, batch.Count()));

    private static async Task<bool> AreSameAsync(IVectorCollection expected, IVectorCollection actual)
    {
        List<VectorRecord> one = await expected.ScanAsync().ToListAsync(), other = await actual.ScanAsync().ToListAsync();
        if (!one.Select(record => (record.Id, record.Text)).SequenceEqual(other.Select(record => (record.Id, record.Text))))
            return false;
        Assert.All(one.Zip(other), pair => AssertSame(pair.First, pair.Second));
        return true;
    }

    /// <summary>Starts a writer and kills it at some moment after it has said that some steps are stored.</summary>
    /// <returns>How many steps it said were stored, those of earlier rounds included.</returns>
    private static async Task<int> KillAsync(string file, int first, Random random)
    {
        using Process writer = Start(file, "w", first, int.MaxValue - first);
        int stored = first, killAt = first + random.Next(0, 12), wait = random.Next(3_000_000);
        while (await writer.StandardOutput.ReadLineAsync() is { } line)
        {
            stored = int.Parse(line, CultureInfo.InvariantCulture) + 1;
            if (stored != killAt + 1)
                continue;
            Thread.SpinWait(wait);
            writer.Kill();
        }

        await writer.WaitForExitAsync();
        Assert.True(stored > killAt, $"the writer ended by itself after step {stored}");
        return stored;
    }

    private static Process Start(string file, string prefix, int first, int count) => CrashWriter.Start(file, prefix, $"{first}", $"{count}");
}
