using System.Numerics.Tensors;

namespace Polymodal.VectorStore.Exact;

/// <summary>Scores stored vectors against one query. All exact backends use it, so that they give the same bits.</summary>
/// <remarks>
/// One pass over a row: the query is brought to unit length once, a row brings the inverse of its length along (<see cref="Scale"/>).
/// Sums of squares overflow or vanish in single precision when components are extreme (1e30, 1e-30); such rows are scored in double precision.
/// Safe for concurrent use.
/// </remarks>
internal sealed class VectorScorer
{
    private const float SmallestSafeNorm = 1e-15f, LargestSafeNorm = 1e15f;

    private readonly SimilarityMetric _metric;
    private readonly float[] _query;

    /// <summary>Prepares a query.</summary>
    /// <param name="query">Finite numbers, as many as a row has.</param>
    /// <param name="metric">The measure.</param>
    public VectorScorer(ReadOnlySpan<float> query, SimilarityMetric metric)
    {
        _metric = metric;
        _query = query.ToArray();
        if (metric == SimilarityMetric.Cosine && ExactNorm(query) is > 0 and double norm)
        {
            for (int i = 0; i < _query.Length; i++)
                _query[i] = (float)(query[i] / norm);
        }
    }

    /// <summary>The numbers that rows are compared with; for cosine of unit length, or zeros.</summary>
    public ReadOnlySpan<float> Query => _query;

    /// <summary>What a row's dot product with the query is multiplied by; NaN sends the row to double precision.</summary>
    /// <param name="row">Finite numbers.</param>
    /// <param name="metric">The measure.</param>
    public static float Scale(ReadOnlySpan<float> row, SimilarityMetric metric)
    {
        if (metric != SimilarityMetric.Cosine)
            return 1;
        float norm = TensorPrimitives.Norm(row);
        if (norm is > SmallestSafeNorm and < LargestSafeNorm)
            return 1 / norm;
        return ExactNorm(row) == 0 ? 0 : float.NaN;
    }

    /// <summary>The score of a row; higher is nearer, never NaN.</summary>
    /// <param name="row">A stored vector.</param>
    /// <param name="scale">Its <see cref="Scale"/>.</param>
    public float Score(ReadOnlySpan<float> row, float scale)
    {
        float score = _metric == SimilarityMetric.Euclidean
            ? 0 - TensorPrimitives.Distance(_query, row)
            : TensorPrimitives.Dot(_query, row) * scale;
        if (!float.IsFinite(score))
            score = ExactScore(row);
        return _metric == SimilarityMetric.Cosine ? Math.Clamp(score, -1, 1) : score;
    }

    private float ExactScore(ReadOnlySpan<float> row)
    {
        double dot = 0, squares = 0;
        for (int i = 0; i < row.Length; i++)
        {
            double difference = (double)_query[i] - row[i];
            dot += (double)_query[i] * row[i];
            squares += difference * difference;
        }

        return (float)(_metric switch
        {
            SimilarityMetric.Euclidean => -Math.Sqrt(squares),
            SimilarityMetric.Cosine => dot / ExactNorm(row),
            _ => dot,
        });
    }

    private static double ExactNorm(ReadOnlySpan<float> vector)
    {
        double squares = 0;
        foreach (float value in vector)
            squares += (double)value * value;
        return Math.Sqrt(squares);
    }
}
