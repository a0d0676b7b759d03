using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Polymodal.Providers.Local;

/// <summary>Where local generators write their traces and measurements, by OpenTelemetry's conventions for generative AI. See docs/engine.md for the names.</summary>
public static class EmbeddingTelemetry
{
    /// <summary>Name of the <see cref="ActivitySource"/> and of the <see cref="System.Diagnostics.Metrics.Meter"/>: that of Microsoft.Extensions.AI, so that what listens to it hears these too.</summary>
    public const string SourceName = "Experimental.Microsoft.Extensions.AI";

    internal static readonly ActivitySource Source = new(SourceName);

    internal static readonly Meter Meter = new(SourceName);
}
