using System.Globalization;
using Polymodal.Providers.Local.Images;

namespace Polymodal.Evaluation.Parity;

/// <summary>Compares the numbers that a model takes for a picture, in grey levels.</summary>
internal static class PixelComparison
{
    // Of a picture that a decoder may read a little differently.
    private const double LossyLevels = 2, LossyMean = 0.1;

    // Beside whole levels, what rounding of single numbers makes.
    private const double Rounding = 1e-3;

    /// <summary>Compares.</summary>
    /// <param name="caseId">The case.</param>
    /// <param name="tensor">The tensor.</param>
    /// <param name="transform">What made our numbers: it says how large a level is.</param>
    /// <param name="ours">Our numbers, whole.</param>
    /// <param name="recorded">The recorded ones, each <paramref name="step"/>-th.</param>
    /// <param name="step">How they were thinned.</param>
    /// <param name="rule">What is allowed.</param>
    /// <param name="isLossy">Whether the picture keeps its pixels only nearly.</param>
    public static ParityRow Of(string caseId, string tensor, ImageTransform transform, float[] ours, float[] recorded, int step, ComparisonRule? rule, bool isLossy)
    {
        if (rule is not { Levels: { } levels } || (ours.Length + step - 1) / step != recorded.Length)
            return new(caseId, tensor, null, null, ParityVerdict.Fail, rule is null ? "the reference states no rule of levels for it" : $"{ours.Length} numbers, recorded {recorded.Length} with step {step}");
        (double most, double mean) = isLossy ? (Math.Max(levels, LossyLevels), Math.Max(rule.MeanLevels ?? 0, LossyMean)) : (levels, rule.MeanLevels ?? double.MaxValue);
        double largest = 0, sum = 0;
        for (int i = 0; i < recorded.Length; i++)
        {
            int channel = transform.Patching is null ? Math.Min(2, i * step / (ours.Length / 3)) : i * step % 3;
            channel = transform.IsBgr ? 2 - channel : channel;
            double level = Math.Abs(transform.Values[(channel * 256) + 255] - transform.Values[channel * 256]) / 255.0;
            double off = Math.Abs(ours[i * step] - recorded[i]) / level;
            largest = Math.Max(largest, off);
            sum += off;
        }

        double average = sum / recorded.Length;
        bool agrees = largest <= most + Rounding && average <= mean;
        return new(caseId, tensor, largest, null, agrees ? ParityVerdict.Pass : ParityVerdict.Fail, string.Create(CultureInfo.InvariantCulture, $"in levels: most {largest:0.###}, mean {average:0.#####}"));
    }
}
