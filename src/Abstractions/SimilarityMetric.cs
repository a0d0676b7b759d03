namespace Polymodal;

/// <summary>How the nearness of two vectors of one space is measured. A higher score is always nearer.</summary>
public enum SimilarityMetric
{
    /// <summary>Cosine of the angle, −1 to 1; a vector of zeros scores 0 with everything.</summary>
    Cosine,

    /// <summary>Dot product, unbounded.</summary>
    DotProduct,

    /// <summary>Negative Euclidean distance, at most 0.</summary>
    Euclidean,

    /// <summary>Negative Manhattan distance (the sum of the differences), at most 0. Vector stores do not search by it.</summary>
    Manhattan,
}
