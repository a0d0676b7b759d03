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
    private const int ShownLength = 60;

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
        if (!Enum.IsDefined(definition.Tokenizer))
            throw new ArgumentException($"Tokenizer is {definition.Tokenizer}; known: {string.Join(", ", Enum.GetNames<LexicalTokenizer>())}.", nameof(definition));
        foreach ((string name, VectorDefinition vector) in definition.Vectors)
        {
            if (name.Length > 0)
                CheckName(name);
            if (string.IsNullOrWhiteSpace(vector.SpaceId))
                throw new ArgumentException("SpaceId is blank. Name the space of the vectors, e.g. with VectorCollectionDefinition.For(space).", nameof(definition));
            if (vector.Dimensions < 1)
                throw new ArgumentException($"Dimensions is {vector.Dimensions}. Give the length of the vectors, at least 1.", nameof(definition));
            if (!Enum.IsDefined(vector.Metric) || vector.Metric == SimilarityMetric.Manhattan)
                throw new ArgumentException($"Metric is {vector.Metric}; known: {string.Join(", ", Enum.GetNames<SimilarityMetric>().Except([nameof(SimilarityMetric.Manhattan)]))}.", nameof(definition));
        }
    }

    /// <summary>Throws unless a collection that exists can serve records of the requested definition. Fingerprints and probes may differ: they do not decide what compares.</summary>
    public static void CheckSame(string name, VectorCollectionDefinition stored, VectorCollectionDefinition requested)
    {
        if (!stored.Vectors.Keys.SequenceEqual(requested.Vectors.Keys))
            throw new ArgumentException($"collection '{name}' has the vectors {Names(stored)}; asked for were {Names(requested)}. Open it as it is, or use another name.", nameof(requested));
        if (stored.Tokenizer != requested.Tokenizer)
            throw new ArgumentException($"collection '{name}' finds words by {stored.Tokenizer}; asked for was {requested.Tokenizer}. Open it as it is, or use another name.", nameof(requested));
        foreach ((string vectorName, VectorDefinition vector) in stored.Vectors)
        {
            VectorDefinition wanted = requested.Vectors[vectorName];
            EmbeddingSpace.EnsureSame(vector.SpaceId, wanted.SpaceId);
            if (vector.Dimensions != wanted.Dimensions || vector.Metric != wanted.Metric)
            {
                throw new ArgumentException(
                    $"collection '{name}' holds vectors of {vector.Dimensions} dimensions compared by {vector.Metric}; " +
                    $"asked for were {wanted.Dimensions} dimensions and {wanted.Metric}. Open it as it is, or use another name.", nameof(requested));
            }
        }
    }

    /// <summary>Whether a record can have the id.</summary>
    public static bool IsId(RecordId id) =>
        id.Kind != RecordIdKind.None && (id.Kind != RecordIdKind.Text || (id.AsText() is { Length: > 0 and <= MaxIdLength } text && WellFormed(text) == text));

    /// <summary>The form in which a record is stored: checked, and independent of objects the caller may still change.</summary>
    /// <remarks>Stores keep text as UTF-8, which has no unpaired surrogates: each becomes U+FFFD, so places in the text stay what they are.</remarks>
    public static VectorRecord ToStored(VectorRecord record, VectorCollectionDefinition definition)
    {
        (string? text, Payload payload) = Checked(record, definition);
        return new()
        {
            Id = record.Id,
            Vectors = Stamped(record.Vectors.Select(vector => KeyValuePair.Create(vector.Key, (ReadOnlyMemory<float>)vector.Value.Vector.ToArray())), definition),
            Text = text,
            Payload = payload,
        };
    }

    /// <summary>Throws unless a record can be stored, and gives text and payload in the form in which they are. The vectors are still the caller's.</summary>
    public static (string? Text, Payload Payload) Checked(VectorRecord record, VectorCollectionDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(record);
        var owner = new Owner(record.Id);
        if (!IsId(record.Id))
            throw new ArgumentException($"'{Shown(record.Id.ToString())}' is not a record id. Use a number, a GUID, or 1 to {MaxIdLength} characters without unpaired surrogates.", nameof(record));
        if (record.Vectors.Count == 0)
            throw new ArgumentException($"{owner} has no vector. Give one of those the collection defines: {Names(definition)}.", nameof(record));
        foreach ((string name, Embedding<float> vector) in record.Vectors)
            CheckVector(owner, vector, VectorOf(owner, name, definition));
        return (record.Text is null ? null : WellFormed(record.Text), ToStored(owner, record.Payload));
    }

    /// <summary>Vectors as a store hands them out.</summary>
    public static IReadOnlyDictionary<string, Embedding<float>> Stamped(IEnumerable<KeyValuePair<string, ReadOnlyMemory<float>>> vectors, VectorCollectionDefinition definition) =>
        vectors.ToDictionary(
            vector => vector.Key,
            vector => new Embedding<float>(vector.Value) { AdditionalProperties = new() { [EmbeddingSpace.SpaceIdProperty] = definition.Vectors[vector.Key].SpaceId } },
            StringComparer.Ordinal).AsReadOnly();

    /// <summary>Prepares a search after checking what was asked for.</summary>
    public static VectorScorer ToScorer(Embedding<float> query, VectorSearchOptions options, VectorCollectionDefinition definition)
    {
        VectorDefinition vector = VectorOf("the query", options.VectorName, definition);
        CheckVector("the query", query, vector);
        CheckOptions(options);
        return new(query.Vector.Span, vector.Metric);
    }

    /// <summary>Throws unless a search can be made with the options.</summary>
    public static void CheckOptions(VectorSearchOptions options)
    {
        if (options.K < 1)
            throw new ArgumentOutOfRangeException(nameof(options), options.K, "K, the number of matches, must be at least 1.");
        if (options.Offset < 0)
            throw new ArgumentOutOfRangeException(nameof(options), options.Offset, "Offset must be at least 0.");
        if (options.MinScore is { } score && float.IsNaN(score))
            throw new ArgumentOutOfRangeException(nameof(options), score, "MinScore must be a number, or null for no bound.");
        if (!Enum.IsDefined(options.Mode))
            throw new ArgumentOutOfRangeException(nameof(options), options.Mode, $"Mode must be one of {string.Join(", ", Enum.GetNames<VectorSearchMode>())}.");
    }

    /// <summary>The error of a collection that was removed while somebody held it.</summary>
    public static VectorStoreException Removed(string name) =>
        new($"collection '{name}' was removed from its store. Open or create it again.");

    /// <summary>The error of a name that no collection has.</summary>
    public static ArgumentException Unknown(string name) =>
        new($"there is no collection '{Shown(name)}'. ListCollectionsAsync gives the names of all.", nameof(name));

    /// <summary>The text as UTF-8 can keep it.</summary>
    public static string WellFormed(string text) =>
        text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) : text;

    /// <summary>As much of a text as a message may show.</summary>
    public static string Shown(string text) => text.Length <= ShownLength ? text : text[..ShownLength] + "…";

    /// <summary>What a vector of a name is.</summary>
    public static VectorDefinition VectorOf(Owner owner, string name, VectorCollectionDefinition definition) =>
        definition.Vectors.TryGetValue(name, out VectorDefinition? vector)
            ? vector
            : throw new ArgumentException($"{owner} names the vector '{Shown(name)}'; the collection defines {Names(definition)}. Use one of these.");

    /// <summary>Whose a vector is; in words only when a message needs them, as this is made for every record.</summary>
    public readonly record struct Owner(RecordId Id, string? Name = null)
    {
        public static implicit operator Owner(string name) => new(default, name);

        /// <inheritdoc/>
        public override string ToString() => Name ?? $"record '{Shown(Id.ToString())}'";
    }

    private static void CheckVector(Owner owner, Embedding<float> embedding, VectorDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(embedding);
        EmbeddingSpace.EnsureSame(definition.SpaceId, EmbeddingSpace.SpaceIdOf(embedding));
        ReadOnlySpan<float> vector = embedding.Vector.Span;
        if (vector.Length != definition.Dimensions)
            throw new ArgumentException($"{owner} has a vector of {vector.Length} dimensions; the collection holds {definition.Dimensions}. Embed it with the collection's model.", nameof(embedding));
        if (!TensorPrimitives.IsFiniteAll(vector))
            throw new ArgumentException($"{owner} has a vector with NaN or infinity in it. Check the generator that made it; nothing can be compared with such a vector.", nameof(embedding));
    }

    private static Payload ToStored(Owner owner, Payload payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        if (payload.Count == 0)
            return Payload.Empty;
        return new(payload.Select(pair => KeyValuePair.Create(WellFormed(pair.Key), pair.Value.Kind switch
        {
            PayloadKind.Text => (PayloadValue)WellFormed((string)pair.Value!),
            PayloadKind.TextList => PayloadValue.List(pair.Value.AsList().Select(text => WellFormed(
                text ?? throw new ArgumentException($"{owner} has no text at a place of the list '{Shown(pair.Key)}'. Leave the place out or give a text.", nameof(payload))))),
            PayloadKind.Number when !double.IsFinite((double)pair.Value) =>
                throw new ArgumentException($"{owner} has {pair.Value} under '{Shown(pair.Key)}'. Use a finite number, or leave the key out.", nameof(payload)),
            _ => pair.Value,
        })));
    }

    private static string Names(VectorCollectionDefinition definition) => string.Join(", ", definition.Vectors.Keys.Select(name => $"'{name}'"));
}
