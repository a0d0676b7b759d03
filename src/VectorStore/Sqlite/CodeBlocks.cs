using Polymodal.VectorStore.Exact;

namespace Polymodal.VectorStore.Sqlite;

/// <summary>The codes of vectors that are being added: packed on other threads while records are written, as packing is half of the work, and written in order.</summary>
/// <param name="definition">What the vectors are.</param>
/// <param name="write">Writes a block.</param>
/// <remarks>Not safe for concurrent use.</remarks>
internal sealed class CodeBlocks(VectorDefinition definition, Action<byte[]> write)
{
    // Of a million records that are indexed anew, no more than this waits in memory.
    private const int MostUnwritten = 32;

    private readonly Queue<Task<byte[]>> _unwritten = new();
    private readonly List<long> _keys = new(SqliteCodes.BlockRows);
    private readonly List<ReadOnlyMemory<float>> _vectors = new(SqliteCodes.BlockRows);

    /// <summary>Adds a vector.</summary>
    /// <param name="key">Its record's key, above those before.</param>
    /// <param name="vector">The vector, which nobody may change before <see cref="Finish"/>.</param>
    public void Add(long key, ReadOnlyMemory<float> vector)
    {
        _keys.Add(key);
        _vectors.Add(vector);
        if (_keys.Count == SqliteCodes.BlockRows)
            Pack();
        if (_unwritten.Count > MostUnwritten)
            WriteOldest();
    }

    /// <summary>Writes what is not written.</summary>
    public void Finish()
    {
        if (_keys.Count > 0)
            Pack();
        while (_unwritten.Count > 0)
            WriteOldest();
    }

    private void Pack()
    {
        long[] keys = [.. _keys];
        ReadOnlyMemory<float>[] vectors = [.. _vectors];
        _unwritten.Enqueue(Task.Run(() => PackedCodes.Pack(keys, vectors, definition)));
        _keys.Clear();
        _vectors.Clear();
    }

    private void WriteOldest() => write(_unwritten.Dequeue().GetAwaiter().GetResult());
}
