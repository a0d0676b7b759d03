using Polymodal.Providers.Local.Scheduling;

namespace Polymodal.Providers.Local.Tests.Scheduling;

public class SchedulerTests
{
    private readonly FakeRunner _runner = new();

    [Theory, InlineData(1, 1), InlineData(10, 1), InlineData(10, 3), InlineData(100_000, 2)]
    public async Task Results_are_in_order_and_no_run_passes_the_budget(int budget, int lanes)
    {
        using var scheduler = Create(budget, lanes);
        var random = new Random(budget + lanes);
        FakeSubmission[] calls = [.. Enumerable.Range(0, 20).Select(_ => new FakeSubmission([.. Enumerable.Range(0, random.Next(0, 200)).Select(value => new FakeItem(random.Next(1, 30), value))]))];
        CallResult<int>[] results = await Task.WhenAll(calls.Select(call => scheduler.RunAsync(call, default)));
        Assert.All(calls.Zip(results), pair => Assert.Equal(pair.First.Expected, pair.Second.Results));
        Assert.All(_runner.Runs, run => Assert.True(run.Length == 1 || run.Length * run.Max(item => item.Cost) <= budget));
        Assert.Equal(calls.Sum(call => call.Count), _runner.Runs.Sum(run => run.Length));
    }

    [Fact]
    public async Task An_input_larger_than_the_budget_is_a_run_of_its_own()
    {
        using var scheduler = Create(10, 1);
        CallResult<int> result = await scheduler.RunAsync(new FakeSubmission([new(3, 1), new(1_000, 2), new(3, 3)]), default);
        Assert.Equal((int[])[2, 4, 6], result.Results);
        Assert.Single(_runner.Runs, run => run is [{ Cost: 1_000 }]);
    }

    [Fact]
    public async Task Calls_that_come_during_a_run_share_the_next_one()
    {
        using var scheduler = Create(100, 1);
        using var gate = new Gate(_runner);
        Task first = scheduler.RunAsync(new FakeSubmission(1, 5), default);
        await gate.Arrived();
        Task<CallResult<int>>[] others = [.. Enumerable.Range(0, 20).Select(value => scheduler.RunAsync(new FakeSubmission([new(5, value)]), default))];
        Task last = await AllReady(scheduler);
        gate.Open();
        await Task.WhenAll(first, last);
        Assert.Equal(Enumerable.Range(0, 20).Select(value => 2 * value), (await Task.WhenAll(others)).Select(result => result.Results[0]));
        Assert.Single(_runner.Runs, run => run.Length == 20);
    }

    [Theory, InlineData("other", true), InlineData("one", false)]
    public async Task Calls_of_another_kind_or_of_a_model_that_must_not_merge_have_runs_of_their_own(string kind, bool merges)
    {
        using var scheduler = Create(100, 1, settings => settings with { MergesCallers = merges });
        using var gate = new Gate(_runner);
        Task first = scheduler.RunAsync(new FakeSubmission(1, 5), default);
        await gate.Arrived();
        Task second = scheduler.RunAsync(new FakeSubmission([new(5, 10), new(5, 11)]), default), third = scheduler.RunAsync(new FakeSubmission([new(5, 12)]) { KindOf = kind }, default);
        gate.Open();
        await Task.WhenAll(first, second, third);
        Assert.Equal(["0", "10, 11", "12"], _runner.Runs.Select(run => string.Join(", ", run.Select(item => item.Value).Order())).Order());
    }

    [Fact]
    public async Task A_long_text_does_not_pad_short_ones()
    {
        using var scheduler = Create(10_000, 1);
        await scheduler.RunAsync(new FakeSubmission([new(1_000, 1), new(10, 2), new(990, 3), new(12, 4)]), default);
        Assert.Equal(["1, 3", "2, 4"], _runner.Runs.Select(run => string.Join(", ", run.Select(item => item.Value).Order())).Order());
    }

    [Fact]
    public async Task A_single_input_waits_for_one_run_beside_however_long_a_list()
    {
        using var scheduler = Create(10, 1);
        using var gate = new Gate(_runner);
        Task bulk = scheduler.RunAsync(new FakeSubmission(10_000, 10), default);
        await gate.Arrived();
        Task single = scheduler.RunAsync(new FakeSubmission([new(2, 77_777)]), default);
        Task last = await AllReady(scheduler);
        gate.Open();
        await Task.WhenAll(bulk, single, last);
        int place = Array.FindIndex(_runner.Runs, run => run.Any(item => item.Value == 77_777));
        Assert.InRange(place, 1, 2);
    }

    [Fact]
    public async Task Runs_go_side_by_side_and_no_more_of_them_than_planned()
    {
        using var scheduler = Create(1, 3);
        using var barrier = new Barrier(3);
        int running = 0, most = 0;
        _runner.OnRun = (_, cancellationToken) =>
        {
            int now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            barrier.SignalAndWait(cancellationToken);
            Interlocked.Decrement(ref running);
            barrier.SignalAndWait(cancellationToken);
        };
        await scheduler.RunAsync(new FakeSubmission(30, 1), default);
        Assert.Equal(3, most);
    }

    [Fact]
    public async Task Only_so_much_is_made_ready_ahead()
    {
        using var scheduler = Create(10, 1, settings => settings with { LookAhead = 100 });
        using var gate = new Gate(_runner);
        var call = new FakeSubmission(10_000, 10);
        Task<CallResult<int>> bulk = scheduler.RunAsync(call, default);
        await gate.Arrived();
        var other = new FakeSubmission(1, 10);
        Task second = scheduler.RunAsync(other, default);
        gate.Open();
        await second;
        // Made ready by then: what was in runs, what waited, and what a thread was at.
        Assert.InRange(call.Prepared, 1, (_runner.Runs.Length * 10) + 100);
        Assert.Equal(call.Expected, (await bulk).Results);
    }

    [Fact]
    public async Task A_full_queue_refuses_with_a_hint_and_takes_calls_again_later()
    {
        using var scheduler = Create(10, 1, settings => settings with { QueueItems = 1 });
        using var gate = new Gate(_runner);
        Task<CallResult<int>> first = scheduler.RunAsync(new FakeSubmission(50, 1), default);
        await gate.Arrived();
        EmbeddingOverloadException error = await Assert.ThrowsAsync<EmbeddingOverloadException>(() => scheduler.RunAsync(new FakeSubmission(1, 1), default));
        Assert.InRange(error.RetryAfter, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        Assert.Contains("1 inputs waiting (at most 1)", error.Message, StringComparison.Ordinal);
        gate.Open();
        Assert.Equal(50, (await first).Results.Length);
        Assert.Single((await scheduler.RunAsync(new FakeSubmission(1, 1), default)).Results);
    }

    [Fact]
    public async Task A_run_is_ended_when_all_its_callers_have_cancelled_and_not_before()
    {
        using var scheduler = Create(100, 1);
        using CancellationTokenSource one = new(), two = new();
        using var gate = new Gate(_runner);
        Task block = scheduler.RunAsync(new FakeSubmission(1, 100), default);
        await gate.Arrived();
        var began = new TaskCompletionSource<CancellationToken>(TaskCreationOptions.RunContinuationsAsynchronously);
        _runner.OnRun = (run, cancellationToken) =>
        {
            if (run.Length < 2)
                return;
            began.SetResult(cancellationToken);
            cancellationToken.WaitHandle.WaitOne();
        };
        Task first = scheduler.RunAsync(new FakeSubmission(1, 5), one.Token), second = scheduler.RunAsync(new FakeSubmission(1, 5), two.Token);
        Task last = await AllReady(scheduler);
        gate.Open();
        await block;
        CancellationToken shared = await began.Task;

        one.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.False(shared.IsCancellationRequested);
        two.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.True(shared.IsCancellationRequested);

        await last;
        Assert.Single((await scheduler.RunAsync(new FakeSubmission(1, 1), default)).Results);
    }

    [Fact]
    public async Task A_cancelled_callers_batch_mate_gets_its_result()
    {
        using var scheduler = Create(100, 1);
        using var gate = new Gate(_runner);
        using var cancellation = new CancellationTokenSource();
        Task block = scheduler.RunAsync(new FakeSubmission(1, 100), default);
        await gate.Arrived();
        Task<CallResult<int>> cancelled = scheduler.RunAsync(new FakeSubmission([new(5, 1)]), cancellation.Token), other = scheduler.RunAsync(new FakeSubmission([new(5, 2)]), default);
        cancellation.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        gate.Open();
        await block;
        Assert.Equal(4, Assert.Single((await other).Results));
    }

    [Fact]
    public async Task A_fault_in_a_run_is_seen_by_the_caller_that_brought_it_alone()
    {
        using var scheduler = Create(100, 1);
        using var gate = new Gate(_runner);
        Task block = scheduler.RunAsync(new FakeSubmission(1, 100), default);
        await gate.Arrived();
        Task<CallResult<int>> faulty = scheduler.RunAsync(new FakeSubmission([new(5, 1), new(5, FakeRunner.Faulty)]), default), other = scheduler.RunAsync(new FakeSubmission([new(5, 2), new(5, 3)]), default);
        gate.Open();
        await block;
        await Assert.ThrowsAsync<ArithmeticException>(() => faulty);
        Assert.Equal((int[])[4, 6], (await other).Results);
    }

    [Fact]
    public async Task Dispose_ends_runs_and_waiting_calls_and_later_calls_are_refused()
    {
        var scheduler = Create(1, 2);
        using var gate = new Gate(_runner);
        Task<CallResult<int>>[] calls = [.. Enumerable.Range(0, 10).Select(_ => scheduler.RunAsync(new FakeSubmission(100, 1), default))];
        await gate.Arrived();
        await gate.Arrived();
        scheduler.Dispose();
        scheduler.Dispose();
        foreach (Task<CallResult<int>> call in calls)
            await Assert.ThrowsAsync<ObjectDisposedException>(() => call);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => scheduler.RunAsync(new FakeSubmission(1, 1), default));
    }

    [Fact]
    public async Task A_call_tells_where_its_time_went()
    {
        using var scheduler = Create(100, 1);
        CallStatistics statistics = (await scheduler.RunAsync(new FakeSubmission([new(40, 1), new(50, 2), new(7, 3)]), default)).Statistics;
        Assert.Equal(2, statistics.Runs);
        Assert.Equal(10.0 / 107, statistics.Padding, 1e-9);
        Assert.True(statistics is { Queued.Ticks: > 0, Preparing.Ticks: > 0, Running.Ticks: > 0 });
    }

    private Scheduler<FakeItem, int> Create(int budget, int lanes, Func<SchedulerSettings, SchedulerSettings>? change = null)
    {
        var settings = new SchedulerSettings { Name = "fake", Plan = new RunPlan(budget, lanes, 1) };
        return new(_runner, change?.Invoke(settings) ?? settings);
    }

    // With one lane, whose thread is in a run that is held up, the other thread has made all earlier calls ready when it begins with this one.
    private static async Task<Task> AllReady(Scheduler<FakeItem, int> scheduler)
    {
        var next = new FakeSubmission(1, 1) { KindOf = "last" };
        Task last = scheduler.RunAsync(next, default);
        await next.Began.Task;
        return last;
    }

    private static void InterlockedMax(ref int place, int value)
    {
        for (int seen = place; value > seen;)
            seen = Interlocked.CompareExchange(ref place, value, seen) is var before && before == seen ? value : before;
    }
}
