using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.AI;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Scheduling;
using Polymodal.Providers.Local.Text;

namespace Polymodal.Providers.Local.Tests;

/// <summary>What callers of a local text generator see of the engine behind it.</summary>
public class LocalTextEngineTests
{
    [Fact]
    public async Task A_stream_is_in_order_and_reads_only_so_far_ahead()
    {
        using var generator = new LocalTextEmbeddingGenerator(LocalTextModel.Load(Repository.Reference("text/bert-mean-normalize")), "test");
        int read = 0, seen = 0;
        bool closed = false;
        IEnumerable<string> Endless()
        {
            try
            {
                while (true)
                    yield return $"text {read++ % 7}";
            }
            finally
            {
                closed = true;
            }
        }

        GeneratedEmbeddings<Embedding<float>> expected = await generator.GenerateAsync(Enumerable.Range(0, 7).Select(text => $"text {text}"));
        await foreach (Embedding<float> embedding in generator.GenerateStreamAsync(Endless()))
        {
            Assert.True(Similarity.Of(expected[seen % 7], embedding) > 0.99999f, $"vector {seen}");
            Assert.InRange(read, seen + 1, seen + 2_600);
            if (++seen == 3_000)
                break;
        }

        Assert.True(closed);
    }

    [Fact]
    public async Task A_stream_waits_for_a_full_queue_and_ends_with_its_source()
    {
        using var generator = new LocalTextEmbeddingGenerator(LocalTextModel.Load(Repository.Reference("text/bert-mean-normalize"), new() { QueueTexts = 1 }), "test");
        int count = 0;
        await foreach (Embedding<float> _ in generator.GenerateStreamAsync(Enumerable.Repeat("some text", 2_000)))
            count++;
        Assert.Equal(2_000, count);
    }

    [Fact]
    public async Task A_call_beside_a_full_queue_is_refused_with_a_hint()
    {
        using var generator = new LocalTextEmbeddingGenerator(LocalTextModel.Load(Repository.Reference("text/bert-mean-normalize"), new() { QueueTexts = 1 }), "test");
        using var cancellation = new CancellationTokenSource();
        Task bulk = generator.GenerateAsync(Enumerable.Repeat(new string('a', 500), 50_000), cancellationToken: cancellation.Token);
        EmbeddingOverloadException error = await Assert.ThrowsAsync<EmbeddingOverloadException>(() => generator.GenerateAsync(["one"]));
        Assert.True(error.RetryAfter > TimeSpan.Zero);
        cancellation.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => bulk);
        Assert.Single(await generator.GenerateAsync(["one"]));
    }

    [Fact]
    public async Task A_file_with_one_scale_a_run_gives_a_text_the_vector_it_has_alone_and_says_what_to_do()
    {
        using var log = new CollectingLoggerFactory();
        using var generator = new LocalTextEmbeddingGenerator(LocalTextModel.Load(Repository.Reference("text/onnx-variants"), new() { Weights = ModelWeights.File("onnx/model_quantized.onnx") }), "test", log);
        string[] texts = ["short", "a somewhat longer text of some words", "medium text", "short"];
        Task<GeneratedEmbeddings<Embedding<float>>>[] calls = [.. Enumerable.Range(0, 8).Select(_ => generator.GenerateAsync(texts))];
        foreach (GeneratedEmbeddings<Embedding<float>> call in await Task.WhenAll(calls))
        {
            for (int text = 0; text < texts.Length; text++)
                Assert.Equal((await generator.GenerateAsync([texts[text]]))[0].Vector.ToArray(), call[text].Vector.ToArray());
        }

        Assert.Single(log.Lines, line => line.Contains("models quantize", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_plan_of_the_options_is_kept()
    {
        using var model = LocalTextModel.Load(Repository.Reference("text/bert-mean-normalize"), new() { TokensPerRun = 64, RunsSideBySide = 2, Threads = 4 });
        await model.EncodeAsync([.. Enumerable.Repeat("some text", 500)]);
        Assert.Equal(new RunPlan(64, 2, 2), model.Plan);
    }

    [Fact]
    public async Task A_call_is_a_span_and_measurements_with_the_conventional_names()
    {
        const string Provider = "telemetry-of-this-test";
        var spans = new List<Activity>();
        var measured = new Dictionary<string, double>();
        using var activities = new ActivityListener
        {
            ShouldListenTo = source => source.Name == EmbeddingTelemetry.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                lock (spans)
                    spans.Add(activity);
            },
        };
        ActivitySource.AddActivityListener(activities);
        using var meters = new MeterListener { InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument) };
        void Note<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
        {
            bool own = tags.ToArray().Any(tag => tag.Value is Provider);
            lock (measured)
                _ = own && measured.TryAdd(instrument.Name, Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture));
        }

        meters.SetMeasurementEventCallback<double>(Note);
        meters.SetMeasurementEventCallback<long>(Note);
        meters.Start();

        using var generator = new LocalTextEmbeddingGenerator(LocalTextModel.Load(Repository.Reference("text/bert-mean-normalize")), Provider);
        GeneratedEmbeddings<Embedding<float>> embeddings = await generator.GenerateAsync(["one secret text", "two"]);

        Activity span = Assert.Single(spans, activity => activity.GetTagItem("gen_ai.provider.name") is Provider);
        Assert.Equal("embeddings bert-mean-normalize", span.DisplayName);
        Assert.Equal("embeddings", span.GetTagItem("gen_ai.operation.name"));
        Assert.Equal((int)embeddings.Usage!.InputTokenCount!, span.GetTagItem("gen_ai.usage.input_tokens"));
        Assert.Equal(32, span.GetTagItem("gen_ai.embeddings.dimension.count"));
        Assert.DoesNotContain(span.TagObjects, tag => tag.Value?.ToString()?.Contains("secret", StringComparison.Ordinal) == true);
        Assert.Equal(embeddings.Usage.InputTokenCount, (long)measured["gen_ai.client.token.usage"]);
        Assert.True(measured["gen_ai.client.operation.duration"] > 0);
        Assert.InRange(Assert.IsType<CallStatistics>(embeddings.AdditionalProperties![LocalTextEmbeddingGenerator.StatisticsKey]).Runs, 1, 2);
    }

    [Fact]
    public async Task A_call_within_a_wrappers_span_has_no_second_one()
    {
        const string Provider = "wrapped-in-this-test";
        int spans = 0;
        using var wrapper = new ActivitySource(EmbeddingTelemetry.SourceName);
        using var activities = new ActivityListener
        {
            ShouldListenTo = source => source.Name == EmbeddingTelemetry.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => Interlocked.Add(ref spans, activity.GetTagItem("gen_ai.provider.name") is Provider ? 1 : 0),
        };
        ActivitySource.AddActivityListener(activities);
        using var generator = new LocalTextEmbeddingGenerator(LocalTextModel.Load(Repository.Reference("text/bert-mean-normalize")), Provider);
        using (wrapper.StartActivity("embeddings bert-mean-normalize"))
            await generator.GenerateAsync(["one"]);
        Assert.Equal(0, spans);
        await generator.GenerateAsync(["one"]);
        Assert.Equal(1, spans);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public async Task Callers_that_cancel_beside_others_change_no_result_of_the_model_that_ships(int seed)
    {
        using var generator = new LocalTextEmbeddingGenerator(LocalTextModel.Load(Repository.PathOf("models/all-MiniLM-L6-v2"), new() { Weights = ModelWeights.Int8 }), "test");
        string[] texts = [.. Enumerable.Range(1, 12).Select(words => string.Join(' ', Enumerable.Repeat("word", words)))];
        GeneratedEmbeddings<Embedding<float>> expected = await generator.GenerateAsync(texts);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(caller => Task.Run(async () =>
        {
            var random = new Random((seed * 10) + caller);
            for (int call = 0; call < 4; call++)
            {
                using var cancellation = new CancellationTokenSource();
                Task<GeneratedEmbeddings<Embedding<float>>> running = generator.GenerateAsync(texts, cancellationToken: cancellation.Token);
                bool cancels = random.Next(2) == 0;
                if (cancels)
                    cancellation.Cancel();
                try
                {
                    Assert.All(expected.Zip(await running), pair => Assert.True(Similarity.Of(pair.First, pair.Second) > 0.999f));
                }
                catch (OperationCanceledException)
                {
                    Assert.True(cancels);
                }
            }
        })));
    }
}
