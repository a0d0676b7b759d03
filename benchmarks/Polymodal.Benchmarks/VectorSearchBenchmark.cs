using System.Diagnostics;
using System.Numerics.Tensors;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Engines;
using Polymodal.VectorStore;

namespace Polymodal.Benchmarks;

/// <summary>
/// The 10 nearest of many vectors of 384 dimensions: a SQLite collection, proved exact and by one-bit codes, against the dot product with
/// every float row in memory on two threads, and against sqlite-vec where the environment variable SQLITE_VEC names its library.
/// </summary>
/// <remarks>Set-up prints what is measured once: insertion, first search after opening, memory, recall. The vectors are those of <see cref="ClusteredVectors"/>.</remarks>
#pragma warning disable CA1001 // GlobalCleanup disposes.
[MemoryDiagnoser]
[SimpleJob(RunStrategy.Monitoring, warmupCount: 3, iterationCount: 15, invocationCount: Queries)]
public class VectorSearchBenchmark
#pragma warning restore CA1001
{
    private const int Dimensions = 384, K = 10, Queries = 40, Batch = 10_000;

    private readonly float[][] _queries = new float[Queries][];
    private ClusteredVectors _vectors = null!;
    private float[] _rows = [];
    private string _file = "";
    private SqliteVectorStore _store = null!;
    private IVectorCollection _collection = null!;
    private SqliteVecTable? _sqliteVec;
    private int _next;

    /// <summary>How many vectors.</summary>
    [Params(100_000, 1_000_000)]
    public int Count { get; set; }

    [GlobalSetup]
    public async Task SetupAsync()
    {
        _vectors = new(7, Count, Dimensions);
        for (int query = 0; query < Queries; query++)
            _queries[query] = _vectors[Count + query];
        _file = Path.Combine(Directory.CreateTempSubdirectory("polymodal-search-").FullName, "store.db");
        await FillAsync();
        await OpenAsync();
        _rows = new float[(long)Count * Dimensions];
        Parallel.For(0, Count, row => _vectors[row].CopyTo(_rows.AsSpan(row * Dimensions, Dimensions)));
        await EnsureSameAnswerAsync();
        if (Environment.GetEnvironmentVariable("SQLITE_VEC") is { Length: > 0 } library)
            _sqliteVec = new(library, Path.ChangeExtension(_file, ".vec"), _rows, Dimensions);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _sqliteVec?.Dispose();
        _store.Dispose();
        Directory.Delete(Path.GetDirectoryName(_file)!, recursive: true);
    }

    /// <summary>Every float row, two threads.</summary>
    [Benchmark(Baseline = true)]
    public float PlainFloats() => Plain(NextQuery()).Sum(match => match.Score);

    /// <summary>Proved exact, records read.</summary>
    [Benchmark]
    public async Task<int> Exact() => (await _collection.SearchAsync(new(NextQuery()))).Count;

    /// <summary>One-bit codes, records read.</summary>
    [Benchmark]
    public async Task<int> OneBit() => (await _collection.SearchAsync(new(NextQuery()), new() { Mode = VectorSearchMode.Approximate })).Count;

    /// <summary>sqlite-vec's scan of float rows.</summary>
    [Benchmark]
    public int SqliteVec() => _sqliteVec?.Search(NextQuery(), K) ?? throw new NotSupportedException("Set SQLITE_VEC to the path of vec0.");

    private float[] NextQuery() => _queries[_next++ % Queries];

    private (int Row, float Score)[] Plain(float[] query)
    {
        int half = Count / 2;
        Task<List<(int, float)>> second = Task.Run(() => Plain(query, half, Count));
        return [.. Plain(query, 0, half).Concat(second.GetAwaiter().GetResult()).OrderByDescending(match => match.Item2).ThenBy(match => match.Item1).Take(K)];
    }

    private List<(int, float)> Plain(float[] query, int first, int end)
    {
        var best = new PriorityQueue<(int, float), float>();
        for (int row = first; row < end; row++)
        {
            float score = TensorPrimitives.Dot(query, _rows.AsSpan(row * Dimensions, Dimensions));
            if (best.Count < K)
                best.Enqueue((row, score), score);
            else if (best.TryPeek(out _, out float worst) && score > worst)
                best.EnqueueDequeue((row, score), score);
        }

        return [.. best.UnorderedItems.Select(item => item.Element)];
    }

    private async Task FillAsync()
    {
        using SqliteVectorStore store = await SqliteVectorStore.OpenAsync(_file);
        IVectorCollection collection = await store.GetOrCreateCollectionAsync("vectors", new(new VectorDefinition { SpaceId = "benchmark", Dimensions = Dimensions }));
        TimeSpan elapsed = default;
        for (int first = 0; first < Count; first += Batch)
        {
            var records = new VectorRecord[Batch];
            Parallel.For(0, Batch, i => records[i] = new() { Id = (long)(first + i), Embedding = new(_vectors[first + i]) });
            long started = Stopwatch.GetTimestamp();
            await collection.UpsertAsync(records);
            elapsed += Stopwatch.GetElapsedTime(started);
        }

        Console.WriteLine($"// {Count} vectors: {Count / elapsed.TotalSeconds:0} inserted a second in batches of {Batch}");
    }

    private async Task OpenAsync()
    {
        long started = Stopwatch.GetTimestamp();
        _store = await SqliteVectorStore.OpenAsync(_file);
        _collection = (await _store.GetCollectionAsync("vectors"))!;
        await _collection.SearchAsync(new(_queries[0]));
        Console.WriteLine($"// {Count} vectors: first search {Stopwatch.GetElapsedTime(started).TotalMilliseconds:0} ms after opening began");
        GC.Collect();
        if (OperatingSystem.IsLinux())
            Console.WriteLine($"// {Count} vectors: {(await File.ReadAllLinesAsync("/proc/self/status")).First(line => line.StartsWith("RssAnon", StringComparison.Ordinal))}");
    }

    private async Task EnsureSameAnswerAsync()
    {
        double found = 0;
        foreach (float[] query in _queries)
        {
            VectorSearchResult exact = await _collection.SearchAsync(new(query)), approximate = await _collection.SearchAsync(new(query), new() { Mode = VectorSearchMode.Approximate });
            (int Row, float Score)[] plain = Plain(query);
            // The plain scan does not divide by lengths that differ from 1 in the last bit: only scores further apart than that must agree in order.
            for (int i = 0; i < K; i++)
            {
                if (!exact.IsExact || Math.Abs(exact[i].Score - plain[i].Score) > 1e-6f)
                    throw new InvalidOperationException($"Place {i}: {exact[i].Score} from the store, {plain[i].Score} from the plain scan.");
            }

            found += exact.Select(match => match.Record.Id).Intersect(approximate.Select(match => match.Record.Id)).Count();
        }

        Console.WriteLine($"// {Count} vectors: recall of one-bit codes {found / (Queries * K):0.0000}");
    }
}
