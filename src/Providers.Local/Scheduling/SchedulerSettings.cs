namespace Polymodal.Providers.Local.Scheduling;

/// <summary>What is fixed about a scheduler.</summary>
internal sealed record SchedulerSettings
{
    /// <summary>For messages, threads and telemetry: the model.</summary>
    public required string Name { get; init; }

    /// <summary>What runs until something better is found.</summary>
    public required RunPlan Plan { get; init; }

    /// <summary>Plans to try on real work; empty to keep <see cref="Plan"/>.</summary>
    public IReadOnlyList<RunPlan> Candidates { get; init; } = [];

    /// <summary>Cost that one trial of a plan measures.</summary>
    public int CostPerTrial { get; init; } = 4_096;

    /// <summary>Threads of a run that has the machine to itself.</summary>
    public int ThreadsAlone { get; init; } = 1;

    /// <summary>Padding of one item up to this much is cheaper than a run of its own.</summary>
    public int PaddingAllowed { get; init; } = 16;

    /// <summary>Most items of a run; null is no limit but the budget.</summary>
    public int? MaxItemsPerRun { get; init; }

    /// <summary>Whether a run may hold items of several callers.</summary>
    public bool MergesCallers { get; init; } = true;

    /// <summary>Cost of ready items above which a call's further inputs wait. The more, the better runs fit; it is memory.</summary>
    public int LookAhead { get; init; } = 65_536;

    /// <summary>Most inputs that wait, see <see cref="AdmissionQueue"/>.</summary>
    public int QueueItems { get; init; } = 16_384;

    /// <summary>Most estimated cost that waits.</summary>
    public long QueueCost { get; init; } = 4_194_304;

    /// <summary>Threads that make inputs ready while others run the model.</summary>
    public int Preparers { get; init; } = 1;
}
