namespace Polymodal.Evaluation.Parity;

/// <summary>How one recorded tensor compares with ours.</summary>
/// <param name="Case">Id of the reference's case.</param>
/// <param name="Tensor">Name of the tensor, without the case.</param>
/// <param name="LargestDifference">Largest |ours − recorded|; null when nothing was compared.</param>
/// <param name="SmallestCosine">Smallest cosine of a vector with the recorded one; null where rows are no vectors.</param>
/// <param name="Verdict">What the rule says.</param>
/// <param name="Note">What to know about it: the first place that fails, or why it is not supported.</param>
public sealed record ParityRow(string Case, string Tensor, double? LargestDifference, double? SmallestCosine, ParityVerdict Verdict, string? Note = null);

/// <summary>What a reference's rule says of a tensor.</summary>
public enum ParityVerdict
{
    /// <summary>It agrees.</summary>
    Pass,

    /// <summary>It does not agree.</summary>
    Fail,

    /// <summary>It is printed, never judged.</summary>
    Informative,

    /// <summary>What it needs is not built, so nothing was compared.</summary>
    NotSupported,
}
