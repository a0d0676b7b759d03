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
}
