using System.Globalization;

namespace Polymodal.VectorStore;

/// <summary>Why a generator gives other vectors than before, as far as the vectors tell.</summary>
public enum EmbeddingDriftCause
{
    /// <summary>It gives the same vectors, but for rounding and precision.</summary>
    None,

    /// <summary>Directions are the same, lengths are not: vectors were brought to unit length before and are not now, or the other way round.</summary>
    Normalization,

    /// <summary>Short texts moved much farther than long ones: a prompt was added, removed or changed.</summary>
    Prompt,

    /// <summary>Short and long texts moved, and the vectors are still related: token vectors are pooled in another way, or the weights were trained further.</summary>
    Pooling,

    /// <summary>The vectors have nothing to do with those recorded: another model.</summary>
    OtherModel,
}

/// <summary>What the comparison of a generator with recorded probes measured.</summary>
/// <param name="SmallestCosine">The lowest cosine of a probe with its recorded vector.</param>
/// <param name="LengthRatio">Mean length of the vectors now by that of those recorded.</param>
/// <param name="Cause">What it means.</param>
public sealed record EmbeddingDrift(double SmallestCosine, double LengthRatio, EmbeddingDriftCause Cause)
{
    /// <summary>Whether the vectors may go into the collection.</summary>
    public bool IsSame => Cause == EmbeddingDriftCause.None;

    internal string Describe() => string.Create(CultureInfo.InvariantCulture, $"the smallest cosine of 32 probe texts is {SmallestCosine:0.000} (bound {EmbeddingProbes.SmallestCosine}), their length {LengthRatio:0.00} of that recorded; likely cause: ") + Cause switch
    {
        EmbeddingDriftCause.Normalization => "normalisation: vectors have another length. Normalise as before",
        EmbeddingDriftCause.Prompt => "prompt: short texts moved most. Use the prompt (intent, prefix) of before",
        EmbeddingDriftCause.Pooling => "pooling, or weights trained further. Use the model folder of before",
        EmbeddingDriftCause.OtherModel => "another model. Use the model of before",
        _ => "none",
    };
}

/// <summary>A generator gives other vectors than those a collection holds; nothing was written.</summary>
public sealed class EmbeddingDriftException : InvalidOperationException
{
    /// <summary>Creates the error.</summary>
    /// <param name="collection">The collection's name.</param>
    /// <param name="drift">What was measured.</param>
    public EmbeddingDriftException(string collection, EmbeddingDrift drift)
        : base($"the generator gives other vectors than collection '{collection}' holds: {(drift ?? throw new ArgumentNullException(nameof(drift))).Describe()}, or re-embed the collection. Nothing was written; reading goes on.") => Drift = drift;

    /// <summary>What was measured.</summary>
    public EmbeddingDrift Drift { get; }
}
