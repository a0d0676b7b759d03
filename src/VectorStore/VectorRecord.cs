using Microsoft.Extensions.AI;

namespace Polymodal.VectorStore;

/// <summary>A vector with what it stands for.</summary>
public sealed record VectorRecord
{
    /// <summary>Unique in its collection; 1 to 1,000 characters, no unpaired surrogates.</summary>
    public required string Id { get; init; }

    /// <summary>The vector. As read from a store it carries the collection's space.</summary>
    public required Embedding<float> Embedding { get; init; }

    /// <summary>The text it stands for, or null. Stored as UTF-8: an unpaired surrogate comes back as U+FFFD.</summary>
    public string? Text { get; init; }

    /// <summary>What else belongs to it, by name; no value is null. Stored as UTF-8, like <see cref="Text"/>.</summary>
    public IReadOnlyDictionary<string, string> Payload { get; init; } = EmptyPayload;

    private static readonly IReadOnlyDictionary<string, string> EmptyPayload = new Dictionary<string, string>().AsReadOnly();
}

/// <summary>A record that was found.</summary>
/// <param name="Record">The record.</param>
/// <param name="Score">Higher is nearer; the range is that of the collection's <see cref="SimilarityMetric"/>.</param>
public sealed record VectorMatch(VectorRecord Record, float Score);
