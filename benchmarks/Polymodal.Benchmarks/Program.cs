using BenchmarkDotNet.Running;
using Polymodal.Benchmarks;

BenchmarkSwitcher.FromAssembly(typeof(TextEmbeddingBenchmark).Assembly).Run(args);
