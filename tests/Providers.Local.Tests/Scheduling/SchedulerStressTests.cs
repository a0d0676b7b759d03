using Polymodal.Providers.Local.Scheduling;

namespace Polymodal.Providers.Local.Tests.Scheduling;

public class SchedulerStressTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 25)];

    // Overload, cancellation, faults while making ready and in runs, capacity 1, inputs larger than the budget, dispose in the middle: whoever
    // did nothing wrong gets its own results, and everybody gets an answer.
    [Theory, MemberData(nameof(Seeds))]
    public async Task Whatever_others_do_a_caller_gets_its_own_results(int seed)
    {
        var random = new Random(seed);
        bool disposes = random.Next(3) == 0, fromStart = random.Next(2) == 0;
        var runner = new FakeRunner();
        var scheduler = new Scheduler<FakeItem, int>(runner, new SchedulerSettings
        {
            Name = "stress",
            Plan = new RunPlan(random.Next(1, 200), random.Next(1, 4), 1),
            Candidates = random.Next(2) == 0 ? [] : [new(5, 1, 1), new(50, 4, 1), new(100, 2, 2)],
            CostPerTrial = 20,
            QueueItems = random.Next(3) == 0 ? 1 : random.Next(100, 5_000),
            LookAhead = random.Next(1, 2_000),
            MergesCallers = random.Next(4) > 0,
            MaxItemsPerRun = random.Next(4) == 0 ? 1 : null,
        });
        int calls = 0;
        Task[] callers = [.. Enumerable.Range(0, 16).Select(caller => Task.Run(async () =>
        {
            var own = new Random((seed * 100) + caller);
            for (int call = 0; call < 30; call++)
            {
                if (disposes && Interlocked.Increment(ref calls) == 200)
                    scheduler.Dispose();
                if (!await OneCall(scheduler, own, fromStart) && disposes)
                    return;
            }
        }))];
        await Task.WhenAll(callers);
        scheduler.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => scheduler.RunAsync(new FakeSubmission(1, 1), default));
    }

    private static async Task<bool> OneCall(Scheduler<FakeItem, int> scheduler, Random random, bool cancelledFromStart)
    {
        int kind = random.Next(6);
        FakeItem[] inputs = [.. Enumerable.Range(0, random.Next(0, 60)).Select(_ => new FakeItem(random.Next(10) == 0 ? 1_000 : random.Next(1, 40), random.Next(1, 1_000_000)))];
        if (kind == 1 && inputs.Length > 0)
            inputs[random.Next(inputs.Length)] = new FakeItem(7, FakeRunner.Faulty);
        var call = new FakeSubmission(inputs) { KindOf = random.Next(4) == 0 ? "other" : "one", Unpreparable = kind == 2 && inputs.Length > 0 ? inputs[random.Next(inputs.Length)].Value : null };
        using var cancellation = new CancellationTokenSource();
        if (kind == 3 && cancelledFromStart)
            cancellation.Cancel();
        try
        {
            Task<CallResult<int>> running = scheduler.RunAsync(call, cancellation.Token);
            if (kind == 3)
                cancellation.Cancel();
            Assert.Equal(call.Expected, (await running).Results);
            Assert.False(kind is 1 or 2 && inputs.Length > 0, "a fault was not reported");
        }
        catch (ArithmeticException)
        {
            Assert.Equal(1, kind);
        }
        catch (FormatException)
        {
            Assert.Equal(2, kind);
        }
        catch (OperationCanceledException)
        {
            Assert.Equal(3, kind);
        }
        catch (EmbeddingOverloadException)
        {
            return true;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }

        return true;
    }

    [Fact]
    public async Task All_callers_cancelled_at_once_leave_a_scheduler_that_works()
    {
        var runner = new FakeRunner();
        using var scheduler = new Scheduler<FakeItem, int>(runner, new SchedulerSettings { Name = "stress", Plan = new RunPlan(10, 2, 1) });
        for (int round = 0; round < 20; round++)
        {
            using var gate = new Gate(runner);
            using var cancellation = new CancellationTokenSource();
            Task<CallResult<int>>[] calls = [.. Enumerable.Range(0, 50).Select(_ => scheduler.RunAsync(new FakeSubmission(20, 3), cancellation.Token))];
            await gate.Arrived();
            cancellation.Cancel();
            foreach (Task<CallResult<int>> call in calls)
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
            gate.Open();
            var next = new FakeSubmission(100, 2);
            Assert.Equal(next.Expected, (await scheduler.RunAsync(next, default)).Results);
        }
    }
}
