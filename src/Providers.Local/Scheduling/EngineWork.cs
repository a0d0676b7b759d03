namespace Polymodal.Providers.Local.Scheduling;

/// <summary>What an engine must know of a model and its kind of input.</summary>
internal sealed record EngineWork
{
    /// <summary>The model, for messages, threads and telemetry.</summary>
    public required string Name { get; init; }

    /// <summary>The model's <see cref="EmbeddingSpace.Fingerprint"/>, under which the best plan is remembered.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Budgets of a run that are worth trying, the one to begin with first, in the unit of <see cref="IWorkItem.Cost"/>.</summary>
    public required IReadOnlyList<int> Budgets { get; init; }

    /// <summary>Whether each input is a run of its own.</summary>
    public bool Alone { get; init; }

    /// <summary>Whether the vector of an input depends on what else is in the run.</summary>
    public bool ScaleSpansBatch { get; init; }

    /// <summary>Cost that one trial of a plan measures.</summary>
    public int CostPerTrial { get; init; } = 4_096;

    /// <summary>Padding of one item up to this much is cheaper than a run of its own.</summary>
    public int PaddingAllowed { get; init; } = 16;

    /// <summary>Cost of ready items above which a call's further inputs wait.</summary>
    public int LookAhead { get; init; } = 65_536;

    /// <summary>Most inputs that wait.</summary>
    public required int QueueItems { get; init; }

    /// <summary>Most estimated cost that waits.</summary>
    public required long QueueCost { get; init; }
}
