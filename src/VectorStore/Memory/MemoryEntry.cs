using Polymodal.VectorStore.Exact;

namespace Polymodal.VectorStore.Memory;

/// <summary>A record with what searches need of it at hand.</summary>
/// <remarks>Immutable but for the words, which are counted at the first word search; safe for concurrent use.</remarks>
internal sealed class MemoryEntry(VectorRecord record, VectorCollectionDefinition definition)
{
    private TokenCounts? _words;

    /// <summary>The record, never handed out itself: whoever holds an embedding can change its properties.</summary>
    public VectorRecord Record { get; } = record;

    public RecordId Id => Record.Id;

    /// <summary>Vectors and their <see cref="VectorScorer.Scale"/> by name.</summary>
    public Dictionary<string, (ReadOnlyMemory<float> Row, float Scale)> Vectors { get; } = record.Vectors.ToDictionary(
        vector => vector.Key,
        vector => (vector.Value.Vector, VectorScorer.Scale(vector.Value.Vector.Span, definition.Vectors[vector.Key].Metric)),
        StringComparer.Ordinal);

    /// <summary>The words of the text; null when there is no text.</summary>
    public TokenCounts? Words => Record.Text is null ? null : _words ??= new(Record.Text, definition.Tokenizer);

    /// <summary>A copy for a reader.</summary>
    public VectorRecord Read(VectorCollectionDefinition definition) =>
        Record with { Vectors = VectorRules.Stamped(Vectors.Select(vector => KeyValuePair.Create(vector.Key, vector.Value.Row)), definition) };
}
