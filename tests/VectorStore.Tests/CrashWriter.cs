using System.Diagnostics;
using System.Globalization;
using Polymodal.VectorStore.Ingestion;
using Polymodal.VectorStore.Tests.Ingestion;

namespace Polymodal.VectorStore.Tests;

/// <summary>The program that the crash tests run and kill: writes step after step, and says each one's number once it is stored; or indexes documents, and says how many passages are stored.</summary>
internal static class CrashWriter
{
    public const int BatchSize = 8;

    /// <summary>What a run that indexes indexes: 1,000 passages.</summary>
    public static SourceDocument[] Documents { get; } = [.. Enumerable.Range(0, 20).Select(i => DocumentIndexerTests.Document($"d{i:D2}", 50))];

    /// <summary>Starts this program.</summary>
    /// <param name="arguments">The file, a prefix for ids, the first step, how many steps; or the file, to index <see cref="Documents"/>, and after how many stored passages to wait for the end.</param>
    public static Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo(
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", ["exec", typeof(CrashWriter).Assembly.Location, .. arguments])
    { RedirectStandardOutput = true })!;

    /// <summary>See <see cref="Start"/>.</summary>
    public static async Task Main(string[] args)
    {
        if (args is [string indexed, string last])
        {
            using var generator = new CountingGenerator();
            await IndexAsync(indexed, generator, new Heard(int.Parse(last, CultureInfo.InvariantCulture)));
            return;
        }

        int first = int.Parse(args[2], CultureInfo.InvariantCulture), count = int.Parse(args[3], CultureInfo.InvariantCulture);
        using SqliteVectorStore store = await SqliteVectorStore.OpenAsync(args[0]);
        IVectorCollection collection = await store.GetOrCreateCollectionAsync("docs", TestData.Definition);
        for (int step = first; step < first + count; step++)
        {
            await StepAsync(collection, args[1], step);
            Console.WriteLine(step);
        }
    }

    /// <summary>Brings the collection of a file up to date with <see cref="Documents"/>.</summary>
    public static async Task<IndexingReport> IndexAsync(string file, CountingGenerator generator, IProgress<IndexingProgress>? progress = null)
    {
        using SqliteVectorStore store = await SqliteVectorStore.OpenAsync(file);
        IVectorCollection collection = await store.GetOrCreateCollectionAsync("docs", TestData.Definition);
        return await new DocumentIndexer(generator, collection, new() { ChunksPerCall = BatchSize, Chunking = new() { MaxCharacters = 20 } }).IndexAsync(Documents, progress);
    }

    /// <summary>One call that writes: a batch of new records and a new version of one that all batches share; every fourth step removes the batch before the last.</summary>
    public static Task StepAsync(IVectorCollection collection, string prefix, int step) => step % 4 == 3
        ? collection.DeleteAsync(Enumerable.Range(0, BatchSize).Select(i => (RecordId)$"{prefix}-{step - 2}-{i}"))
        : collection.UpsertAsync(Enumerable.Range(0, BatchSize)
            .Select(i => TestData.Record($"{prefix}-{step}-{i}", TestData.Vector(new(step * BatchSize + i))))
            .Append(TestData.Record("shared", TestData.Vector(new(step))) with { Text = step.ToString(CultureInfo.InvariantCulture) }));

    private sealed class Heard(int last) : IProgress<IndexingProgress>
    {
        public void Report(IndexingProgress value)
        {
            Console.WriteLine(value.ChunksEmbedded);
            if (value.ChunksEmbedded >= last)
                Thread.Sleep(Timeout.Infinite);
        }
    }
}
