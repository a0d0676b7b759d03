namespace Polymodal.Delegating;

/// <summary>How long texts are cut into parts whose vectors are pooled. Copied and checked once.</summary>
public sealed class ChunkPoolingOptions
{
    /// <summary>The most tokens of a part, as <see cref="CountTokens"/> counts; at least 1, default 512.</summary>
    public int MaxTokens { get; set; } = 512;

    /// <summary>How many tokens of a part are repeated at the beginning of the next, at most; 0 to below <see cref="MaxTokens"/>, default 0.</summary>
    public int OverlapTokens { get; set; }

    /// <summary>
    /// How many tokens a text has; a longer text must not have fewer. Default: a quarter of its UTF-16 units, rounded up, which fits English; give the model's own count
    /// where it is known.
    /// </summary>
    public Func<string, int> CountTokens { get; set; } = text => (text.Length + 3) / 4;

    internal ChunkPoolingOptions Validated()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxTokens, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(OverlapTokens);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(OverlapTokens, MaxTokens);
        ArgumentNullException.ThrowIfNull(CountTokens);
        return (ChunkPoolingOptions)MemberwiseClone();
    }
}
