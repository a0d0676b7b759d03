namespace Polymodal;

/// <summary>
/// What a vector is for. Frameworks map it to their prompt, prefix, <c>task</c> or <c>input_type</c>;
/// a framework that makes no difference ignores it.
/// </summary>
public enum EmbeddingIntent
{
    /// <summary>The input is a search query.</summary>
    Query,

    /// <summary>The input is a passage to be found.</summary>
    Document,

    /// <summary>Inputs are compared with each other.</summary>
    Similarity,

    /// <summary>The vector is the feature of a classifier.</summary>
    Classification,

    /// <summary>The vector is to be clustered.</summary>
    Clustering,
}
