using System.Globalization;
using System.Numerics.Tensors;

namespace Polymodal.Evaluation.Parity;

/// <summary>Compares a tensor with the recorded one.</summary>
internal static class Comparison
{
    /// <summary>Compares whole numbers: every one must be equal.</summary>
    public static ParityRow Integers(string caseId, string tensor, ReadOnlySpan<long> ours, ReadOnlySpan<long> recorded)
    {
        if (ours.Length != recorded.Length)
            return new(caseId, tensor, null, null, ParityVerdict.Fail, $"{ours.Length} numbers, recorded {recorded.Length}");
        double largest = 0;
        string? note = null;
        for (int i = 0; i < ours.Length; i++)
        {
            if (ours[i] == recorded[i])
                continue;
            note ??= $"at {i}: {ours[i]}, recorded {recorded[i]}";
            largest = Math.Max(largest, Math.Abs((double)ours[i] - recorded[i]));
        }

        return new(caseId, tensor, largest, null, note is null ? ParityVerdict.Pass : ParityVerdict.Fail, note);
    }

    /// <summary>Compares numbers with a fraction by a rule.</summary>
    /// <param name="caseId">The case.</param>
    /// <param name="tensor">The tensor.</param>
    /// <param name="ours">Our values.</param>
    /// <param name="recorded">The recorded values, of the same length.</param>
    /// <param name="rule">How closely they must agree.</param>
    /// <param name="width">Length of the vectors, when rows are vectors; 0 otherwise.</param>
    public static ParityRow Floats(string caseId, string tensor, ReadOnlySpan<float> ours, ReadOnlySpan<float> recorded, ComparisonRule? rule, int width = 0)
    {
        if (rule is null)
            return new(caseId, tensor, null, null, ParityVerdict.Fail, "the reference states no rule for it");
        if (ours.Length != recorded.Length)
            return new(caseId, tensor, null, null, ParityVerdict.Fail, $"{ours.Length} numbers, recorded {recorded.Length}");
        if (width > 0 && ours.Length % width != 0)
            return new(caseId, tensor, null, null, ParityVerdict.Fail, $"{ours.Length} numbers are no vectors of {width}");
        bool boundsValues = rule.Absolute is not null || rule.Relative is not null;
        if (!rule.Informative && !boundsValues && (rule.Cosine is null || width == 0))
            return new(caseId, tensor, null, null, ParityVerdict.NotSupported, "its rule has no bound that is built; built: equal, abs, rel, and cosine of vectors");

        double largest = 0, unit = rule.OfLargest && !recorded.IsEmpty ? Math.Abs(TensorPrimitives.MaxMagnitude(recorded)) : 1;
        string? note = null;
        for (int i = 0; i < ours.Length; i++)
        {
            // Infinities of one sign are equal; NaN equals nothing, for a result that is no number is never right.
            double difference = ours[i] == recorded[i] ? 0 : Math.Abs((double)ours[i] - recorded[i]);
            double bound = ((rule.Absolute ?? 0) * unit) + ((rule.Relative ?? 0) * Math.Abs(recorded[i]));
            largest = Math.Max(largest, difference); // NaN stays
            if (boundsValues && !(difference == 0 || (difference <= bound && float.IsFinite(recorded[i]))))
                note ??= string.Create(CultureInfo.InvariantCulture, $"at {i}: {ours[i]:G9}, recorded {recorded[i]:G9}");
        }

        double? cosine = width > 0 ? SmallestCosine(ours, recorded, width) : null;
        if (cosine is { } smallest && rule.Cosine is { } least && !(smallest >= least))
            note ??= string.Create(CultureInfo.InvariantCulture, $"cosine below {least}");
        return new(caseId, tensor, largest, cosine, rule.Informative ? ParityVerdict.Informative : note is null ? ParityVerdict.Pass : ParityVerdict.Fail, note);
    }

    private static double SmallestCosine(ReadOnlySpan<float> ours, ReadOnlySpan<float> recorded, int width)
    {
        double smallest = 1;
        for (int start = 0; start < ours.Length; start += width)
        {
            double dot = 0, left = 0, right = 0;
            for (int i = start; i < start + width; i++)
            {
                dot += (double)ours[i] * recorded[i];
                left += (double)ours[i] * ours[i];
                right += (double)recorded[i] * recorded[i];
            }

            // Two vectors of zeros are the same vector; one alone has no direction.
            smallest = Math.Min(smallest, left == 0 && right == 0 ? 1 : left == 0 || right == 0 ? 0 : dot / Math.Sqrt(left * right));
        }

        return smallest;
    }
}
