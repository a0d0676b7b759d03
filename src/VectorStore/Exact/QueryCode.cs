using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Polymodal.VectorStore.Exact;

/// <summary>A query prepared for rows of codes: what it knows of a row's score before the row itself is read.</summary>
/// <remarks>
/// <para>Write x = s·c + r for a row (see <see cref="RowCode"/>) and q = t₁·d₁ + t₂·d₂ + e₂ for the query, with whole numbers c, d₁, d₂. Then
/// q·x = s·(t₁·c·d₁ + t₂·c·d₂) + s·c·e₂ + q·r. The products of whole numbers are exact, and by Cauchy–Schwarz the last two terms are at most
/// |e₂|·|s·c| + |q|·|r|, where |s·c| ≤ |x| + |r|. The coarse bound is the same with the coarse nibbles for c, their residual for r, t₁·d₁ alone for
/// the query and e₁ = q − t₁·d₁ for e₂.</para>
/// <para>The score to be bounded is not q·x but the float that <see cref="VectorScorer"/> computes. With u = 2⁻²⁴ and n components: a dot product
/// summed in any order, fused or not, is off by at most n·u/(1 − n·u)·|q|·|x|; the inverse length of a cosine by (n/2 + 3)·u of itself;
/// rounding a result of double precision by u. (2n + 32)·u·|q|·|x| covers all of these, and the rounding of double precision in these bounds
/// (2⁻⁵³ each) besides. Products below the normal floats lose at most 2⁻¹⁵⁰ each; a float distance is off by (n/2 + 4)·u of itself
/// and, where squares vanish, by at most √n·2⁻⁷⁴. What is infinite or not a number in a bound excludes nothing.</para>
/// Immutable and safe for concurrent use.
/// </remarks>
internal sealed class QueryCode
{
    private const int Largest = 127, Bias = 8;
    private const double Unit = 1.0 / (1 << 24);

    private readonly SimilarityMetric _metric;
    private readonly sbyte[] _low, _high, _restLow, _restHigh;
    private readonly double _step, _restStep, _norm, _coarseRest, _rest, _rounding, _vanishing, _distanceRounding;
    private readonly int _bias, _restBias;

    /// <summary>Prepares a query.</summary>
    /// <param name="query">The numbers that <see cref="VectorScorer"/> compares with; for cosine of unit length, or zeros.</param>
    /// <param name="metric">The measure.</param>
    public QueryCode(ReadOnlySpan<float> query, SimilarityMetric metric)
    {
        _metric = metric;
        int stride = NibbleDot.Stride(query.Length);
        double[] rest = [.. query];
        _norm = RowCode.Length(query);
        (_low, _high, _step, _bias) = Quantize(rest, stride);
        _coarseRest = Length(rest);
        (_restLow, _restHigh, _restStep, _restBias) = Quantize(rest, stride);
        _rest = Length(rest);
        int n = query.Length;
        _rounding = _norm * (2.0 * n + 32) * Unit;
        _vanishing = metric == SimilarityMetric.Euclidean ? Math.Sqrt(n) * Math.ScaleB(1, -74) : metric == SimilarityMetric.DotProduct ? n * Math.ScaleB(1, -149) : 0;
        _distanceRounding = metric == SimilarityMetric.Euclidean ? (n + 8) * Unit : 0;

        ScaleFactor = 16 * _step;
        CoarseResidualFactor = _norm + _coarseRest;
        NormFactor = _coarseRest + _rounding + Math.ScaleB(1, -147);
        NormSquareFactor = metric == SimilarityMetric.Euclidean ? -0.5 * (1 - Math.ScaleB(1, -19)) : 0;
    }

    /// <summary>The measure.</summary>
    public SimilarityMetric Metric => _metric;

    /// <summary>The query's codes for the low halves of a row's bytes.</summary>
    public ReadOnlySpan<sbyte> Low => _low;

    /// <summary>The query's codes for the high halves of a row's bytes.</summary>
    public ReadOnlySpan<sbyte> High => _high;

    /// <summary>To be subtracted from a row's coarse sum, because nibbles are stored 8 too large.</summary>
    public int CoarseBias => _bias;

    /// <summary>The coarse bound of a row is ScaleFactor·scale·sum + CoarseResidualFactor·coarse residual + NormFactor·norm + NormSquareFactor·norm².</summary>
    public double ScaleFactor { get; }

    /// <inheritdoc cref="ScaleFactor"/>
    public double CoarseResidualFactor { get; }

    /// <inheritdoc cref="ScaleFactor"/>
    public double NormFactor { get; }

    /// <inheritdoc cref="ScaleFactor"/>
    public double NormSquareFactor { get; }

    /// <summary>The coarse bound that a row has to reach if its score can reach a given one.</summary>
    public double CoarseThreshold(double score)
    {
        switch (_metric)
        {
            case SimilarityMetric.Cosine:
                return score <= -1 ? double.NegativeInfinity : score; // scores below −1 are raised to it
            case SimilarityMetric.DotProduct:
                return Math.Min(score, float.MaxValue) - _vanishing; // all that is beyond the floats scores the same
            default:
                // |q − x|² = |q|² + |x|² − 2·q·x, and a float distance D stands for one of at most (D + v)/(1 − δ).
                double farthest = (Math.Max(0, -score) + _vanishing) / (1 - _distanceRounding), square = _norm * _norm;
                double threshold = 0.5 * (square * (1 - 1e-13) - farthest * farthest * (1 + 1e-12));
                return double.IsNaN(threshold) ? double.NegativeInfinity : threshold;
        }
    }

    /// <summary>The coarse bounds of some rows, rounded up to floats; never −∞ nor NaN: +∞ where nothing is known.</summary>
    /// <param name="rows">The rows' block.</param>
    /// <param name="first">The first of them.</param>
    /// <param name="sums">Their coarse sums, as <see cref="NibbleDot"/> gives them. Those beyond 2²⁴ are rounded to floats, by 2⁻²⁴ of themselves: one of the 32 roundings that the remarks allow for.</param>
    /// <param name="bounds">Receives a bound for each row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void CoarseBounds(CodeBlock rows, int first, ReadOnlySpan<int> sums, Span<float> bounds)
    {
        int width = Vector256<float>.Count, i = 0;
        for (; i + width <= sums.Length; i += width)
        {
            CoarseBounds(
                Vector256.Create(sums[i..]), Vector256.Create(rows.Scales.AsSpan(first + i)), Vector256.Create(rows.CoarseResiduals.AsSpan(first + i)),
                Vector256.Create(rows.Norms.AsSpan(first + i))).CopyTo(bounds[i..]);
        }

        for (; i < sums.Length; i++)
        {
            bounds[i] = CoarseBounds(
                Vector256.Create(sums[i]), Vector256.Create(rows.Scales[first + i]), Vector256.Create(rows.CoarseResiduals[first + i]), Vector256.Create(rows.Norms[first + i])).ToScalar();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<float> CoarseBounds(Vector256<int> sums, Vector256<float> scales, Vector256<float> residuals, Vector256<float> norms)
    {
        (Vector256<double> sumLow, Vector256<double> sumHigh) = Vector256.Widen(Vector256.ConvertToSingle(sums - Vector256.Create(_bias)));
        (Vector256<double> scaleLow, Vector256<double> scaleHigh) = Vector256.Widen(scales);
        (Vector256<double> residualLow, Vector256<double> residualHigh) = Vector256.Widen(residuals);
        (Vector256<double> normLow, Vector256<double> normHigh) = Vector256.Widen(norms);
        Vector256<float> bounds = Vector256.Narrow(
            RoundedUp(ScaleFactor * scaleLow * sumLow + CoarseResidualFactor * residualLow + (Vector256.Create(NormFactor) + NormSquareFactor * normLow) * normLow),
            RoundedUp(ScaleFactor * scaleHigh * sumHigh + CoarseResidualFactor * residualHigh + (Vector256.Create(NormFactor) + NormSquareFactor * normHigh) * normHigh));
        bounds = Vector256.ConditionalSelect(Vector256.Equals(bounds, bounds), bounds, Vector256.Create(float.PositiveInfinity));
        return Vector256.ConditionalSelect(Vector256.Equals(bounds, Vector256.Create(float.NegativeInfinity)), Vector256.Create(float.MinValue), bounds);
    }

    // Rounding to the nearest float moves a number by at most 2⁻²⁴ of itself.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> RoundedUp(Vector256<double> numbers) =>
        numbers + Vector256.Abs(numbers) * (1.0 / (1 << 23)) + Vector256.Create((double)float.Epsilon);

    /// <summary>Bounds of the score of one row, from all of its code.</summary>
    public (double Lower, double Upper) Bounds(ReadOnlySpan<byte> coarse, ReadOnlySpan<byte> fine, in RowCode row)
    {
        int first = 16 * (Sum(coarse, _low, _high) - _bias) + Sum(fine, _low, _high) - _bias;
        int second = 16 * (Sum(coarse, _restLow, _restHigh) - _restBias) + Sum(fine, _restLow, _restHigh) - _restBias;
        double dot = row.Scale * (_step * first + _restStep * second);
        double error = _norm * row.Residual + _rest * ((double)row.Norm + row.Residual) + _rounding * row.Norm;
        return _metric switch
        {
            SimilarityMetric.Euclidean => Distance(dot, error, row.Norm),
            SimilarityMetric.Cosine => Finite(Math.Min(1, dot - error), Math.Max(-1, dot + error)),
            _ => Finite(dot - error - _vanishing, dot + error + _vanishing),
        };
    }

    private (double Lower, double Upper) Distance(double dot, double error, double norm)
    {
        double square = _norm * _norm, largest = norm * norm, least = Math.Max(0, norm * (1 - Math.ScaleB(1, -21)) - Math.ScaleB(1, -148));
        double slack = 1e-13 * (square + largest);
        double near = Math.Sqrt(Math.Max(0, square + least * least - 2 * (dot + error) - slack));
        double far = Math.Sqrt(Math.Max(0, square + largest - 2 * (dot - error) + slack));
        return Finite(-far * (1 + _distanceRounding) - _vanishing, -near * (1 - _distanceRounding) + _vanishing);
    }

    // Beyond the floats a score is infinite, and no number excludes nothing.
    private static (double Lower, double Upper) Finite(double lower, double upper) =>
        (lower > -float.MaxValue ? lower : double.NegativeInfinity, upper < float.MaxValue ? upper : double.PositiveInfinity);

    private static int Sum(ReadOnlySpan<byte> row, ReadOnlySpan<sbyte> low, ReadOnlySpan<sbyte> high)
    {
        int sum = 0;
        NibbleDot.Sums(row, low, high, new Span<int>(ref sum));
        return sum;
    }

    /// <summary>Takes the part that 8 bits can say out of a vector.</summary>
    private static (sbyte[] Low, sbyte[] High, double Step, int Bias) Quantize(double[] vector, int stride)
    {
        var low = new sbyte[stride];
        var high = new sbyte[stride];
        double step = Math.Abs(TensorPrimitives.MaxMagnitude<double>(vector)) / Largest, inverse = step > 0 ? 1 / step : 0;
        int bias = 0;
        for (int i = 0; i < vector.Length; i++)
        {
            int code = (int)Math.Clamp(Math.Round(vector[i] * inverse), -Largest, Largest);
            (int place, bool isHigh) = NibbleDot.Place(i);
            (isHigh ? high : low)[place] = (sbyte)code;
            vector[i] -= step * code;
            bias += Bias * code;
        }

        return (low, high, step, bias);
    }

    private static double Length(ReadOnlySpan<double> vector) => Math.Sqrt(TensorPrimitives.SumOfSquares(vector));
}
