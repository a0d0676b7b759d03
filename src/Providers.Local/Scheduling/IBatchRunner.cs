namespace Polymodal.Providers.Local.Scheduling;

/// <summary>An input made ready for the model: tokens, pixels, samples.</summary>
internal interface IWorkItem
{
    /// <summary>What a run of this item alone costs, in the unit of <see cref="RunPlan.Budget"/>; at least 1. In a run with others it is padded to the dearest of them.</summary>
    int Cost { get; }
}

/// <summary>Computes runs. A kind of input is one class of this and one <see cref="Submission{TItem}"/>.</summary>
/// <remarks>Called from several threads at once.</remarks>
internal interface IBatchRunner<TItem, TResult>
    where TItem : IWorkItem
{
    /// <summary>Computes one run on the calling thread.</summary>
    /// <param name="items">At least one, all of submissions with equal <see cref="Submission{TItem}.Kind"/>.</param>
    /// <param name="threads">How many threads may compute.</param>
    /// <param name="results">Receives a result for each item.</param>
    /// <param name="cancellationToken">Asked for when nobody wants the results any more.</param>
    void Run(ReadOnlySpan<TItem> items, int threads, Span<TResult> results, CancellationToken cancellationToken);
}

/// <summary>The inputs of one call, which are made ready piece by piece.</summary>
/// <param name="count">How many inputs; may be 0.</param>
internal abstract class Submission<TItem>(int count)
    where TItem : IWorkItem
{
    /// <summary>How many inputs.</summary>
    public int Count { get; } = count;

    /// <summary>What items must have in common to share a run; compared with <c>Equals</c>.</summary>
    public abstract object Kind { get; }

    /// <summary>About what an input will cost, told without making it ready; at least 1.</summary>
    /// <param name="index">Which input.</param>
    public abstract int Estimate(int index);

    /// <summary>Makes inputs ready. Called from several threads at once for different inputs.</summary>
    /// <param name="start">The first of them.</param>
    /// <param name="items">Receives one item an input.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public abstract void Prepare(int start, Span<TItem> items, CancellationToken cancellationToken);
}
