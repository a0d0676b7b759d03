namespace Polymodal.Multimodal;

/// <summary>What an input is, by zero-shot classification.</summary>
/// <param name="Classes">The likeliest classes, best first; equal ones in the order of the labels.</param>
/// <param name="IsNone">Whether none of the classes fits, by the thresholds of the options. The classes are given all the same.</param>
public sealed record ZeroShotResult(IReadOnlyList<ZeroShotClass> Classes, bool IsNone)
{
    /// <summary>The best class; null when none fits.</summary>
    public ZeroShotClass? Best => IsNone ? null : Classes[0];
}

/// <summary>A class and how well it fits.</summary>
/// <param name="Index">Its place among the labels, from 0.</param>
/// <param name="Label">Its name.</param>
/// <param name="Score">Cosine with the class's vector, −1 to 1.</param>
/// <param name="Probability">0 to 1. By softmax those of all classes add up to 1; by sigmoid each stands for itself.</param>
public sealed record ZeroShotClass(int Index, string Label, double Score, double Probability);
