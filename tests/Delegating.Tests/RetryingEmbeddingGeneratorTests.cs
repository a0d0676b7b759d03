using System.Net;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;

namespace Polymodal.Delegating.Tests;

public class RetryingEmbeddingGeneratorTests
{
    private readonly FakeTimeProvider _time = new() { AutoAdvanceAmount = TimeSpan.Zero };
    private int _calls;

    [Fact]
    public async Task Waits_double_with_jitter_and_the_list_is_read_once()
    {
        using var generator = Failing(3, new HttpRequestException(null, null, HttpStatusCode.TooManyRequests)).WithRetry(o => (o.Time, o.NextRandom) = (_time, () => 0.5));
        int reads = 0;
        Task<GeneratedEmbeddings<Embedding<float>>> call = generator.GenerateAsync(Enumerable.Range(0, 1).Select(_ => $"read {++reads}"));
        foreach (double seconds in new[] { 0.375, 0.75, 1.5 }) // 0.5, 1, 2 seconds less a quarter
        {
            int before = _calls;
            _time.Advance(TimeSpan.FromSeconds(seconds - 0.001));
            Assert.Equal(before, _calls);
            _time.Advance(TimeSpan.FromSeconds(0.001));
            while (_calls == before)
                await Task.Yield();
        }

        Assert.Single(await call);
        Assert.Equal((4, 1), (_calls, reads));
    }

    [Fact]
    public async Task The_last_failure_is_given_back_as_it_is()
    {
        using var generator = Failing(9, new TimeoutException("no answer")).WithRetry(o => (o.MaxAttempts, o.FirstDelay, o.MaxDelay) = (3, TimeSpan.FromTicks(1), TimeSpan.FromTicks(1)));
        Assert.Equal("no answer", (await Assert.ThrowsAsync<TimeoutException>(() => generator.GenerateAsync(["a"]))).Message);
        Assert.Equal(3, _calls);
    }

    [Fact]
    public async Task A_wait_that_would_pass_the_total_time_is_not_begun()
    {
        using var generator = Failing(9, new TimeoutException()).WithRetry(o => (o.Time, o.NextRandom, o.TotalTime) = (_time, () => 0, TimeSpan.FromSeconds(0.4)));
        await Assert.ThrowsAsync<TimeoutException>(() => generator.GenerateAsync(["a"]));
        Assert.Equal(1, _calls);
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest, 1)]
    [InlineData(HttpStatusCode.Unauthorized, 1)]
    [InlineData(HttpStatusCode.NotImplemented, 1)]
    [InlineData(HttpStatusCode.ServiceUnavailable, 2)]
    [InlineData(HttpStatusCode.RequestTimeout, 2)]
    public async Task Only_what_may_pass_is_tried_again(HttpStatusCode status, int calls)
    {
        using var generator = Failing(9, new HttpRequestException(null, null, status)).WithRetry(Quick);
        await Assert.ThrowsAsync<HttpRequestException>(() => generator.GenerateAsync(["a"]));
        Assert.Equal(calls, _calls);
    }

    [Fact]
    public async Task Errors_of_the_input_and_cancellation_are_not_tried_again()
    {
        using var generator = Failing(9, new ArgumentException("bad input")).WithRetry(Quick);
        await Assert.ThrowsAsync<ArgumentException>(() => generator.GenerateAsync(["a"]));
        using var cancel = new CancellationTokenSource();
        using var cancelled = new FuncGenerator((_, _) =>
        {
            _calls++;
            cancel.Cancel();
            throw new TimeoutException();
        }).WithRetry(Quick);
        await Assert.ThrowsAsync<TimeoutException>(() => cancelled.GenerateAsync(["a"], cancellationToken: cancel.Token));
        Assert.Equal(2, _calls);
    }

    [Fact]
    public void Impossible_options_are_refused_by_name()
    {
        Assert.Throws<ArgumentOutOfRangeException>("MaxAttempts", () => Fake.TextGenerator().WithRetry(o => o.MaxAttempts = 0));
        Assert.Throws<ArgumentOutOfRangeException>("MaxDelay", () => Fake.TextGenerator().WithRetry(o => o.MaxDelay = TimeSpan.Zero));
    }

    private static void Quick(RetryOptions options) => (options.MaxAttempts, options.FirstDelay, options.MaxDelay) = (2, TimeSpan.FromTicks(1), TimeSpan.FromTicks(1));

    private FuncGenerator Failing(int times, Exception failure) => new((texts, _) =>
        ++_calls <= times ? throw failure : Task.FromResult(texts.Select(_ => new Embedding<float>(new float[] { 1 })).ToList()));
}
