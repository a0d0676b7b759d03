using System.Collections.Concurrent;
using Polymodal.Providers.Local.Scheduling;

namespace Polymodal.Providers.Local.Text;

/// <summary>Which plans are worth trying for a text model, and which one was found best.</summary>
internal static class TextPlans
{
    // Measured with MiniLM on two processors: runs of 128 to 1,024 tokens are within a tenth of each other and of the best, from 4,096 on they are clearly
    // slower; two runs side by side on one thread each are faster than one on both.
    private static readonly int[] Budgets = [512, 256, 1_024, 128];

    // An execution provider with many units wants larger runs, and brings its own parallelism.
    private static readonly int[] ProviderBudgets = [4_096, 1_024, 16_384];

    private static readonly ConcurrentDictionary<string, RunPlan> Found = new(StringComparer.Ordinal);

    /// <summary>How a model is scheduled.</summary>
    /// <param name="name">The model's name.</param>
    /// <param name="key">What tells this model with these options from others.</param>
    /// <param name="options">The user's choices, which are not tried against others.</param>
    /// <param name="scaleSpansBatch">Whether the vector of a text depends on what else is in the run.</param>
    public static SchedulerSettings Settings(string name, string key, LocalTextEmbeddingOptions options, bool scaleSpansBatch)
    {
        int threads = options.Threads ?? Environment.ProcessorCount;
        int[] budgets = options.TokensPerRun is { } tokens ? [tokens] : options.ExecutionProvider is null ? Budgets : ProviderBudgets;
        int[] lanes = options.RunsSideBySide is { } runs ? [runs] : options.ExecutionProvider is not null ? [1, 2] : [.. new[] { threads, 1, (threads + 1) / 2 }.Distinct()];
        // A file that is run text by text has nothing to find but the lanes.
        bool alone = options.OneTextPerRun || (scaleSpansBatch && options.TokensPerRun is null);
        RunPlan[] plans =
        [
            .. lanes.Select(count => new RunPlan(budgets[0], count, Math.Max(1, threads / count))),
            .. alone ? [] : budgets.Skip(1).Select(budget => new RunPlan(budget, lanes[0], Math.Max(1, threads / lanes[0]))),
        ];
        bool known = Found.TryGetValue(key, out RunPlan? found);
        return new SchedulerSettings
        {
            Name = name,
            Plan = known ? found! : plans[0],
            Candidates = known ? [] : plans,
            ThreadsAlone = threads,
            MergesCallers = !scaleSpansBatch && !alone,
            MaxItemsPerRun = alone ? 1 : null,
            QueueItems = options.QueueTexts,
            QueueCost = options.QueueTokens,
        };
    }

    /// <summary>Remembers what was found, for the next one who loads the same model in this process.</summary>
    public static void Remember(string key, RunPlan plan) => Found[key] = plan;
}
