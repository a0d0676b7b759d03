using System.Globalization;
using System.Text.Json;

namespace Polymodal.Evaluation.Parity;

/// <summary>Numbers that a record holds as JSON, and how they compare.</summary>
internal static class Numbers
{
    /// <summary>Compares numbers with recorded ones, by the largest difference allowed.</summary>
    /// <param name="caseId">The case.</param>
    /// <param name="name">What the numbers are.</param>
    /// <param name="ours">Our values.</param>
    /// <param name="recorded">A number, or lists of numbers within one another.</param>
    /// <param name="tolerance">How far each may be off.</param>
    public static ParityRow Compare(string caseId, string name, IReadOnlyList<double> ours, JsonElement recorded, double tolerance)
    {
        double[] wanted = [.. Flat(recorded)];
        if (wanted.Length != ours.Count)
            return new(caseId, name, null, null, ParityVerdict.Fail, $"{ours.Count} numbers, recorded {wanted.Length}");
        double largest = 0;
        string? note = null;
        for (int i = 0; i < wanted.Length; i++)
        {
            double difference = ours[i] == wanted[i] ? 0 : Math.Abs(ours[i] - wanted[i]);
            if (!(difference <= tolerance))
                note ??= string.Create(CultureInfo.InvariantCulture, $"at {i}: {ours[i]:G17}, recorded {wanted[i]:G17}");
            largest = Math.Max(largest, difference); // NaN stays
        }

        return new(caseId, name, largest, null, note is null ? ParityVerdict.Pass : ParityVerdict.Fail, note);
    }

    /// <summary>All numbers of lists within one another, in their order.</summary>
    public static IEnumerable<double> Flat(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Array => json.EnumerateArray().SelectMany(Flat),
        JsonValueKind.String => [double.Parse(json.GetString()!, CultureInfo.InvariantCulture)],
        _ => [json.GetDouble()],
    };

    /// <summary>Whole numbers of a list.</summary>
    public static long[] Whole(JsonElement json) => [.. json.EnumerateArray().Select(value => value.GetInt64())];
}
