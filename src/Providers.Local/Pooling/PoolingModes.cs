namespace Polymodal.Providers.Local.Pooling;

/// <summary>The words that model folders use for <see cref="PoolingMode"/>.</summary>
internal static class PoolingModes
{
    /// <summary>Word and mode, in the order in which the older dialect concatenates.</summary>
    public static readonly IReadOnlyList<KeyValuePair<string, PoolingMode>> Known =
    [
        new("cls", PoolingMode.Cls), new("max", PoolingMode.Max), new("mean", PoolingMode.Mean), new("mean_sqrt_len_tokens", PoolingMode.MeanSqrtLength),
        new("weightedmean", PoolingMode.WeightedMean), new("lasttoken", PoolingMode.LastToken),
    ];

    /// <summary>The words, for a message.</summary>
    public static string Words => string.Join(", ", Known.Select(known => known.Key));

    /// <summary>The mode of a word, or null.</summary>
    public static PoolingMode? Find(string word)
    {
        foreach ((string known, PoolingMode mode) in Known)
        {
            if (known == word)
                return mode;
        }

        return null;
    }

    /// <summary>The word of a mode.</summary>
    public static string WordOf(PoolingMode mode) => Known.First(known => known.Value == mode).Key;
}
