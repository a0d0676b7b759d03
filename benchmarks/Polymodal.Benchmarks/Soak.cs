using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.AI;
using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Text;

namespace Polymodal.Benchmarks;

/// <summary>Random calls of random shapes from several callers, printing the resident memory: <c>-- soak [--minutes 30]</c>.</summary>
internal static class Soak
{
    private const int Callers = 8;

    /// <summary>Runs it. The first tenth is warming up, and no less than half a minute of a short run.</summary>
    /// <returns>Exit code 0 when memory stayed within 5 % of what it was after warming up.</returns>
    public static async Task<int> RunAsync(double minutes)
    {
        using var generator = new LocalTextEmbeddingGenerator(LocalTextModel.Load(BenchmarkModel.Folder), "soak");
        using var end = new CancellationTokenSource();
        long texts = 0;
        Task[] callers = [.. Enumerable.Range(0, Callers).Select(seed => Task.Run(async () =>
        {
            var random = new Random(seed);
            while (!end.IsCancellationRequested)
            {
                string[] call = [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => Texts.Text(random, random.Next(1, 300)))];
                Interlocked.Add(ref texts, (await generator.GenerateAsync(call)).Count);
            }
        }))];

        TimeSpan whole = TimeSpan.FromMinutes(minutes), step = whole / 60, warmUp = TimeSpan.FromSeconds(Math.Max(whole.TotalSeconds / 10, Math.Min(30, whole.TotalSeconds / 2)));
        var clock = Stopwatch.StartNew();
        double warm = 0, most = 0;
        while (clock.Elapsed < whole)
        {
            await Task.Delay(step);
            if (Array.Find(callers, caller => caller.IsCompleted) is { } ended)
                await ended; // before its time: it failed
            double resident = Environment.WorkingSet / 1e6;
            if (clock.Elapsed < warmUp)
                warm = Math.Max(warm, resident);
            most = Math.Max(most, resident);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{clock.Elapsed:hh\\:mm\\:ss} {resident:F0} MB resident, {GC.GetTotalMemory(false) / 1e6:F0} MB managed, {Interlocked.Read(ref texts)} texts"));
        }

        await end.CancelAsync();
        await Task.WhenAll(callers);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"most after warming up: {most / warm:F3} of {warm:F0} MB; plan {((LocalTextModel)generator.GetService(typeof(LocalTextModel))!).Plan}"));
        return most <= 1.05 * warm ? 0 : 1;
    }
}
