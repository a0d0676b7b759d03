using System.Globalization;
using BenchmarkDotNet.Running;
using Polymodal.Benchmarks;

double Argument(string name, double otherwise) => Array.IndexOf(args, name) is >= 0 and int place ? double.Parse(args[place + 1], CultureInfo.InvariantCulture) : otherwise;

switch (args)
{
    case ["soak", ..]:
        return await Soak.RunAsync(Argument("--minutes", 30));
    case ["engine", ..]:
        await EngineComparison.RunAsync((int)Argument("--texts", 600), (int)Argument("--rounds", 5));
        return 0;
    case ["images", ..]:
        await ImageComparison.RunAsync((int)Argument("--rounds", 5));
        return 0;
    case ["audio", ..]:
        await AudioComparison.RunAsync((int)Argument("--rounds", 5));
        return 0;
    case ["cloud", ..]:
        await CloudComparison.RunAsync((int)Argument("--rounds", 5));
        return 0;
    case ["ingestion", ..]:
        await IngestionShare.RunAsync((int)Argument("--passages", 10_000));
        return 0;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(TextEmbeddingBenchmark).Assembly).Run(args);
        return 0;
}
