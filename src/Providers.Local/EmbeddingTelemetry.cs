using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.AI;
using Polymodal.Providers.Local.Scheduling;

namespace Polymodal.Providers.Local;

/// <summary>Traces and measurements of local generators, by OpenTelemetry's conventions for generative AI. The names are listed in docs/engine.md.</summary>
/// <remarks>Reference: OpenTelemetry semantic conventions for generative AI (gen_ai.*), as Microsoft.Extensions.AI 10 writes them.</remarks>
public static class EmbeddingTelemetry
{
    /// <summary>Name of the <see cref="ActivitySource"/> and of the <see cref="System.Diagnostics.Metrics.Meter"/>: that of Microsoft.Extensions.AI, so that what listens to it hears these too.</summary>
    public const string SourceName = "Experimental.Microsoft.Extensions.AI";

    internal static readonly Meter Meter = new(SourceName);

    private const string Operation = "embeddings";
    private static readonly ActivitySource Source = new(SourceName);
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("gen_ai.client.operation.duration", "s", "Time of one call.");
    private static readonly Histogram<long> TokenUsage = Meter.CreateHistogram<long>("gen_ai.client.token.usage", "{token}", "Tokens of one call.");

    /// <summary>Begins the span of a call; null when nobody listens, or when a generator that wraps this one has begun the like.</summary>
    internal static Activity? Start(EmbeddingGeneratorMetadata metadata)
    {
        if (IsWrapped)
            return null;
        Activity? activity = Source.StartActivity($"{Operation} {metadata.DefaultModelId}", ActivityKind.Internal);
        activity?.SetTag("gen_ai.operation.name", Operation).SetTag("gen_ai.provider.name", metadata.ProviderName).SetTag("gen_ai.request.model", metadata.DefaultModelId);
        return activity;
    }

    /// <summary>Whether a wrapper measures this call already.</summary>
    internal static bool IsWrapped => Activity.Current is { } current && current.Source.Name == SourceName && current.OperationName.StartsWith(Operation, StringComparison.Ordinal);

    /// <summary>Notes that a call has ended.</summary>
    /// <param name="activity">Its span.</param>
    /// <param name="metadata">Of the generator.</param>
    /// <param name="elapsed">Its time.</param>
    /// <param name="dimensions">Length of the vectors.</param>
    /// <param name="tokens">Its tokens; null when it failed.</param>
    /// <param name="statistics">Where the time went; null when it failed.</param>
    /// <param name="error">Why it failed, or null.</param>
    /// <param name="measures">False when a wrapper measures already.</param>
    internal static void End(
        Activity? activity, EmbeddingGeneratorMetadata metadata, TimeSpan elapsed, int dimensions, int? tokens, CallStatistics? statistics, Exception? error, bool measures)
    {
        string? errorType = error?.GetType().FullName;
        if (measures)
        {
            var tags = new TagList { { "gen_ai.operation.name", Operation }, { "gen_ai.provider.name", metadata.ProviderName }, { "gen_ai.request.model", metadata.DefaultModelId } };
            if (tokens is { } count)
                TokenUsage.Record(count, [.. tags, new("gen_ai.token.type", "input")]);
            if (errorType is not null)
                tags.Add("error.type", errorType);
            Duration.Record(elapsed.TotalSeconds, tags);
        }

        if (activity is null)
            return;
        activity.SetTag("gen_ai.embeddings.dimension.count", dimensions).SetTag("gen_ai.response.model", metadata.DefaultModelId).SetTag("gen_ai.usage.input_tokens", tokens);
        if (statistics is not null)
        {
            activity.SetTag("polymodal.queue.duration", statistics.Queued.TotalSeconds).SetTag("polymodal.prepare.duration", statistics.Preparing.TotalSeconds)
                .SetTag("polymodal.run.duration", statistics.Running.TotalSeconds).SetTag("polymodal.run.count", statistics.Runs).SetTag("polymodal.run.padding", statistics.Padding);
        }

        if (error is not null)
            activity.SetTag("error.type", errorType).SetStatus(ActivityStatusCode.Error);
    }
}
