using Microsoft.Extensions.AI;

namespace Polymodal.Delegating.Tests;

/// <summary>What was computed before a failure is never lost: it is cached, kept for the next attempt, or given on with places and vectors of the generator that was called.</summary>
public class PartialEmbeddingsTests
{
    [Fact]
    public async Task The_cache_keeps_what_was_computed_and_asks_only_for_the_rest()
    {
        var inner = new FailingGenerator(int.MaxValue, 2, 1);
        using var generator = inner.WithCache(new MemoryEmbeddingCache());
        await generator.GenerateAsync(["known"]);
        var error = await Assert.ThrowsAsync<PartialException>(() => generator.GenerateAsync(["a", "known", "bb", "a", "ccc", "dddd"]));
        Assert.Equal(6, error.InputCount);
        Assert.Equal([(0, 1), (1, 5), (2, 2), (3, 1)], Lengths(error)); // in the caller's places, those from the cache and the equal ones too
        Assert.Equal(2, error.CompletedUsage!.InputTokenCount);
        await Assert.ThrowsAsync<PartialException>(() => generator.GenerateAsync(["dddd", "ccc", "bb", "a"]));
        GeneratedEmbeddings<Embedding<float>> all = await generator.GenerateAsync(["a", "bb", "ccc", "dddd"]);
        Assert.Equal([1, 2, 3, 4], all.Select(vector => (int)vector.Vector.Span[1]));
        Assert.Equal(1, all.Usage!.InputTokenCount);
        Assert.Equal([["known"], ["a", "bb", "ccc", "dddd"], ["dddd", "ccc"], ["ccc"]], inner.Calls);
    }

    [Fact]
    public async Task Who_only_waited_takes_what_was_computed_too()
    {
        var inner = new GatedGenerator();
        using var generator = inner.WithCache(new MemoryEmbeddingCache(), identity: "gated");
        Task<GeneratedEmbeddings<Embedding<float>>> owner = generator.GenerateAsync(["x", "y"]);
        GatedGenerator.Call call = await inner.NextAsync();
        Task<GeneratedEmbeddings<Embedding<float>>> waiting = generator.GenerateAsync(["y", "x"]);
        var failure = new PartialException();
        failure.SetCompleted(2, new Dictionary<int, Embedding<float>> { [0] = new(new float[] { 'x' }) }, null);
        call.Fail(failure);
        await Assert.ThrowsAsync<PartialException>(() => owner);
        GatedGenerator.Call again = await inner.NextAsync();
        Assert.Equal(["y"], again.Inputs);
        again.Answer();
        Assert.Equal(['y', 'x'], (await waiting).Select(vector => (char)vector.Vector.Span[0]));
    }

    [Theory, InlineData(3, "s"), InlineData(1, "s"), InlineData(2, "another")]
    public async Task Vectors_of_another_list_or_another_space_are_not_cached(int inputCount, string space)
    {
        var cache = new MemoryEmbeddingCache();
        int calls = 0;
        var inner = new FakeGenerator<string>(
            text =>
            {
                if (++calls > 1)
                    return [1, text.Length];
                var failure = new PartialException();
                var vector = new Embedding<float>(new float[] { 9, 9 });
                Fake.Space(space).Stamp(vector);
                failure.SetCompleted(inputCount, new Dictionary<int, Embedding<float>> { [0] = vector }, null);
                throw failure;
            }, Fake.Space("s"));
        using var generator = inner.WithCache(cache);
        Assert.Empty((await Assert.ThrowsAsync<PartialException>(() => generator.GenerateAsync(["a", "bb"]))).Completed);
        Assert.Equal(0, cache.Count);
        Assert.Equal([1, 2], (await generator.GenerateAsync(["a", "bb"])).Select(vector => (int)vector.Vector.Span[1]));
    }

    [Fact]
    public async Task A_generator_that_learns_its_space_from_its_first_answer_is_asked_once()
    {
        var inner = new FailingGenerator(1) { LearnsSpace = true };
        using var generator = inner.WithCache(new MemoryEmbeddingCache());
        await Assert.ThrowsAsync<PartialException>(() => generator.GenerateAsync(["a", "bb"]));
        await generator.GenerateAsync(["a", "bb"]);
        Assert.Equal([["a", "bb"], ["bb"]], inner.Calls);
    }

    [Fact]
    public async Task Changed_vectors_are_kept_as_they_are_changed()
    {
        var inner = new FailingGenerator(1, 1);
        using var generator = inner.WithDimensions(1).WithCache(new MemoryEmbeddingCache());
        var error = await Assert.ThrowsAsync<PartialException>(() => generator.GenerateAsync(["aa", "bb"]));
        Assert.Equal([1f], error.Completed[0].Vector.ToArray());
        Assert.Equal("s/cut-1", EmbeddingSpace.SpaceIdOf(error.Completed[0]));
        await Assert.ThrowsAsync<PartialException>(() => generator.GenerateAsync(["aa", "bb", "cc"]));
        Assert.All(await generator.GenerateAsync(["aa", "bb", "cc"]), vector => Assert.Equal([1f], vector.Vector.ToArray()));
        Assert.Equal([["aa", "bb"], ["bb", "cc"], ["cc"]], inner.Calls);
    }

    [Fact]
    public async Task A_text_in_parts_is_there_when_all_its_parts_are()
    {
        var inner = new FailingGenerator(4);
        using var generator = new ChunkPoolingEmbeddingGenerator(inner, new() { MaxTokens = 2, OverlapTokens = 0, CountTokens = text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length });
        var error = await Assert.ThrowsAsync<PartialException>(() => generator.GenerateAsync(["one", "one two three", "one two three four five"]));
        Assert.Equal((3, 6), (error.InputCount, inner.Calls.Single().Length));
        Assert.Equal([0, 1], error.Completed.Keys.Order());
    }

    [Fact]
    public async Task Another_attempt_is_for_the_rest_and_usage_is_of_all()
    {
        var inner = new FailingGenerator(1, 0, 2);
        using var generator = inner.WithRetry(Quick);
        GeneratedEmbeddings<Embedding<float>> all = await generator.GenerateAsync(["a", "bb", "ccc", "dddd"]);
        Assert.Equal([1, 2, 3, 4], all.Select(vector => (int)vector.Vector.Span[1]));
        Assert.Equal(4, all.Usage!.InputTokenCount);
        Assert.Equal([["a", "bb", "ccc", "dddd"], ["bb", "ccc", "dddd"], ["bb", "ccc", "dddd"], ["dddd"]], inner.Calls);
    }

    [Fact]
    public async Task Retry_rate_limit_and_cache_together_pay_for_nothing_twice()
    {
        var inner = new FailingGenerator(3, 1, 0);
        using var generator = inner.WithRetry(o =>
        {
            Quick(o);
            o.MaxAttempts = 2;
        }).WithRateLimit(o => (o.InputsPerSecond, o.Burst) = (3000, TimeSpan.FromMilliseconds(1))).WithCache(new MemoryEmbeddingCache());
        string[] texts = ["a", "bb", "ccc", "dddd", "eeeee", "ffffff"];
        var error = await Assert.ThrowsAsync<PartialException>(() => generator.GenerateAsync(texts));
        Assert.Equal([(0, 1), (1, 2), (2, 3), (3, 4)], Lengths(error));
        Assert.Equal(4, error.CompletedUsage!.InputTokenCount);
        Assert.Equal([1, 2, 3, 4, 5, 6], (await generator.GenerateAsync(texts)).Select(vector => (int)vector.Vector.Span[1]));
        Assert.Equal([["a", "bb", "ccc"], ["dddd", "eeeee", "ffffff"], ["eeeee", "ffffff"], ["eeeee", "ffffff"]], inner.Calls);
    }

    private static void Quick(RetryOptions options) => (options.MaxAttempts, options.FirstDelay, options.MaxDelay, options.ShouldRetry) = (5, TimeSpan.FromTicks(1), TimeSpan.FromTicks(1), _ => true);

    private static IEnumerable<(int Place, int Length)> Lengths(IPartialEmbeddings partial) => partial.Completed.OrderBy(pair => pair.Key).Select(pair => (pair.Key, (int)pair.Value.Vector.Span[1]));

    /// <summary>Computes so many inputs of each call and then fails; after these calls it computes all. A vector is [1, length of the text]; an input is a token.</summary>
    private sealed class FailingGenerator(params int[] computes) : IEmbeddingGenerator<string, Embedding<float>>
    {
        public List<string[]> Calls { get; } = [];

        public bool LearnsSpace { get; init; }

        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
        {
            string[] inputs = [.. values];
            int count = Calls.Count < computes.Length ? computes[Calls.Count] : inputs.Length;
            bool fails = count < inputs.Length;
            Calls.Add(inputs);
            count = Math.Min(count, inputs.Length);
            Embedding<float>[] vectors = [.. inputs[..count].Select(text => new Embedding<float>(new float[] { 1, text.Length }))];
            foreach (Embedding<float> vector in vectors)
                Fake.Space("s").Stamp(vector);
            var usage = new UsageDetails { InputTokenCount = count };
            if (!fails)
                return Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(vectors) { Usage = usage });
            var failure = new PartialException();
            failure.SetCompleted(inputs.Length, vectors.Index().ToDictionary(item => item.Index, item => item.Item), usage);
            throw failure;
        }

        public object? GetService(Type serviceType, object? serviceKey = null) =>
            serviceType == typeof(EmbeddingSpace) && !(LearnsSpace && Calls.Count == 0) ? Fake.Space("s")
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? new EmbeddingGeneratorMetadata("fake", null, "model")
            : null;

        public void Dispose()
        {
        }
    }
}
