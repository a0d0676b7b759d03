namespace Polymodal.Providers.Local.Pooling;

/// <summary>How the embeddings of a text's tokens become one vector.</summary>
public enum PoolingMode
{
    /// <summary>The first real token.</summary>
    Cls,

    /// <summary>The mean of the real tokens.</summary>
    Mean,

    /// <summary>The last real token.</summary>
    LastToken,

    /// <summary>The largest value of the real tokens, number by number.</summary>
    Max,

    /// <summary>The sum of the real tokens over the square root of their count.</summary>
    MeanSqrtLength,

    /// <summary>The mean of the real tokens, each weighted by its place: 1 for the first, 2 for the second.</summary>
    WeightedMean,
}
