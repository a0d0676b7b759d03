using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;

namespace Polymodal.Delegating.Tests;

public sealed class RateLimitingEmbeddingGeneratorTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeGenerator<string> _inner = new(text => [1, text.Length]) { InputTokensPerCall = 3 };

    public void Dispose() => _inner.Dispose();

    [Fact]
    public async Task A_burst_goes_at_once_and_the_rest_as_fast_as_allowed_in_order()
    {
        using var generator = _inner.WithRateLimit(o => (o.InputsPerSecond, o.Time) = (4, _time));
        Task<GeneratedEmbeddings<Embedding<float>>> call = generator.GenerateAsync(["a", "bb", "ccc", "dddd", "eeeee", "ffffff"]);
        Assert.Single(_inner.Calls);
        Assert.Equal(4, _inner.Calls[0].Length);
        _time.Advance(TimeSpan.FromSeconds(0.49)); // the two inputs left need half a second
        Assert.False(call.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.01));
        Assert.Equal([1, 2, 3, 4, 5, 6], (await call).Select(vector => (int)vector.Vector.Span[1]));
        Assert.Equal(6, (await call).Usage!.InputTokenCount);
    }

    [Fact]
    public async Task Tokens_are_limited_too_and_one_input_with_more_than_a_burst_waits_for_its_share()
    {
        using var generator = _inner.WithRateLimit(o => (o.TokensPerSecond, o.CountTokens, o.Burst, o.Time) = (10, text => text.Length, TimeSpan.FromSeconds(0.5), _time));
        Task large = generator.GenerateAsync([new string('x', 25), "yy", "zzz"]);
        Assert.Empty(_inner.Calls);
        _time.Advance(TimeSpan.FromSeconds(1.9)); // 25 tokens, 5 there, 10 a second
        Assert.Empty(_inner.Calls);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        await UntilAsync(() => _inner.Calls.Count == 1);
        _time.Advance(TimeSpan.FromSeconds(0.5));
        await large;
        Assert.Equal([1, 2], _inner.Calls.Select(call => call.Length));
    }

    [Fact]
    public async Task A_cancelled_wait_gives_its_share_back()
    {
        using var generator = _inner.WithRateLimit(o => (o.InputsPerSecond, o.Time) = (1, _time));
        await generator.GenerateAsync(["a"]);
        using var cancel = new CancellationTokenSource();
        Task waiting = generator.GenerateAsync(["b"], cancellationToken: cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(generator.GenerateAsync(["c"]).IsCompletedSuccessfully);
    }

    [Fact]
    public void Impossible_limits_are_refused_by_name()
    {
        Assert.Throws<ArgumentOutOfRangeException>("InputsPerSecond", () => _inner.WithRateLimit(o => o.InputsPerSecond = 0));
        Assert.Throws<ArgumentException>("CountTokens", () => _inner.WithRateLimit(o => o.TokensPerSecond = 5));
        Assert.Throws<ArgumentOutOfRangeException>("Burst", () => _inner.WithRateLimit(o => o.Burst = TimeSpan.Zero));
    }

    // What a timer starts runs on another thread: waits for it, not for a time.
    private static async Task UntilAsync(Func<bool> isTrue)
    {
        while (!isTrue())
            await Task.Yield();
    }
}
