namespace Polymodal.Providers.Local;

/// <summary>What happens to a text that is longer than the model takes.</summary>
public enum LongTextHandling
{
    /// <summary>It loses its end, as in sentence-transformers. The default.</summary>
    Cut,

    /// <summary>It is cut into windows, and its vector is their mean, weighted by tokens and of unit length where the model's vectors are.</summary>
    Pool,
}

/// <summary>How the chunks of a long text get their vectors.</summary>
public enum ChunkEmbedding
{
    /// <summary>Each chunk by itself: its vector is that of its text alone.</summary>
    Separate,

    /// <summary>
    /// Late chunking: the model reads as many chunks as it takes at once, and each chunk's vector is the mean of its tokens, which have seen the others. A
    /// pronoun so keeps what it stands for. For models that pool by the mean. Günther et al., 2024.
    /// </summary>
    Late,
}

/// <summary>How <see cref="LocalTextEmbeddingGenerator.GenerateLongAsync"/> cuts texts. Checked when it is used.</summary>
public sealed record LongTextOptions
{
    /// <summary>The most tokens of a chunk, special and prompt tokens not counted; at least 1. Default null, and never more: what fits into the model.</summary>
    public int? ChunkTokens { get; init; }

    /// <summary>How many tokens of a chunk are repeated at the beginning of the next, at most; 0 to below the length of a chunk. Default 0.</summary>
    public int OverlapTokens { get; init; }

    /// <summary>How chunks get their vectors. Default <see cref="ChunkEmbedding.Separate"/>.</summary>
    public ChunkEmbedding Chunks { get; init; }
}
