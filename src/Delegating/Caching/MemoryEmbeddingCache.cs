namespace Polymodal.Delegating;

/// <summary>Keeps vectors in this process, up to a number of bytes; the one used longest ago goes first.</summary>
/// <remarks>Safe for concurrent use.</remarks>
public sealed class MemoryEmbeddingCache : IEmbeddingCache
{
    // The key's 64 characters, two nodes and a place in the table, about.
    private const int BytesPerEntry = 320;
    private readonly long _maxBytes;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<KeyValuePair<string, ReadOnlyMemory<byte>>>> _entries = new(StringComparer.Ordinal);
    private readonly LinkedList<KeyValuePair<string, ReadOnlyMemory<byte>>> _byUse = [];
    private long _bytes;

    /// <summary>Creates an empty cache.</summary>
    /// <param name="maxBytes">The most bytes it takes, keys and bookkeeping included; at least 1. A vector of 384 dimensions takes about 2 KB. Default 64 MiB.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxBytes"/> is below 1.</exception>
    public MemoryEmbeddingCache(long maxBytes = 64 << 20)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBytes, 1);
        _maxBytes = maxBytes;
    }

    /// <summary>How many entries it has.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _entries.Count;
        }
    }

    /// <summary>How many bytes it takes, about; never more than it may.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock)
                return _bytes;
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ReadOnlyMemory<byte>?>> GetAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var found = new ReadOnlyMemory<byte>?[keys.Count];
        lock (_lock)
        {
            for (int i = 0; i < found.Length; i++)
            {
                if (!_entries.TryGetValue(keys[i], out LinkedListNode<KeyValuePair<string, ReadOnlyMemory<byte>>>? node))
                    continue;
                _byUse.Remove(node);
                _byUse.AddLast(node);
                found[i] = node.Value.Value;
            }
        }

        return new(found);
    }

    /// <inheritdoc/>
    public ValueTask SetAsync(IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> entries, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entries);
        lock (_lock)
        {
            foreach (KeyValuePair<string, ReadOnlyMemory<byte>> entry in entries)
            {
                if (_entries.TryGetValue(entry.Key, out LinkedListNode<KeyValuePair<string, ReadOnlyMemory<byte>>>? old))
                    Remove(old);
                if (SizeOf(entry) > _maxBytes)
                    continue;
                while (_bytes + SizeOf(entry) > _maxBytes)
                    Remove(_byUse.First!);
                _entries[entry.Key] = _byUse.AddLast(entry);
                _bytes += SizeOf(entry);
            }
        }

        return ValueTask.CompletedTask;
    }

    private static long SizeOf(KeyValuePair<string, ReadOnlyMemory<byte>> entry) => entry.Value.Length + BytesPerEntry;

    private void Remove(LinkedListNode<KeyValuePair<string, ReadOnlyMemory<byte>>> node)
    {
        _byUse.Remove(node);
        _entries.Remove(node.Value.Key);
        _bytes -= SizeOf(node.Value);
    }
}
