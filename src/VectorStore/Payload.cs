using System.Collections;

namespace Polymodal.VectorStore;

/// <summary>What belongs to a record beside its vectors and text: values by name. <c>new Payload { ["year"] = 2020, ["tags"] = new[] { "a", "b" } }</c>.</summary>
/// <remarks>Immutable and safe for concurrent use once initialised. Two payloads are equal when they hold equal values under the same names.</remarks>
#pragma warning disable CA1710 // The field says payload.
public sealed class Payload : IReadOnlyDictionary<string, PayloadValue>, IEquatable<Payload>
#pragma warning restore CA1710
{
    private readonly Dictionary<string, PayloadValue> _values;

    /// <summary>No values, or those of an object initialiser.</summary>
    public Payload() => _values = new(StringComparer.Ordinal);

    /// <summary>A copy of values; those that are none are left out.</summary>
    /// <param name="values">Values by name; each name once.</param>
    /// <exception cref="ArgumentException">A name occurs twice.</exception>
    public Payload(IEnumerable<KeyValuePair<string, PayloadValue>> values)
        : this()
    {
        ArgumentNullException.ThrowIfNull(values);
        foreach ((string key, PayloadValue value) in values)
        {
            if (value.Kind != PayloadKind.None)
                _values.Add(key, value);
        }
    }

    /// <summary>No values.</summary>
    public static Payload Empty { get; } = new();

    /// <summary>A value; <c>default</c>, of kind <see cref="PayloadKind.None"/>, when there is none of that name.</summary>
    /// <param name="key">Its name; case matters.</param>
    public PayloadValue this[string key]
    {
        get => _values.GetValueOrDefault(key);
        init
        {
            if (value.Kind != PayloadKind.None)
                _values[key] = value;
        }
    }

    /// <inheritdoc/>
    public int Count => _values.Count;

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _values.Keys;

    /// <inheritdoc/>
    public IEnumerable<PayloadValue> Values => _values.Values;

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _values.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, out PayloadValue value) => _values.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, PayloadValue>> GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(Payload? other) =>
        other is not null && Count == other.Count && _values.All(pair => other.TryGetValue(pair.Key, out PayloadValue value) && value.Kind == pair.Value.Kind && value == pair.Value);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Payload);

    /// <inheritdoc/>
    public override int GetHashCode() => _values.Aggregate(Count, (hash, pair) => hash ^ HashCode.Combine(pair.Key, pair.Value));
}
