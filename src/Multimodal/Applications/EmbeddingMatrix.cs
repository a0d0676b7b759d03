using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>Hands vectors to programs that cluster or draw them (scikit-learn, UMAP, …): a matrix as NumPy file, and beside it the names of its rows.</summary>
/// <remarks>Safe for concurrent use.</remarks>
public static class EmbeddingMatrix
{
    /// <summary>Writes <c>path</c> (float32 [rows, dimensions], read by <c>numpy.load</c>) and <c>path</c> with the ending <c>.ids.txt</c> (UTF-8, one name a line, in the order of the rows).</summary>
    /// <param name="path">The file of the matrix; usually ends in <c>.npy</c>. Both files are replaced when they are there.</param>
    /// <param name="rows">Vectors of one space with the names of their rows; at least one. Names have no line breaks.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The path of the names.</returns>
    /// <exception cref="ArgumentException">There are no rows, lengths differ, or a name has a line break.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">Rows are of different spaces.</exception>
    public static async Task<string> SaveAsync(string path, IReadOnlyList<(string Id, Embedding<float> Vector)> rows, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentNullException.ThrowIfNull(rows);
        Embedding<float>[] vectors = [.. rows.Select(row => row.Vector)];
        UnitVectors.CheckAlike(vectors, nameof(rows));
        if (rows.Any(row => row.Id is null || row.Id.AsSpan().IndexOfAny('\r', '\n') >= 0))
            throw new ArgumentException("a name is null or has a line break, and a line stands for a row. Give names of one line.", nameof(rows));
        string names = Path.ChangeExtension(path, ".ids.txt");
        await NpyFile.WriteAsync(path, vectors[0].Vector.Length, vectors.Select(vector => vector.Vector).ToAsyncEnumerable(), cancellationToken).ConfigureAwait(false);
        await File.WriteAllLinesAsync(names, rows.Select(row => row.Id), cancellationToken).ConfigureAwait(false);
        return names;
    }
}
