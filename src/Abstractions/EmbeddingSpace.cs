using Microsoft.Extensions.AI;

namespace Polymodal;

/// <summary>
/// Says which vectors may be compared and where they come from. Get it from a generator by
/// <c>generator.GetService&lt;EmbeddingSpace&gt;()</c>; each <see cref="Embedding"/> also carries
/// <see cref="SpaceId"/> and <see cref="Fingerprint"/> in its <see cref="Embedding.AdditionalProperties"/>.
/// </summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
public sealed record EmbeddingSpace
{
    /// <summary>Key of <see cref="SpaceId"/> in <see cref="Embedding.AdditionalProperties"/>.</summary>
    public const string SpaceIdProperty = "polymodal.space_id";

    /// <summary>Key of <see cref="Fingerprint"/> in <see cref="Embedding.AdditionalProperties"/>.</summary>
    public const string FingerprintProperty = "polymodal.fingerprint";

    /// <summary>
    /// Which vectors may be compared: model family and revision, output or projection, dimensions, metric,
    /// normalisation. The fp32 and the int8 file of one model share it; two models never do.
    /// </summary>
    public required string SpaceId { get; init; }

    /// <summary>What gives the same bits: hashes of the files, precision, tokenizer, prompts and pooling. For caches, and to explain drift.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Length of each vector; at least 1.</summary>
    public required int Dimensions { get; init; }

    /// <summary>The measure of nearness the model was trained for.</summary>
    public required SimilarityMetric Metric { get; init; }

    /// <summary>Whether every vector has unit length (a vector of zeros excepted).</summary>
    public required bool IsNormalized { get; init; }

    /// <summary>The space of this space's vectors cut to their first numbers; this space itself for all of them.</summary>
    /// <param name="dimensions">How many numbers are left; 1 to <see cref="Dimensions"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dimensions"/> is below 1 or more than there are.</exception>
    public EmbeddingSpace Cut(int dimensions)
    {
        if (dimensions < 1 || dimensions > Dimensions)
            throw new ArgumentOutOfRangeException(nameof(dimensions), dimensions, $"{SpaceId} has {Dimensions} dimensions; Dimensions must be 1 to {Dimensions}.");
        return dimensions == Dimensions ? this : this with { Dimensions = dimensions, SpaceId = $"{SpaceId}/cut-{dimensions}", Fingerprint = $"{Fingerprint}/cut-{dimensions}" };
    }

    /// <summary>Writes the two identities into a vector's <see cref="Embedding.AdditionalProperties"/>.</summary>
    /// <param name="embedding">The vector to mark. Properties it already has are kept.</param>
    /// <exception cref="ArgumentNullException"><paramref name="embedding"/> is null.</exception>
    public void Stamp(Embedding embedding)
    {
        ArgumentNullException.ThrowIfNull(embedding);
        AdditionalPropertiesDictionary properties = embedding.AdditionalProperties ??= [];
        properties[SpaceIdProperty] = SpaceId;
        properties[FingerprintProperty] = Fingerprint;
    }

    /// <summary>The space a vector says it comes from, or null when it says nothing.</summary>
    /// <param name="embedding">The vector to read.</param>
    /// <exception cref="ArgumentNullException"><paramref name="embedding"/> is null.</exception>
    public static string? SpaceIdOf(Embedding embedding)
    {
        ArgumentNullException.ThrowIfNull(embedding);

        // A vector that was kept as JSON, as distributed caches do, has a JsonElement here, whose text is the identifier.
        return embedding.AdditionalProperties?.TryGetValue(SpaceIdProperty, out object? id) == true ? id?.ToString() : null;
    }

    /// <summary>Throws unless both identifiers name one space. A vector of unknown origin (null) passes.</summary>
    /// <param name="first">One space, or null when unknown.</param>
    /// <param name="second">The other space, or null when unknown.</param>
    /// <exception cref="EmbeddingSpaceMismatchException">The spaces differ.</exception>
    public static void EnsureSame(string? first, string? second)
    {
        if (first is not null && second is not null && first != second)
            throw new EmbeddingSpaceMismatchException(first, second);
    }
}
