namespace Polymodal.Multimodal;

/// <summary>When a medium answers in a <see cref="MixedSearch"/>. Standard scores count deviations above the mean of what the medium's best item scores for background queries.</summary>
public sealed class MixedSearchOptions
{
    /// <summary>The least standard score of a match; a medium whose items all stay below it returns nothing. Any finite number; default 1.</summary>
    public double Threshold { get; set; } = 1;

    /// <summary>A medium whose best match stands more than this below the best match of all returns nothing, since another medium has the answer. At least 0; default 1; infinity switches it off.</summary>
    public double Margin { get; set; } = 1;

    internal MixedSearchOptions Validated()
    {
        if (!double.IsFinite(Threshold))
            throw new ArgumentException($"MixedSearchOptions.Threshold is {Threshold}; it must be a finite number.", nameof(Threshold));
        if (double.IsNaN(Margin) || Margin < 0)
            throw new ArgumentException($"MixedSearchOptions.Margin is {Margin}; it must be at least 0.", nameof(Margin));
        return new() { Threshold = Threshold, Margin = Margin };
    }
}
