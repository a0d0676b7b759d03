namespace Polymodal;

/// <summary>Where vectors are kept. A backend stores bytes under keys and knows nothing of models.</summary>
/// <remarks>
/// Implementations are safe for concurrent use. An entry may be lost at any time, and a damaged one may be given back: the caching generator checks every
/// entry and computes again what it cannot use.
/// </remarks>
public interface IEmbeddingCache
{
    /// <summary>Looks up many entries at once.</summary>
    /// <param name="keys">64 hexadecimal digits each, all different.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>One a key, in the order given; null where there is no entry.</returns>
    ValueTask<IReadOnlyList<ReadOnlyMemory<byte>?>> GetAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken);

    /// <summary>Stores many entries at once, in the place of those that are there.</summary>
    /// <param name="entries">Keys and values. The memory is not changed afterwards.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    ValueTask SetAsync(IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> entries, CancellationToken cancellationToken);
}
