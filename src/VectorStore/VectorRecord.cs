using System.Collections.ObjectModel;
using Microsoft.Extensions.AI;

namespace Polymodal.VectorStore;

/// <summary>One or several vectors with what they stand for.</summary>
public sealed record VectorRecord
{
    private static readonly ReadOnlyDictionary<string, Embedding<float>> NoVectors = ReadOnlyDictionary<string, Embedding<float>>.Empty;

    /// <summary>Unique in its collection. A text has 1 to 1,000 characters and no unpaired surrogates.</summary>
    public required RecordId Id { get; init; }

    /// <summary>The vectors by name; at least one of those the collection defines. As read from a store they carry their space.</summary>
    public IReadOnlyDictionary<string, Embedding<float>> Vectors { get; init; } = NoVectors;

    /// <summary>The vector without a name: short for <c>Vectors[""]</c>. Setting it keeps the others.</summary>
    /// <exception cref="InvalidOperationException">All vectors of the record have names.</exception>
    public Embedding<float> Embedding
    {
        get => Vectors.TryGetValue(VectorCollectionDefinition.DefaultVector, out Embedding<float>? vector)
            ? vector
            : throw new InvalidOperationException($"record '{Id}' has no vector without a name; it has: {string.Join(", ", Vectors.Keys)}. Use Vectors[name].");
        init => Vectors = new Dictionary<string, Embedding<float>>(Vectors, StringComparer.Ordinal) { [VectorCollectionDefinition.DefaultVector] = value }.AsReadOnly();
    }

    /// <summary>The text it stands for, or null. Stored as UTF-8: an unpaired surrogate comes back as U+FFFD.</summary>
    public string? Text { get; init; }

    /// <summary>What else belongs to it, by name. Stored as UTF-8, like <see cref="Text"/>.</summary>
    public Payload Payload { get; init; } = Payload.Empty;
}

/// <summary>A record that was found.</summary>
/// <param name="Record">The record.</param>
/// <param name="Score">Higher is nearer; the range is that of the collection's <see cref="SimilarityMetric"/>, or of the kind of search.</param>
public sealed record VectorMatch(VectorRecord Record, float Score);
