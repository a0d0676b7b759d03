using System.Diagnostics.Metrics;

namespace Polymodal.Providers.Local.Scheduling;

/// <summary>What a scheduler tells about itself.</summary>
/// <param name="name">The model.</param>
internal sealed class SchedulerMetrics(string name)
{
    private static readonly UpDownCounter<long> Waiting = EmbeddingTelemetry.Meter.CreateUpDownCounter<long>("polymodal.queue.inputs", "{input}", "Inputs that wait for a result.");
    private static readonly Counter<long> Refusals = EmbeddingTelemetry.Meter.CreateCounter<long>("polymodal.queue.refused", "{call}", "Calls refused because too much waited.");
    private static readonly Histogram<double> Fill = EmbeddingTelemetry.Meter.CreateHistogram<double>("polymodal.run.fill", "1", "Cost of a run with padding, as a share of the plan's budget.");
    private static readonly Histogram<double> Padding = EmbeddingTelemetry.Meter.CreateHistogram<double>("polymodal.run.padding", "1", "Share of a run that was padding.");
    private static readonly Histogram<long> Inputs = EmbeddingTelemetry.Meter.CreateHistogram<long>("polymodal.run.inputs", "{input}", "Inputs of a run.");
    private static readonly Counter<long> Tokens = EmbeddingTelemetry.Meter.CreateCounter<long>("polymodal.tokens", "{token}", "What was computed, padding left out.");
    private static readonly Histogram<double> Stage = EmbeddingTelemetry.Meter.CreateHistogram<double>("polymodal.stage.duration", "s", "Time of a stage: queue (a call, to its first run), prepare (some inputs), run (one run).");
    private readonly KeyValuePair<string, object?> _model = new("gen_ai.request.model", name);

    public void Queued(long change) => Waiting.Add(change, _model);

    public void Refused() => Refusals.Add(1, _model);

    public void Waited(TimeSpan duration) => Stage.Record(duration.TotalSeconds, _model, new("polymodal.stage", "queue"));

    public void Prepared(TimeSpan duration) => Stage.Record(duration.TotalSeconds, _model, new("polymodal.stage", "prepare"));

    public void Ran(RunPlan plan, TimeSpan duration, long cost, long paddedCost, int inputs)
    {
        if (Stage.Enabled)
            Stage.Record(duration.TotalSeconds, _model, new("polymodal.stage", "run"), new("polymodal.plan", plan.ToString()));
        Fill.Record((double)paddedCost / plan.Budget, _model);
        Padding.Record(1 - ((double)cost / paddedCost), _model);
        Inputs.Record(inputs, _model);
        Tokens.Add(cost, _model);
    }
}
