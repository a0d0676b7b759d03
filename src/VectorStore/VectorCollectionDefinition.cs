using System.Collections.ObjectModel;

namespace Polymodal.VectorStore;

/// <summary>What the records of a collection are made of: one vector without a name, or several named ones, and how words are found in their texts.</summary>
/// <remarks>Immutable. Two definitions are equal when all they say is equal.</remarks>
public sealed class VectorCollectionDefinition : IEquatable<VectorCollectionDefinition>
{
    /// <summary>The name of the one vector of an ordinary collection: empty.</summary>
    public const string DefaultVector = "";

    /// <summary>Defines a collection with one vector for each record.</summary>
    /// <param name="vector">What the vectors are.</param>
    public VectorCollectionDefinition(VectorDefinition vector)
        : this([new(DefaultVector, vector)])
    {
    }

    /// <summary>Defines a collection with several vectors for each record.</summary>
    /// <param name="vectors">What the vectors are, by name (1 to 100 characters like a collection's name; or empty, see <see cref="DefaultVector"/>); at least one.</param>
    /// <exception cref="ArgumentException">There is none, or a name occurs twice.</exception>
    public VectorCollectionDefinition(IEnumerable<KeyValuePair<string, VectorDefinition>> vectors)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        Vectors = new SortedDictionary<string, VectorDefinition>(new Dictionary<string, VectorDefinition>(vectors), StringComparer.Ordinal).AsReadOnly();
        if (Vectors.Count == 0)
            throw new ArgumentException("a collection needs at least one vector. Give a definition for each.", nameof(vectors));
    }

    /// <summary>What the vectors are, by name, in ordinal order of the names.</summary>
    public ReadOnlyDictionary<string, VectorDefinition> Vectors { get; }

    /// <summary>How texts are cut into what a word search looks for.</summary>
    public LexicalTokenizer Tokenizer { get; init; } = LexicalTokenizer.Words;

    /// <summary>What the vectors without a name are.</summary>
    /// <exception cref="InvalidOperationException">All vectors of the collection have names.</exception>
    public VectorDefinition Vector => Vectors.TryGetValue(DefaultVector, out VectorDefinition? vector)
        ? vector
        : throw new InvalidOperationException($"all vectors of the collection have names: {string.Join(", ", Vectors.Keys)}. Use Vectors[name].");

    /// <summary>The definition of a collection for a generator's vectors.</summary>
    /// <param name="space">The generator's space.</param>
    /// <exception cref="ArgumentNullException"><paramref name="space"/> is null.</exception>
    public static VectorCollectionDefinition For(EmbeddingSpace space) => new(VectorDefinition.For(space));

    /// <inheritdoc/>
    public bool Equals(VectorCollectionDefinition? other) => other is not null && Tokenizer == other.Tokenizer && Vectors.SequenceEqual(other.Vectors);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as VectorCollectionDefinition);

    /// <inheritdoc/>
    public override int GetHashCode() => Vectors.Aggregate(HashCode.Combine(Tokenizer), (hash, pair) => HashCode.Combine(hash, pair.Key, pair.Value));
}
