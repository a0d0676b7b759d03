using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using Microsoft.Extensions.AI;
using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Scheduling;
using Polymodal.Providers.Local.Text;
using Polymodal.VectorStore;
using Polymodal.VectorStore.Ingestion;

namespace Polymodal.Benchmarks;

/// <summary>
/// How much of the time of an ingestion is spent in the model: <c>-- ingestion [--passages 10000]</c>. A folder of text files, read, cut, embedded by all-MiniLM-L6-v2 int8 and stored in a SQLite
/// collection by the public classes. The rest is the time during which no call of the generator is under way. Then the run is ended in the middle and begun again on the same folder.
/// With POLYMODAL_POSTGRES, a connection string, the same into PostgreSQL, in the schema polymodal_benchmark, without an index and with HNSW.
/// </summary>
internal static class IngestionShare
{
    private const int PassagesOfFile = 25, Fewest = 80, Most = 125;

    public static async Task RunAsync(int passages)
    {
        string folder = Directory.CreateTempSubdirectory("polymodal-ingestion-").FullName;
        try
        {
            Write(Path.Combine(folder, "texts"), passages);
            using var local = new LocalTextEmbeddingGenerator(LocalTextModel.Load(BenchmarkModel.Folder, new() { Weights = ModelWeights.Int8 }), "benchmark");
            using var generator = new TimedGenerator(local);
            await generator.GenerateAsync(Texts.Mix(256, Fewest, Most, seed: 1)); // the first work of a model finds its plan
            await using (SqliteVectorStore store = await SqliteVectorStore.OpenAsync(Path.Combine(folder, "store.db")))
                await RunAsync("SQLite", store, generator, Path.Combine(folder, "texts"));

            if (Environment.GetEnvironmentVariable("POLYMODAL_POSTGRES") is not { Length: > 0 } server)
                return;
            foreach (PostgreSqlIndex index in (PostgreSqlIndex[])[PostgreSqlIndex.None, PostgreSqlIndex.Hnsw])
            {
                await using PostgreSqlVectorStore store = await PostgreSqlVectorStore.OpenAsync(server, new() { Schema = "polymodal_benchmark", Index = index });
                await using PostgreSqlVectorStore indexing = await PostgreSqlVectorStore.OpenAsync(server, new() { Schema = "polymodal_benchmark", CommandTimeout = TimeSpan.FromHours(1) });
                await RunAsync($"PostgreSQL, index {index}", store, generator, Path.Combine(folder, "texts"), index == PostgreSqlIndex.None ? indexing : null);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task RunAsync(string name, IVectorStore store, TimedGenerator generator, string texts, PostgreSqlVectorStore? indexing = null)
    {
        await store.DeleteCollectionAsync("docs");
        await store.DeleteCollectionAsync("interrupted");
        IVectorCollection collection = await store.OpenCollectionAsync("docs", generator);
        generator.Reset();
        long began = Stopwatch.GetTimestamp();
        IndexingReport report = await new DocumentIndexer(generator, collection).IndexAsync(new FolderSource(texts).ReadAsync());
        double all = Stopwatch.GetElapsedTime(began).TotalSeconds, model = generator.Seconds, preparing = generator.PreparingShare;
        await EnsureStoredAsync(collection, generator, report.ChunksEmbedded);
        began = Stopwatch.GetTimestamp();
        IndexingReport again = await new DocumentIndexer(generator, collection).IndexAsync(new FolderSource(texts).ReadAsync());
        double unchanged = Stopwatch.GetElapsedTime(began).TotalSeconds;
        if (again.ChunksEmbedded != 0)
            throw new InvalidOperationException($"{again.ChunksEmbedded} passages were embedded again.");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name}: {report.ChunksEmbedded} passages of {report.Added} files in {all:0.0} s ({report.ChunksEmbedded / all:0} a second); in the generator {model:0.0} s, share {model / all:0.000}, of whose work tokenizing is {preparing:0.000}; a second run finds nothing to do in {unchanged:0.00} s"));
        if (indexing is not null)
        {
            began = Stopwatch.GetTimestamp();
            await indexing.EnsureIndexAsync("docs");
            double made = Stopwatch.GetElapsedTime(began).TotalSeconds;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: HNSW made afterwards in {made:0.0} s; share with it {model / (all + made):0.000}"));
        }

        await store.DeleteCollectionAsync("docs");
        await InterruptAsync(name, await store.OpenCollectionAsync("interrupted", generator), generator, texts, report.ChunksEmbedded);
        await store.DeleteCollectionAsync("interrupted");
    }

    // Half of the calls, then the end; what is done afterwards must be the other half.
    private static async Task InterruptAsync(string name, IVectorCollection collection, TimedGenerator generator, string texts, int passages)
    {
        using var end = new CancellationTokenSource();
        var progress = new Heard(embedded =>
        {
            if (embedded >= passages / 2)
                end.Cancel();
        });
        try
        {
            await new DocumentIndexer(generator, collection).IndexAsync(new FolderSource(texts).ReadAsync(cancellationToken: end.Token), progress, end.Token);
        }
        catch (OperationCanceledException)
        {
            // as meant
        }

        long before = await collection.CountAsync();
        IndexingReport rest = await new DocumentIndexer(generator, collection).IndexAsync(new FolderSource(texts).ReadAsync());
        if (before + rest.ChunksEmbedded != passages || await collection.CountAsync() != passages)
            throw new InvalidOperationException($"{before} passages were stored and {rest.ChunksEmbedded} embedded afterwards, of {passages}.");
        Console.WriteLine($"{name}: ended after {before} passages; the next run embedded the other {rest.ChunksEmbedded} and no more");
    }

    private static async Task EnsureStoredAsync(IVectorCollection collection, TimedGenerator generator, int passages)
    {
        if (await collection.CountAsync() != passages)
            throw new InvalidOperationException($"The collection holds {await collection.CountAsync()} records, not {passages}.");
        int seen = 0;
        await foreach (VectorRecord record in collection.ScanAsync())
        {
            if (seen++ == 20)
                break;
            Embedding<float> alone = (await generator.GenerateDocumentsAsync([DocumentIndexer.EmbeddedText(record)!]))[0];
            if (!(TensorPrimitives.CosineSimilarity(alone.Vector.Span, record.Embedding.Vector.Span) > 0.99f))
                throw new InvalidOperationException($"The vector of {record.Id} is not that of its text.");
        }
    }

    // A paragraph is a passage: two are longer than a passage may be.
    private static void Write(string folder, int passages)
    {
        Directory.CreateDirectory(folder);
        var random = new Random(3);
        for (int first = 0; first < passages; first += PassagesOfFile)
        {
            IEnumerable<string> paragraphs = Enumerable.Range(0, Math.Min(PassagesOfFile, passages - first)).Select(_ =>
            {
                string text = Texts.Text(random, random.Next(Fewest, Most + 1));
                return (text.Length > 880 ? text[..880] : text.PadRight(460, '.')) + '.';
            });
            File.WriteAllText(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{first:D6}.txt")), string.Join("\n\n", paragraphs));
        }
    }

    private sealed class Heard(Action<int> report) : IProgress<IndexingProgress>
    {
        public void Report(IndexingProgress value) => report(value.ChunksEmbedded);
    }

    private sealed class TimedGenerator(IEmbeddingGenerator<string, Embedding<float>> inner) : DelegatingEmbeddingGenerator<string, Embedding<float>>(inner)
    {
        private double _preparing, _running;

        /// <summary>Time during which a call was under way; the indexer makes one at a time.</summary>
        public double Seconds { get; private set; }

        /// <summary>The part of the engine's work, all threads together, that makes inputs ready.</summary>
        public double PreparingShare => _preparing / (_preparing + _running);

        public void Reset() => Seconds = _preparing = _running = 0;

        public override async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
        {
            long began = Stopwatch.GetTimestamp();
            try
            {
                GeneratedEmbeddings<Embedding<float>> embeddings = await base.GenerateAsync(values, options, cancellationToken);
                var statistics = (CallStatistics)embeddings.AdditionalProperties![LocalTextEmbeddingGenerator.StatisticsKey]!;
                _preparing += statistics.Preparing.TotalSeconds;
                _running += statistics.Running.TotalSeconds;
                return embeddings;
            }
            finally
            {
                Seconds += Stopwatch.GetElapsedTime(began).TotalSeconds;
            }
        }
    }
}
