using System.Globalization;

namespace Polymodal.VectorStore.Tests;

/// <summary>The program that the crash tests run and kill: writes step after step, and says each one's number once it is stored.</summary>
internal static class CrashWriter
{
    public const int BatchSize = 8;

    /// <summary>Arguments: the file, a prefix for ids, the first step, how many steps.</summary>
    public static async Task Main(string[] args)
    {
        int first = int.Parse(args[2], CultureInfo.InvariantCulture), count = int.Parse(args[3], CultureInfo.InvariantCulture);
        using SqliteVectorStore store = await SqliteVectorStore.OpenAsync(args[0]);
        IVectorCollection collection = await store.GetOrCreateCollectionAsync("docs", TestData.Definition);
        for (int step = first; step < first + count; step++)
        {
            await StepAsync(collection, args[1], step);
            Console.WriteLine(step);
        }
    }

    /// <summary>One call that writes: a batch of new records and a new version of one that all batches share; every fourth step removes the batch before the last.</summary>
    public static Task StepAsync(IVectorCollection collection, string prefix, int step) => step % 4 == 3
        ? collection.DeleteAsync(Enumerable.Range(0, BatchSize).Select(i => (RecordId)$"{prefix}-{step - 2}-{i}"))
        : collection.UpsertAsync(Enumerable.Range(0, BatchSize)
            .Select(i => TestData.Record($"{prefix}-{step}-{i}", TestData.Vector(new(step * BatchSize + i))))
            .Append(TestData.Record("shared", TestData.Vector(new(step))) with { Text = step.ToString(CultureInfo.InvariantCulture) }));
}
