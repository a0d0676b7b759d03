using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;

namespace Polymodal.Delegating.Tests;

public class CachingEmbeddingGeneratorTests
{
    private readonly MemoryEmbeddingCache _cache = new();

    [Fact]
    public async Task What_is_there_is_not_computed_duplicates_are_merged_and_order_is_kept()
    {
        var inner = new FakeGenerator<string>(text => [1, text.Length], Fake.Space("s")) { InputTokensPerCall = 7 };
        using var generator = inner.WithCache(_cache);
        GeneratedEmbeddings<Embedding<float>> first = await generator.GenerateAsync(["a", "bb", "a", ""]), second = await generator.GenerateAsync(["", "ccc", "bb"]);

        Assert.Equal([["a", "bb", ""], ["ccc"]], inner.Calls);
        Assert.Equal([1, 2, 1, 0], first.Select(vector => (int)vector.Vector.Span[1]));
        Assert.Equal([0, 3, 2], second.Select(vector => (int)vector.Vector.Span[1]));
        Assert.Equal(7, second.Usage!.InputTokenCount);
        Assert.Equal(0, (await generator.GenerateAsync(["a", "ccc"])).Usage!.InputTokenCount);
        Assert.All(first.Concat(second), vector => Assert.Equal(("s", "s@fp32"), (EmbeddingSpace.SpaceIdOf(vector), vector.AdditionalProperties![EmbeddingSpace.FingerprintProperty])));
        Assert.NotSame(first[0], first[2]);
    }

    [Fact]
    public async Task Model_intent_dimensions_and_every_other_option_have_entries_of_their_own()
    {
        var inner = new FakeGenerator<string>(_ => [1, 2], Fake.Space("s"));
        var other = new FakeGenerator<string>(_ => [3, 4], Fake.Space("t"));
        using var generator = inner.WithCache(_cache);
        using var otherModel = other.WithCache(_cache);
        EmbeddingGenerationOptions?[] options =
        [
            null, new() { Dimensions = 1 }, new() { ModelId = "m" }, new EmbeddingGenerationOptions().WithIntent(EmbeddingIntent.Query), new EmbeddingGenerationOptions().WithIntent(EmbeddingIntent.Document),
            new() { AdditionalProperties = new() { ["a"] = 1 } }, new() { AdditionalProperties = new() { ["a"] = "1" } }, new() { AdditionalProperties = new() { ["ab"] = "" } }, new() { AdditionalProperties = new() { ["a"] = "b" } },
        ];
        foreach (EmbeddingGenerationOptions? option in options.Concat(options))
            await generator.GenerateAsync(["text"], option);
        Assert.Equal(options.Length, inner.Calls.Count);

        Assert.Equal(3, (await otherModel.GenerateAsync(["text"]))[0].Vector.Span[0]);

        // What nobody can compare goes past the cache.
        for (int i = 0; i < 2; i++)
            await generator.GenerateAsync(["text"], new() { AdditionalProperties = new() { ["a"] = new object() } });
        Assert.Equal(options.Length + 2, inner.Calls.Count);
    }

    [Fact]
    public async Task Pictures_are_told_apart_by_bytes_and_media_type_and_texts_by_every_unit()
    {
        FakeGenerator<DataContent> pictures = new(content => [1, content.Data.Span[0]], Fake.Space("s"));
        using var generator = pictures.WithCache(_cache);
        await generator.GenerateAsync([Fake.Media("image/png", 1), Fake.Media("image/png", 2), Fake.Media("image/jpeg", 1), Fake.Media("image/png", 1)]);
        Assert.Equal(3, pictures.Calls.Single().Length);

        FakeGenerator<string> texts = new(text => [1, text.Length], Fake.Space("s"));
        using var textGenerator = texts.WithCache(_cache);
        await textGenerator.GenerateAsync(["\ud800", "\ud801", "\ufffd", "e\u0301", "é", "a", "a\0"]);
        Assert.Equal(7, texts.Calls.Single().Length);
    }

    [Fact]
    public async Task Concurrent_callers_of_one_input_share_one_call_and_a_cancelled_first_one_fails_nobody()
    {
        var inner = new GatedGenerator();
        using var generator = inner.WithCache(_cache, identity: "gated");
        using var cancel = new CancellationTokenSource();
        Task<GeneratedEmbeddings<Embedding<float>>> first = generator.GenerateAsync(["x", "y"], cancellationToken: cancel.Token);
        GatedGenerator.Call call = await inner.NextAsync();
        Task<GeneratedEmbeddings<Embedding<float>>> second = generator.GenerateAsync(["y"]), third = generator.GenerateAsync(["y", "x"]);

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.False(call.CancellationToken.IsCancellationRequested);
        call.Answer();

        Assert.Equal("y", Text(await second, 0));
        Assert.Equal("x", Text(await third, 1));
        Assert.Equal(1, inner.CallCount);
        Assert.Equal(0, (await second).Usage!.InputTokenCount);
    }

    [Fact]
    public async Task When_all_callers_cancel_the_inner_call_is_ended_and_the_next_one_starts_anew()
    {
        var inner = new GatedGenerator();
        using var generator = inner.WithCache(_cache, identity: "gated");
        using var cancel = new CancellationTokenSource();
        Task first = generator.GenerateAsync(["x"], cancellationToken: cancel.Token), second = generator.GenerateAsync(["x"], cancellationToken: cancel.Token);
        GatedGenerator.Call abandoned = await inner.NextAsync();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        await abandoned.Ended;

        Task<GeneratedEmbeddings<Embedding<float>>> third = generator.GenerateAsync(["x"]);
        (await inner.NextAsync()).Answer();
        Assert.Equal("x", Text(await third, 0));
    }

    [Fact]
    public async Task A_failed_call_leaves_nothing_behind_and_fails_only_the_caller_whose_input_failed()
    {
        var inner = new GatedGenerator();
        using var generator = inner.WithCache(_cache, identity: "gated");
        Task<GeneratedEmbeddings<Embedding<float>>> bad = generator.GenerateAsync(["poison", "shared"]);
        GatedGenerator.Call call = await inner.NextAsync();
        Task<GeneratedEmbeddings<Embedding<float>>> innocent = generator.GenerateAsync(["shared", "own"]);
        GatedGenerator.Call own = await inner.NextAsync(); // "own" is asked for at once
        Assert.Equal(["own"], own.Inputs);
        call.Fail(new InvalidOperationException("poison"));
        Assert.Equal("poison", (await Assert.ThrowsAsync<InvalidOperationException>(() => bad)).Message);
        own.Answer();
        GatedGenerator.Call again = await inner.NextAsync();
        Assert.Equal(["shared"], again.Inputs);
        again.Answer();
        Assert.Equal(["shared", "own"], (await innocent).Select((_, i) => Text(innocent.Result, i)));
        Assert.Equal(2, _cache.Count);
    }

    [Theory, InlineData(0), InlineData(9), InlineData(-1), InlineData(-5)]
    public async Task A_damaged_or_swapped_entry_is_computed_again(int place)
    {
        var store = new DictionaryCache();
        var inner = new FakeGenerator<string>(text => [1, text.Length], Fake.Space("s"));
        using var generator = inner.WithCache(store);
        await generator.GenerateAsync(["a"]);
        byte[] entry = store.Entries.Single().Value;
        entry[place < 0 ? entry.Length + place : place] ^= 1;
        Assert.Equal(1, (await generator.GenerateAsync(["a"]))[0].Vector.Span[1]);
        Assert.Equal(2, inner.Calls.Count);

        await generator.GenerateAsync(["bb"]);
        string[] keys = [.. store.Entries.Keys];
        (store.Entries[keys[0]], store.Entries[keys[1]]) = (store.Entries[keys[1]], store.Entries[keys[0]][..12]);
        Assert.Equal([1, 2], (await generator.GenerateAsync(["a", "bb"])).Select(vector => (int)vector.Vector.Span[1]));
        Assert.Equal(4, inner.Calls.Count);
    }

    [Fact]
    public async Task A_cache_that_fails_does_not_take_the_generator_with_it()
    {
        var store = new DictionaryCache { Fails = true };
        var inner = new FakeGenerator<string>(text => [1, text.Length], Fake.Space("s"));
        using var generator = inner.WithCache(store);
        Assert.Equal(3, (await generator.GenerateAsync(["abc"]))[0].Vector.Span[1]);
        Assert.Equal(3, (await generator.GenerateAsync(["abc"]))[0].Vector.Span[1]);
        Assert.Equal(2, inner.Calls.Count);
    }

    [Fact]
    public async Task A_distributed_cache_gives_back_what_was_stored_from_another_generator_of_the_model()
    {
        var shared = new DictionaryDistributedCache();
        float[] hard = [0, -0f, float.Epsilon, float.MaxValue, float.NaN];
        var inner = new FakeGenerator<string>(_ => hard, Fake.Space("s"));
        using (var generator = inner.WithCache(new DistributedEmbeddingCache(shared)))
            await generator.GenerateAsync(Enumerable.Range(0, 100).Select(i => $"text {i}"));
        var second = new FakeGenerator<string>(_ => throw new InvalidOperationException("must not be asked"), Fake.Space("s"));
        using var other = second.WithCache(new DistributedEmbeddingCache(shared));
        GeneratedEmbeddings<Embedding<float>> vectors = await other.GenerateAsync(Enumerable.Range(0, 100).Select(i => $"text {i}"));
        Assert.All(vectors, vector => Assert.Equal(hard.Select(BitConverter.SingleToInt32Bits), vector.Vector.ToArray().Select(BitConverter.SingleToInt32Bits)));
        Assert.Equal([false, true], (await new DistributedEmbeddingCache(shared, prefix: "").GetAsync(["missing", shared.Entries.Keys.First()], default)).Select(entry => entry.HasValue));
        Assert.All(shared.Entries.Keys, key => Assert.Matches("^embedding:[0-9a-f]{64}$", key));
    }

    [Fact]
    public void A_generator_without_identity_is_refused_unless_it_is_given_one()
    {
        Assert.Contains("identity", Assert.Throws<ArgumentException>(() => Fake.TextGenerator().WithCache(_cache)).Message, StringComparison.Ordinal);
        Assert.NotNull(Fake.TextGenerator().WithCache(_cache, identity: "fake 1"));
    }

    [Fact]
    public async Task A_wrong_number_of_vectors_is_an_error_and_a_null_input_is_left_to_the_generator()
    {
        using var generator = new FakeGenerator<string>(text => [1, text.Length], Fake.Space("s")) { VectorsTooMany = 1 }.WithCache(_cache);
        Assert.Contains("2 vectors for 1 inputs", (await Assert.ThrowsAsync<InvalidOperationException>(() => generator.GenerateAsync(["a"]))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<NullReferenceException>(() => generator.GenerateAsync(["a", null!]));
        Assert.Equal(0, _cache.Count);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public async Task Many_callers_with_overlapping_lists_some_cancelled_get_their_own_vectors(int seed)
    {
        var random = new Random(seed);
        int calls = 0;
        var inner = new FuncGenerator(async (texts, token) =>
        {
            await Task.Yield();
            token.ThrowIfCancellationRequested();
            if (Interlocked.Increment(ref calls) % 7 == 0)
                throw new TimeoutException();
            return [.. texts.Select(text => new Embedding<float>(new float[] { int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) }))];
        });
        using var generator = inner.WithCache(new MemoryEmbeddingCache(maxBytes: 20 * 400), identity: "many");
        Task[] callers = [.. Enumerable.Range(0, 200).Select(_ =>
        {
            string[] texts = [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => random.Next(40).ToString(System.Globalization.CultureInfo.InvariantCulture))];
            bool cancels = random.Next(5) == 0;
            return Task.Run(async () =>
            {
                using var cancel = new CancellationTokenSource();
                Task<GeneratedEmbeddings<Embedding<float>>> call = generator.GenerateAsync(texts, cancellationToken: cancel.Token);
                if (cancels)
                    await cancel.CancelAsync();
                try
                {
                    Assert.Equal(texts, (await call).Select(vector => ((int)vector.Vector.Span[0]).ToString(System.Globalization.CultureInfo.InvariantCulture)));
                }
                catch (TimeoutException)
                {
                }
                catch (OperationCanceledException) when (cancels)
                {
                }
            });
        })];
        await Task.WhenAll(callers).WaitAsync(TimeSpan.FromMinutes(1));
    }

    private static string Text(GeneratedEmbeddings<Embedding<float>> vectors, int index) => new([.. vectors[index].Vector.ToArray().Select(value => (char)value)]);

    private sealed class DictionaryCache : IEmbeddingCache
    {
        public ConcurrentDictionary<string, byte[]> Entries { get; } = [];

        public bool Fails { get; init; }

        public ValueTask<IReadOnlyList<ReadOnlyMemory<byte>?>> GetAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) => Fails
            ? throw new IOException("no cache today")
            : new([.. keys.Select(key => Entries.TryGetValue(key, out byte[]? entry) ? new ReadOnlyMemory<byte>(entry) : (ReadOnlyMemory<byte>?)null)]);

        public ValueTask SetAsync(IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> entries, CancellationToken cancellationToken)
        {
            if (Fails)
                throw new IOException("no cache today");
            foreach ((string key, ReadOnlyMemory<byte> entry) in entries)
                Entries[key] = entry.ToArray();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class DictionaryDistributedCache : IDistributedCache
    {
        public ConcurrentDictionary<string, byte[]> Entries { get; } = [];

        public byte[]? Get(string key) => Entries.GetValueOrDefault(key);

        public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => Task.FromResult(Get(key));

        public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => Entries[key] = value;

        public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
        {
            Set(key, value, options);
            return Task.CompletedTask;
        }

        public void Refresh(string key)
        {
        }

        public Task RefreshAsync(string key, CancellationToken token = default) => Task.CompletedTask;

        public void Remove(string key) => Entries.TryRemove(key, out _);

        public Task RemoveAsync(string key, CancellationToken token = default)
        {
            Remove(key);
            return Task.CompletedTask;
        }
    }
}
