using System.Collections.Concurrent;

namespace Polymodal.Providers.Local.Scheduling;

/// <summary>Which plans are worth trying for a model, and which one was found best.</summary>
internal static class RunPlans
{
    private static readonly ConcurrentDictionary<string, RunPlan> Found = new(StringComparer.Ordinal);

    /// <summary>How a model is scheduled.</summary>
    /// <param name="work">What is known of the model and its kind of input.</param>
    /// <param name="key">What tells this model with these options from others.</param>
    /// <param name="options">The user's choices, which are not tried against others.</param>
    public static SchedulerSettings Settings(EngineWork work, string key, LocalEmbeddingOptions options)
    {
        int threads = options.Threads ?? Environment.ProcessorCount;
        IReadOnlyList<int> budgets = work.Budgets;
        // An execution provider brings its own parallelism.
        int[] lanes = options.RunsSideBySide is { } runs ? [runs] : options.ExecutionProvider is not null ? [1, 2] : [.. new[] { threads, 1, (threads + 1) / 2 }.Distinct()];
        RunPlan[] plans =
        [
            .. lanes.Select(count => new RunPlan(budgets[0], count, Math.Max(1, threads / count))),
            // A file that is run input by input has nothing to find but the lanes.
            .. work.Alone ? [] : budgets.Skip(1).Select(budget => new RunPlan(budget, lanes[0], Math.Max(1, threads / lanes[0]))),
        ];
        bool known = Found.TryGetValue(key, out RunPlan? found);
        return new SchedulerSettings
        {
            Name = work.Name,
            Plan = known ? found! : plans[0],
            Candidates = known ? [] : plans,
            CostPerTrial = work.CostPerTrial,
            ThreadsAlone = threads,
            PaddingAllowed = work.PaddingAllowed,
            MergesCallers = !work.ScaleSpansBatch && !work.Alone,
            MaxItemsPerRun = work.Alone ? 1 : null,
            LookAhead = work.LookAhead,
            QueueItems = work.QueueItems,
            QueueCost = work.QueueCost,
        };
    }

    /// <summary>Remembers what was found, for the next one who loads the same model in this process.</summary>
    public static void Remember(string key, RunPlan plan) => Found[key] = plan;
}
