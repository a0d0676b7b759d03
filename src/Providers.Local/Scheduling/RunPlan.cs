namespace Polymodal.Providers.Local.Scheduling;

/// <summary>How a model is run: how much goes into one run, and how many runs are under way at a time.</summary>
/// <param name="Budget">Most a run costs, padding included: tokens for text; at least 1. An input that costs more is a run of its own.</param>
/// <param name="RunsSideBySide">Runs under way at a time; at least 1.</param>
/// <param name="ThreadsPerRun">Threads that compute one run; at least 1.</param>
public sealed record RunPlan(int Budget, int RunsSideBySide, int ThreadsPerRun)
{
    /// <summary>Words for a log line or a telemetry attribute, e.g. <c>512 × 2 runs × 1 threads</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Budget} × {RunsSideBySide} runs × {ThreadsPerRun} threads");
}
