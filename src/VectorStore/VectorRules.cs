using System.Numerics.Tensors;
using System.Text;
using Microsoft.Extensions.AI;
using Polymodal.VectorStore.Exact;

namespace Polymodal.VectorStore;

/// <summary>What every backend demands of names, definitions, records and queries, worded once.</summary>
internal static class VectorRules
{
    private const int MaxNameLength = 100;
    private const int MaxIdLength = 1000;
    private const int ShownIdLength = 60;

    /// <summary>Throws unless the text is a collection's name.</summary>
    public static void CheckName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length is 0 or > MaxNameLength || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            throw new ArgumentException($"'{Shown(name)}' is not a collection name. Use 1 to {MaxNameLength} characters out of A-Z, a-z, 0-9, '-', '_' and '.'.", nameof(name));
    }

    /// <summary>Throws unless a collection can be made from the definition.</summary>
    public static void CheckDefinition(VectorCollectionDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        if (string.IsNullOrWhiteSpace(definition.SpaceId))
            throw new ArgumentException("SpaceId is blank. Name the space of the vectors, e.g. with VectorCollectionDefinition.For(space).", nameof(definition));
        if (definition.Dimensions < 1)
            throw new ArgumentException($"Dimensions is {definition.Dimensions}. Give the length of the vectors, at least 1.", nameof(definition));
        if (!Enum.IsDefined(definition.Metric))
            throw new ArgumentException($"Metric is {definition.Metric}; known: {string.Join(", ", Enum.GetNames<SimilarityMetric>())}.", nameof(definition));
    }

    /// <summary>Throws unless a collection that exists can serve vectors of the requested definition. Fingerprints may differ: they do not decide what compares.</summary>
    public static void CheckSame(string name, VectorCollectionDefinition stored, VectorCollectionDefinition requested)
    {
        EmbeddingSpace.EnsureSame(stored.SpaceId, requested.SpaceId);
        if (stored.Dimensions != requested.Dimensions || stored.Metric != requested.Metric)
        {
            throw new ArgumentException(
                $"collection '{name}' holds vectors of {stored.Dimensions} dimensions compared by {stored.Metric}; " +
                $"asked for were {requested.Dimensions} dimensions and {requested.Metric}. Open it as it is, or use another name.", nameof(requested));
        }
    }

    /// <summary>Whether a text can be a record's id.</summary>
    public static bool IsId(string? id) => id is { Length: > 0 and <= MaxIdLength } && WellFormed(id) == id;

    /// <summary>The form in which a record is stored: checked, and independent of objects the caller may still change.</summary>
    /// <remarks>Stores keep text as UTF-8, which has no unpaired surrogates: each becomes U+FFFD, so places in the text stay what they are.</remarks>
    public static VectorRecord ToStored(VectorRecord record, VectorCollectionDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(record);
        string id = record.Id;
        if (!IsId(id))
            throw new ArgumentException($"'{Shown(id)}' is not a record id. Use 1 to {MaxIdLength} characters without unpaired surrogates.", nameof(record));
        CheckVector($"record '{Shown(id)}'", record.Embedding, definition);
        var payload = new Dictionary<string, string>(record.Payload.Count, StringComparer.Ordinal);
        foreach ((string key, string value) in record.Payload)
            payload[WellFormed(key)] = WellFormed(value ?? throw new ArgumentException($"record '{Shown(id)}' has no value for payload key '{Shown(key)}'. Leave the key out or give a text.", nameof(record)));
        return new()
        {
            Id = id,
            Embedding = Stamped(record.Embedding.Vector.ToArray(), definition),
            Text = record.Text is null ? null : WellFormed(record.Text),
            Payload = payload.AsReadOnly(),
        };
    }

    /// <summary>A vector as a store hands it out.</summary>
    public static Embedding<float> Stamped(ReadOnlyMemory<float> vector, VectorCollectionDefinition definition) =>
        new(vector) { AdditionalProperties = new() { [EmbeddingSpace.SpaceIdProperty] = definition.SpaceId } };

    /// <summary>Throws unless the vector can be compared with a collection's.</summary>
    /// <param name="owner">Whose vector it is, for the message.</param>
    /// <param name="embedding">The vector.</param>
    /// <param name="definition">The collection's definition.</param>
    public static void CheckVector(string owner, Embedding<float> embedding, VectorCollectionDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(embedding);
        EmbeddingSpace.EnsureSame(definition.SpaceId, EmbeddingSpace.SpaceIdOf(embedding));
        ReadOnlySpan<float> vector = embedding.Vector.Span;
        if (vector.Length != definition.Dimensions)
            throw new ArgumentException($"{owner} has a vector of {vector.Length} dimensions; the collection holds {definition.Dimensions}. Embed it with the collection's model.", nameof(embedding));
        if (!TensorPrimitives.IsFiniteAll(vector))
            throw new ArgumentException($"{owner} has a vector with NaN or infinity in it. Check the generator that made it; nothing can be compared with such a vector.", nameof(embedding));
    }

    /// <summary>Prepares a search after checking what was asked for.</summary>
    public static VectorScorer ToScorer(Embedding<float> query, int k, VectorCollectionDefinition definition)
    {
        CheckVector("the query", query, definition);
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        return new(query.Vector.Span, definition.Metric);
    }

    /// <summary>The error of a collection that was removed while somebody held it.</summary>
    public static VectorStoreException Removed(string name) =>
        new($"collection '{name}' was removed from its store. Open or create it again.");

    private static string WellFormed(string text) =>
        text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) : text;

    private static string Shown(string? text) =>
        text is null ? "null" : text.Length <= ShownIdLength ? text : text[..ShownIdLength] + "…";
}
