using System.Text.Json;

namespace Polymodal.Evaluation.Parity;

/// <summary>The <c>compare</c> section of a reference: whole numbers are equal; other tensors follow the first rule whose pattern fits, else the default.</summary>
public sealed class ComparisonRules
{
    private readonly List<(string Pattern, ComparisonRule Rule)> _rules = [];

    internal ComparisonRules(JsonElement reference)
    {
        if (!reference.TryGetProperty("compare", out JsonElement compare))
            return;
        if (compare.TryGetProperty("rules", out JsonElement rules))
        {
            foreach (JsonElement rule in rules.EnumerateArray())
                _rules.Add((rule.TryGetProperty("tensors", out JsonElement pattern) ? pattern.GetString()! : "*", ComparisonRule.Read(rule)));
        }

        if (compare.TryGetProperty("default", out JsonElement fallback))
            _rules.Add(("*", ComparisonRule.Read(fallback)));
    }

    /// <summary>The rule for a tensor, or null when the reference states none.</summary>
    /// <param name="tensor">Its full name, <c>case/tensor</c>.</param>
    public ComparisonRule? For(string tensor)
    {
        foreach ((string pattern, ComparisonRule rule) in _rules)
        {
            if (Fits(pattern, tensor))
                return rule;
        }

        return null;
    }

    // "*" stands for any text. Greedy with one step back, linear for the few stars a pattern has.
    private static bool Fits(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        int p = 0, n = 0, star = -1, retry = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                retry = n;
            }
            else if (p < pattern.Length && pattern[p] == name[n])
            {
                p++;
                n++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                n = ++retry;
            }
            else
            {
                return false;
            }
        }

        return pattern[p..].TrimEnd('*').IsEmpty;
    }
}

/// <summary>How closely a tensor must agree with what was recorded.</summary>
/// <param name="Absolute">|ours − recorded| may be this …</param>
/// <param name="Relative">… plus this times |recorded|; null with <paramref name="Absolute"/> null: no bound on single values.</param>
/// <param name="Cosine">Least cosine of a vector, or null.</param>
/// <param name="Informative">Printed, never judged.</param>
public sealed record ComparisonRule(double? Absolute, double? Relative, double? Cosine, bool Informative)
{
    /// <summary>Every value is equal.</summary>
    public static ComparisonRule Equal { get; } = new(0, 0, null, Informative: false);

    /// <summary>Of pixels: how many grey levels a value may be off; null for no such bound.</summary>
    public double? Levels { get; init; }

    /// <summary>Of pixels: how many grey levels values may be off on average; null for no such bound.</summary>
    public double? MeanLevels { get; init; }

    /// <summary>Whether <see cref="Absolute"/> counts in parts of the largest recorded value.</summary>
    public bool OfLargest { get; init; }

    internal static ComparisonRule Read(JsonElement rule)
    {
        if (rule.TryGetProperty("equal", out JsonElement equal) && equal.ValueKind == JsonValueKind.True)
            return Equal;
        return new ComparisonRule(Number(rule, "abs"), Number(rule, "rel"), Number(rule, "cosine"),
            rule.TryGetProperty("informative", out JsonElement informative) && informative.ValueKind == JsonValueKind.True)
        {
            Levels = Number(rule, "levels"),
            MeanLevels = Number(rule, "mean_levels"),
            OfLargest = rule.TryGetProperty("of", out JsonElement of) && of.ValueKind == JsonValueKind.String && of.GetString() == "its maximum",
        };
    }

    private static double? Number(JsonElement rule, string name) =>
        rule.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
}
