using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Polymodal.Providers.Cloud;

/// <summary>Traces and measurements of services, by OpenTelemetry's conventions for generative AI. The names are listed in docs/cloud.md. Neither keys nor inputs are in them.</summary>
internal static class CloudTelemetry
{
    /// <summary>That of Microsoft.Extensions.AI, so that what listens to it hears these too.</summary>
    public const string SourceName = "Experimental.Microsoft.Extensions.AI";

    private static readonly Meter Meter = new(SourceName);
    private static readonly ActivitySource Source = new(SourceName);
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("gen_ai.client.operation.duration", "s", "Time of one call.");
    private static readonly Histogram<long> TokenUsage = Meter.CreateHistogram<long>("gen_ai.client.token.usage", "{token}", "Tokens of one call.");
    private static readonly Counter<long> BilledUnits = Meter.CreateCounter<long>("polymodal.cloud.billed_units", "{unit}", "What services count besides tokens, by their own names.");

    /// <summary>Requests made again.</summary>
    public static readonly Counter<long> Retries = Meter.CreateCounter<long>("polymodal.cloud.retries", "{request}", "Requests made again.");

    /// <summary>Measures a call.</summary>
    /// <param name="operation"><c>embeddings</c> or <c>rerank</c>.</param>
    /// <param name="provider">The service.</param>
    /// <param name="model">The model.</param>
    /// <param name="time">The clock.</param>
    /// <param name="call">The call. It adds what was used, even when it fails.</param>
    public static async Task<T> MeasureAsync<T>(string operation, string provider, string model, TimeProvider time, Func<CloudUsageSum, Task<T>> call)
    {
        // A wrapper of Microsoft.Extensions.AI measures the same under the same names: not twice.
        bool measures = !(Activity.Current is { } current && current.Source.Name == SourceName && current.OperationName.StartsWith(operation, StringComparison.Ordinal));
        using Activity? activity = measures ? Source.StartActivity($"{operation} {model}", ActivityKind.Client) : null;
        activity?.SetTag("gen_ai.operation.name", operation).SetTag("gen_ai.provider.name", provider).SetTag("gen_ai.request.model", model);
        var tags = new TagList { { "gen_ai.operation.name", operation }, { "gen_ai.provider.name", provider }, { "gen_ai.request.model", model } };
        var usage = new CloudUsageSum();
        long began = time.GetTimestamp();
        try
        {
            return await call(usage).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            tags.Add("error.type", exception.GetType().FullName);
            activity?.SetTag("error.type", exception.GetType().FullName).SetStatus(ActivityStatusCode.Error);
            throw;
        }
        finally
        {
            activity?.SetTag("gen_ai.usage.input_tokens", usage.Tokens);
            if (measures)
            {
                Duration.Record(time.GetElapsedTime(began).TotalSeconds, tags);
                if (usage.Tokens is { } tokens)
                    TokenUsage.Record(tokens, [.. tags, new("gen_ai.token.type", "input")]);
            }

            foreach ((string unit, long count) in usage.Units)
                BilledUnits.Add(count, [.. tags, new("polymodal.cloud.unit", unit)]);
        }
    }
}
