using System.Buffers;

namespace Polymodal.VectorStore.Sqlite;

/// <summary>Records about to be written: checked, and independent of objects the caller may still change.</summary>
/// <remarks>Not safe for concurrent use. The vectors stand in few large pieces of memory that are used again: one for each record would be moved about by the garbage collector, at a third of the cost of writing.</remarks>
internal sealed class SqliteRows(SqliteCollectionRow collection) : IDisposable
{
    private const int FirstRows = 8, MostRows = 512;

    private readonly List<SqliteRow> _rows = [];
    private readonly List<float[]> _pieces = [];
    private int _used;

    /// <summary>The records in their order; of no more use after the end of this object.</summary>
    public IReadOnlyList<SqliteRow> All => _rows;

    /// <summary>Adds a record.</summary>
    /// <exception cref="ArgumentException">It cannot be stored.</exception>
    public void Add(VectorRecord record)
    {
        (string? text, Payload payload) = VectorRules.Checked(record, collection.Definition);
        Memory<float> vectors = Take();
        collection.Layout.Fill(vectors.Span, record);
        _rows.Add(new(record.Id, vectors, text, payload));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (float[] piece in _pieces)
            ArrayPool<float>.Shared.Return(piece);
        _pieces.Clear();
        _rows.Clear();
    }

    private Memory<float> Take()
    {
        int floats = collection.Layout.Floats;
        if (_pieces.Count == 0 || _used + floats > _pieces[^1].Length)
        {
            _pieces.Add(ArrayPool<float>.Shared.Rent(floats * Math.Clamp(_rows.Count, FirstRows, MostRows)));
            _used = 0;
        }

        Memory<float> taken = _pieces[^1].AsMemory(_used, floats);
        _used += floats;
        return taken;
    }
}

/// <summary>A record about to be written.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Vectors">Its vectors, as <see cref="VectorLayout"/> places them.</param>
/// <param name="Text">Its text, without unpaired surrogates.</param>
/// <param name="Payload">Its payload, the same.</param>
internal readonly record struct SqliteRow(RecordId Id, ReadOnlyMemory<float> Vectors, string? Text, Payload Payload);
