using System.Diagnostics;
using System.Globalization;

namespace Polymodal.Benchmarks;

/// <summary>One of those that are compared.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="Run">Does one part of the work, numbered from 0.</param>
internal sealed record Contender(string Name, Func<int, Task> Run);

/// <summary>Seconds for the whole work: the least and the median time of each part, summed over the parts.</summary>
/// <remarks>Other work of the machine makes a part slower, never faster: the least times say most where a machine is shared.</remarks>
internal readonly record struct Times(double Least, double Median);

/// <summary>Lets contenders take turns, so that what else the machine does hits all of them.</summary>
internal static class Contest
{
    /// <summary>Times them.</summary>
    /// <param name="contenders">Who is compared.</param>
    /// <param name="parts">Into how many parts the work is cut. All contenders do a part before the next begins, so that a slow moment falls on no contender's whole work.</param>
    /// <param name="rounds">How often the whole work is done.</param>
    /// <param name="warmUps">Rounds before those that count.</param>
    /// <param name="calls">How often a turn repeats its part. Of several, the first fifth does not count: threads of the contender before may still spin for work.</param>
    public static async Task<Dictionary<string, Times>> RunAsync(IReadOnlyList<Contender> contenders, int parts, int rounds, int warmUps = 0, int calls = 1)
    {
        var times = contenders.ToDictionary(contender => contender.Name, _ => Enumerable.Range(0, parts).Select(_ => new List<double>()).ToArray());
        for (int round = -warmUps; round < rounds; round++)
        {
            for (int part = 0; part < parts; part++)
            {
                foreach (Contender contender in contenders)
                {
                    for (int call = calls == 1 ? 0 : -calls / 5; call < calls; call++)
                    {
                        double seconds = await TimeAsync(() => contender.Run(part));
                        if (round >= 0 && call >= 0)
                            times[contender.Name][part].Add(seconds);
                    }
                }
            }
        }

        return times.ToDictionary(pair => pair.Key, pair => new Times(pair.Value.Sum(part => part.Min()), pair.Value.Sum(part => part.Order().ElementAt(part.Count / 2))));
    }

    /// <summary>How long something takes, in seconds.</summary>
    public static async Task<double> TimeAsync(Func<Task> run)
    {
        long began = Stopwatch.GetTimestamp();
        await run();
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    /// <summary>Prints a table: each contender's rate or time, and how its times stand to the baseline's.</summary>
    public static void Print(string name, Dictionary<string, Times> seconds, string baseline, Func<double, string> unit)
    {
        Console.WriteLine($"\n{name,-70} {"of least times",14}  ratio {"of medians",14}  ratio");
        foreach ((string contender, Times time) in seconds)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {contender,-68} {unit(time.Least),14}  {time.Least / seconds[baseline].Least:F3} {unit(time.Median),14}  {time.Median / seconds[baseline].Median:F3}"));
        }
    }
}
