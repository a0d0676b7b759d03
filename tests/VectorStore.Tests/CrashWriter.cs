using System.Globalization;

namespace Polymodal.VectorStore.Tests;

/// <summary>The program that the crash tests kill: writes batches until then, and says each one's number once it is stored.</summary>
internal static class CrashWriter
{
    public const int BatchSize = 8;

    public static async Task Main(string[] args)
    {
        int number = int.Parse(args[1], CultureInfo.InvariantCulture);
        using SqliteVectorStore store = await SqliteVectorStore.OpenAsync(args[0]);
        IVectorCollection collection = await store.GetOrCreateCollectionAsync("docs", TestData.Definition);
        for (; ; number++)
        {
            await collection.UpsertAsync(Batch(number));
            Console.WriteLine(number);
        }
    }

    /// <summary>New records, and one more version of record "shared".</summary>
    public static IEnumerable<VectorRecord> Batch(int number) => Enumerable.Range(0, BatchSize)
        .Select(i => TestData.Record($"{number}-{i}", TestData.Vector(new(number * BatchSize + i))))
        .Append(TestData.Record("shared", TestData.Vector(new(number))) with { Text = number.ToString(CultureInfo.InvariantCulture) });
}
