namespace Polymodal.Multimodal;

/// <summary>
/// What scores mean for one kind of query, one medium of items and one space or bridge: how near the best item comes to queries that it does not answer. It makes scores of media
/// comparable, which raw cosines are not.
/// </summary>
public sealed record MediumCalibration
{
    /// <summary>The medium's name, see <see cref="SearchMedium.Name"/>.</summary>
    public required string Medium { get; init; }

    /// <summary>The queries' medium.</summary>
    public required EmbeddingModality QueryModality { get; init; }

    /// <summary>The items' medium.</summary>
    public required EmbeddingModality ItemModality { get; init; }

    /// <summary>The space, <see cref="EmbeddingSpace.SpaceId"/>.</summary>
    public required string SpaceId { get; init; }

    /// <summary>The bridge; null where items lie in their own space.</summary>
    public string? Bridge { get; init; }

    /// <summary>The mean of the background queries' unit vectors, which is taken off each query; empty where nothing is.</summary>
    public ReadOnlyMemory<float> QueryMean { get; init; }

    /// <summary>The mean of the items' unit vectors, which is taken off each item; empty where nothing is.</summary>
    public ReadOnlyMemory<float> ItemMean { get; init; }

    /// <summary>Mean over the background queries of the best item's score.</summary>
    public required double ScoreMean { get; init; }

    /// <summary>Standard deviation of those scores; above 0.</summary>
    public required double ScoreDeviation { get; init; }

    /// <summary>How many background queries there were.</summary>
    public required int Queries { get; init; }

    /// <summary>A score in deviations above the mean.</summary>
    /// <param name="score">A score of this medium, with the means taken off where this calibration has some.</param>
    public double Standardize(double score) => (score - ScoreMean) / ScoreDeviation;
}
