using System.Numerics.Tensors;

namespace Polymodal;

/// <summary>
/// How a model that was trained on pairs turns the cosine of two vectors into a probability: softmax of <c>Scale · cosine</c> over what is compared (CLIP, CLAP), or, with
/// a <see cref="Bias"/>, the sigmoid of <c>Scale · cosine + Bias</c> of each pair by itself (SigLIP). Get it by <c>generator.GetService&lt;ContrastiveScale&gt;()</c>; null where a model has none.
/// </summary>
/// <remarks>Immutable. Reference: evaluation/clip-style and the zero-shot cases of the recorded models.</remarks>
public sealed record ContrastiveScale
{
    /// <summary>Creates a scale.</summary>
    /// <param name="scale">What a cosine is multiplied with; above 0. Models keep its logarithm as <c>logit_scale</c>.</param>
    /// <param name="bias">What is added; null for softmax.</param>
    /// <param name="source">Where it was read, for people; e.g. <c>model.onnx</c>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is not finite, or <paramref name="scale"/> is not above 0.</exception>
    public ContrastiveScale(double scale, double? bias = null, string source = "given")
    {
        if (!double.IsFinite(scale) || scale <= 0)
            throw new ArgumentOutOfRangeException(nameof(scale), scale, "The scale must be a finite number above 0; of a model it is the exponential of its logit_scale.");
        if (bias is { } number && !double.IsFinite(number))
            throw new ArgumentOutOfRangeException(nameof(bias), bias, "The bias must be a finite number.");
        Scale = scale;
        Bias = bias;
        Source = source;
    }

    /// <summary>What a cosine is multiplied with; above 0.</summary>
    public double Scale { get; }

    /// <summary>What is added before the sigmoid; null for a model of softmax.</summary>
    public double? Bias { get; }

    /// <summary>Where it was read, for people.</summary>
    public string Source { get; }

    /// <summary>Whether each pair has a probability by itself (sigmoid); else those of all that is compared add up to 1 (softmax).</summary>
    public bool IsSigmoid => Bias is not null;

    /// <summary>The model's score of a cosine, before softmax or sigmoid.</summary>
    /// <param name="cosine">−1 to 1.</param>
    public double Logit(double cosine) => (Scale * cosine) + (Bias ?? 0);

    /// <summary>Probabilities of logits that are compared with one another.</summary>
    /// <param name="logits">One for each choice.</param>
    /// <param name="probabilities">Receives as many, 0 to 1; may be <paramref name="logits"/>.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public void Probabilities(ReadOnlySpan<double> logits, Span<double> probabilities)
    {
        if (logits.Length != probabilities.Length)
            throw new ArgumentException($"there are {logits.Length} logits and {probabilities.Length} places. Give a place for each logit.", nameof(probabilities));
        if (logits.IsEmpty)
            return;
        if (IsSigmoid)
            TensorPrimitives.Sigmoid(logits, probabilities);
        else
            SoftMax(logits, probabilities);
    }

    // The highest is taken off first: an exponential of 100 and more is no number.
    private static void SoftMax(ReadOnlySpan<double> logits, Span<double> probabilities)
    {
        double highest = TensorPrimitives.Max(logits), sum = 0;
        for (int i = 0; i < logits.Length; i++)
            sum += probabilities[i] = Math.Exp(logits[i] - highest);
        TensorPrimitives.Divide(probabilities, sum, probabilities);
    }
}
