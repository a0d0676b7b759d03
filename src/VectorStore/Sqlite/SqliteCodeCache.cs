using Polymodal.VectorStore.Exact;

namespace Polymodal.VectorStore.Sqlite;

/// <summary>The codes of one vector of a collection in memory, kept up with the file.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class SqliteCodeCache(SqliteCollectionRow collection, int slot, string path)
{
    private readonly Lock _refreshing = new();
    private CodeMatrix _matrix = CodeMatrix.Empty(collection.Layout.DefinitionOf(slot).Dimensions);
    private long _changes = -1, _epoch = -1, _lastRecord, _lastGone;

    /// <summary>The codes in the state that the session reads; null when another search has already gone on to a later one.</summary>
    /// <exception cref="VectorStoreException">The collection was removed, or the file is damaged.</exception>
    public CodeMatrix? In(SqliteSession session)
    {
        (long changes, long epoch) = State(session);
        lock (_refreshing)
        {
            if (changes < _changes)
                return null;
            if (changes == _changes)
                return _matrix;
            bool anew = epoch != _epoch;
            CodeMatrix matrix = SqliteCodes.Load(session, collection, slot, anew ? CodeMatrix.Empty(_matrix.Dimensions) : _matrix, anew ? 0 : _lastRecord, path);
            (long[] gone, long lastGone) = SqliteCodes.Gone(session, collection, anew ? 0 : _lastGone);
            matrix = matrix.Without(gone);
            long count = session.Scalar("SELECT vectors FROM slot WHERE collection = ? AND number = ?", collection.Key, slot);
            if (matrix.Count != count)
                throw SqliteErrors.Damaged(path, $"collection '{collection.Name}' counts {count} vectors and holds codes of {matrix.Count}");
            (_matrix, _changes, _epoch, _lastGone) = (matrix, changes, epoch, lastGone);
            _lastRecord = matrix.Blocks.Length > 0 ? matrix.Blocks[^1].Keys[^1] : 0;
            return matrix;
        }
    }

    private (long Changes, long Epoch) State(SqliteSession session)
    {
        using SqliteStatement row = session.Use("SELECT changes, epoch FROM collection WHERE key = ?", collection.Key);
        return row.Step() ? (row.Number(0), row.Number(1)) : throw VectorRules.Removed(collection.Name);
    }
}
