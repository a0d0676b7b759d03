namespace Polymodal.VectorStore;

/// <summary>The vectors a generator gave to a fixed set of inputs when a collection was made.</summary>
/// <param name="set">Which inputs, e.g. "text-1".</param>
/// <param name="vectors">The vectors one after the other, [inputs, dimensions]; copied.</param>
/// <remarks>Immutable. Equal when name and numbers are.</remarks>
public sealed class ProbeVectors(string set, ReadOnlySpan<float> vectors) : IEquatable<ProbeVectors>
{
    private readonly float[] _vectors = vectors.ToArray();

    /// <summary>Which inputs.</summary>
    public string Set { get; } = set;

    /// <summary>The vectors one after the other, [inputs, dimensions].</summary>
    public ReadOnlyMemory<float> Vectors => _vectors;

    /// <inheritdoc/>
    public bool Equals(ProbeVectors? other) => other is not null && Set == other.Set && _vectors.AsSpan().SequenceEqual(other._vectors);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ProbeVectors);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Set, _vectors.Length);
}
