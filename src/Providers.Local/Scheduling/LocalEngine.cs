namespace Polymodal.Providers.Local.Scheduling;

/// <summary>A model on its scheduler: the same for texts, pictures and sounds. The plan that measuring finds is remembered for the process.</summary>
/// <remarks>Safe for concurrent use. <see cref="Dispose"/> ends runs under way, fails what waits, and may be called again.</remarks>
internal sealed class LocalEngine<TItem> : IDisposable
    where TItem : IWorkItem
{
    private readonly Scheduler<TItem, float[]> _scheduler;

    /// <summary>Starts nothing yet.</summary>
    /// <param name="runner">Computes runs.</param>
    /// <param name="work">What is known of the model and its kind of input.</param>
    /// <param name="options">The user's choices.</param>
    public LocalEngine(IBatchRunner<TItem, float[]> runner, EngineWork work, LocalEmbeddingOptions options)
    {
        string key = $"{work.Fingerprint}|{string.Join(',', work.Budgets)}|{options.RunsSideBySide}|{options.Threads}|{options.ExecutionProvider}";
        _scheduler = new(runner, RunPlans.Settings(work, key, options))
        {
            PlanFound = plan =>
            {
                RunPlans.Remember(key, plan);
                PlanFound?.Invoke(plan);
            },
        };
    }

    /// <summary>Hears once of the plan that measuring found, on a thread of the engine.</summary>
    public Action<RunPlan>? PlanFound { get; set; }

    /// <summary>How runs are planned at present: as the options say, or the best that was found so far.</summary>
    public RunPlan Plan => _scheduler.Plan.Plan;

    /// <inheritdoc cref="Scheduler{TItem, TResult}.RunAsync"/>
    public Task<CallResult<float[]>> RunAsync(Submission<TItem> submission, CancellationToken cancellationToken) => _scheduler.RunAsync(submission, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _scheduler.Dispose();
}
