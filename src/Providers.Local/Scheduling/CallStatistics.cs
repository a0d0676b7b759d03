namespace Polymodal.Providers.Local.Scheduling;

/// <summary>Where the time of one call went.</summary>
public sealed record CallStatistics
{
    /// <summary>From the call to the start of its first run, making ready included.</summary>
    public TimeSpan Queued { get; init; }

    /// <summary>Making inputs ready (tokenizing), all threads together.</summary>
    public TimeSpan Preparing { get; init; }

    /// <summary>Running the model, all runs together; of a run shared with other callers, its share by cost.</summary>
    public TimeSpan Running { get; init; }

    /// <summary>Runs that held inputs of it.</summary>
    public int Runs { get; init; }

    /// <summary>Share of its runs that was padding, 0 to 1.</summary>
    public double Padding => PaddedCost == 0 ? 0 : 1 - ((double)Cost / PaddedCost);

    internal long Cost { get; init; }

    internal long PaddedCost { get; init; }
}
