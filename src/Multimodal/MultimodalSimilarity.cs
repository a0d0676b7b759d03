namespace Polymodal.Multimodal;

/// <summary>How near two inputs are, and where they were compared.</summary>
/// <param name="Score">Higher is nearer.</param>
/// <param name="Metric">The measure: that of the space.</param>
/// <param name="SpaceId">The space that both vectors are of.</param>
/// <param name="Bridges">The bridges by which an input came into it; none when both are at home there.</param>
public sealed record MultimodalSimilarity(float Score, SimilarityMetric Metric, string SpaceId, IReadOnlyList<Bridge> Bridges);
