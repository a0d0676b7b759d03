using Microsoft.Extensions.Caching.Distributed;

namespace Polymodal.Delegating;

/// <summary>Keeps vectors in an <see cref="IDistributedCache"/> (Redis, SQL Server, …), which several processes and machines may share.</summary>
/// <remarks>Safe for concurrent use. The contract has no way to ask for many keys, so a few calls run side by side.</remarks>
/// <param name="cache">The cache.</param>
/// <param name="entryOptions">How long entries live; null: as the cache has it.</param>
/// <param name="prefix">Put before each key, where other things live in the same cache. Default <c>embedding:</c>.</param>
public sealed class DistributedEmbeddingCache(IDistributedCache cache, DistributedCacheEntryOptions? entryOptions = null, string prefix = "embedding:") : IEmbeddingCache
{
    private const int CallsAtOnce = 16;
    private readonly IDistributedCache _cache = cache ?? throw new ArgumentNullException(nameof(cache));
    private readonly DistributedCacheEntryOptions _entryOptions = entryOptions ?? new();

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ReadOnlyMemory<byte>?>> GetAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var found = new ReadOnlyMemory<byte>?[keys.Count];
        await Parallel.ForAsync(0, keys.Count, Few(cancellationToken), async (i, token) =>
        {
            if (await _cache.GetAsync(prefix + keys[i], token).ConfigureAwait(false) is { } value)
                found[i] = value;
        }).ConfigureAwait(false);
        return found;
    }

    /// <inheritdoc/>
    public async ValueTask SetAsync(IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> entries, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entries);
        await Parallel.ForAsync(0, entries.Count, Few(cancellationToken), async (i, token) =>
            await _cache.SetAsync(prefix + entries[i].Key, entries[i].Value.ToArray(), _entryOptions, token).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private static ParallelOptions Few(CancellationToken cancellationToken) => new() { MaxDegreeOfParallelism = CallsAtOnce, CancellationToken = cancellationToken };
}
