using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Polymodal.VectorStore.Exact;

/// <summary>What is known of a stored vector besides its 8-bit components: x = <see cref="Scale"/> · c + r, where c is 16·coarse + fine.</summary>
/// <param name="Scale">The worth of one unit of c.</param>
/// <param name="CoarseResidual">At least the length of x − Scale · 16 · coarse.</param>
/// <param name="Residual">At least the length of r.</param>
/// <param name="Norm">At least the length of x, and at most (1 + 2⁻²²) times that plus the smallest float.</param>
/// <remarks>x is the stored vector; for cosine, that vector brought to unit length. Lengths beyond a float's range are infinite: such rows are always compared exactly.</remarks>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct RowCode(float Scale, float CoarseResidual, float Residual, float Norm)
{
    private const int Group = 16, Bias = 8, Largest = 16 * 7 + 7;
    private const float SmallestFast = 1e-12f, LargestFast = 1e12f;

    /// <summary>Quantises a vector.</summary>
    /// <param name="vector">Finite numbers.</param>
    /// <param name="metric">The measure.</param>
    /// <param name="coarse">Receives the coarse nibbles, biased by 8; as long as <see cref="NibbleDot.Stride"/> says.</param>
    /// <param name="fine">Receives the fine nibbles, biased by 8.</param>
    public static RowCode Encode(ReadOnlySpan<float> vector, SimilarityMetric metric, Span<byte> coarse, Span<byte> fine)
    {
        float largest = Math.Abs(TensorPrimitives.MaxMagnitude(vector));
        double length = Length(vector), unit = metric == SimilarityMetric.Cosine && length > 0 ? 1 / length : 1;
        float step = largest / Largest;
        (double coarseRest, double rest) = largest is > SmallestFast and < LargestFast
            ? Quantize(vector, step, coarse, fine)
            : QuantizeExtreme(vector, step, coarse, fine);
        // The step is rounded to a float, and so is its product with the unit: each by 2⁻²⁴ of c's length, which is at most 1.1 times the vector's and the residual's.
        double rounding = 1e-12 + Math.ScaleB(1, -22);
        return new(
            (float)(step * unit),
            Above(unit * (coarseRest + rounding * (length + coarseRest))),
            Above(unit * (rest + rounding * (length + rest))),
            Above(unit * length));
    }

    /// <summary>The length of a vector, in double precision.</summary>
    public static double Length(ReadOnlySpan<float> vector)
    {
        Vector512<double> squares = default;
        int i = 0;
        for (; i + Group <= vector.Length; i += Group)
        {
            (Vector512<double> first, Vector512<double> last) = Vector512.Widen(Vector512.Create(vector.Slice(i, Group)));
            squares += first * first + last * last;
        }

        double sum = Vector512.Sum(squares);
        foreach (float value in vector[i..])
            sum += (double)value * value;
        return Math.Sqrt(sum);
    }

    private static (double CoarseLength, double Length) Quantize(ReadOnlySpan<float> vector, float step, Span<byte> coarse, Span<byte> fine)
    {
        var coarseSquares = Vector512<float>.Zero;
        var squares = Vector512<float>.Zero;
        Vector512<float> minusStep = Vector512.Create(-step), inverse = Vector512.Create(1 / step);
        Span<float> padded = stackalloc float[2 * Group];
        for (int place = 0; place < coarse.Length; place += Group)
        {
            scoped ReadOnlySpan<float> values = vector[(2 * place)..];
            if (values.Length < 2 * Group)
            {
                padded.Clear();
                values.CopyTo(padded);
                values = padded;
            }

            (Vector128<byte> coarseLow, Vector128<byte> fineLow) = Nibbles(values, minusStep, inverse, ref coarseSquares, ref squares);
            (Vector128<byte> coarseHigh, Vector128<byte> fineHigh) = Nibbles(values[Group..], minusStep, inverse, ref coarseSquares, ref squares);
            (coarseLow | coarseHigh << 4).CopyTo(coarse[place..]);
            (fineLow | fineHigh << 4).CopyTo(fine[place..]);
        }

        // Each rest is rounded once (a fused product), its square once, and each of n sums once, all by at most 2⁻²⁴ of themselves.
        double error = 1 + (vector.Length + 8) * Math.ScaleB(1, -24);
        return (Math.Sqrt(Vector512.Sum(coarseSquares)) * error, Math.Sqrt(Vector512.Sum(squares)) * error);
    }

    private static (Vector128<byte> Coarse, Vector128<byte> Fine) Nibbles(
        ReadOnlySpan<float> values, Vector512<float> minusStep, Vector512<float> inverse, ref Vector512<float> coarseSquares, ref Vector512<float> squares)
    {
        Vector512<float> value = Vector512.Create(values);
        // Whole numbers within ±119, so nothing is lost on the way to integers and back.
        Vector512<int> code = Vector512.ConvertToInt32(Vector512.Round(value * inverse)), bias = Vector512.Create(Bias), high = (code + bias) >> 4;
        Vector512<float> coarseRest = Vector512.FusedMultiplyAdd(minusStep, Vector512.ConvertToSingle(high << 4), value);
        Vector512<float> rest = Vector512.FusedMultiplyAdd(minusStep, Vector512.ConvertToSingle(code), value);
        coarseSquares += coarseRest * coarseRest;
        squares += rest * rest;
        return (Bytes(high + bias), Bytes(code - (high << 4) + bias));
    }

    private static Vector128<byte> Bytes(Vector512<int> numbers)
    {
        Vector256<int> first = numbers.GetLower(), last = numbers.GetUpper();
        return Vector128.Narrow(Vector128.Narrow(first.GetLower(), first.GetUpper()), Vector128.Narrow(last.GetLower(), last.GetUpper())).AsByte();
    }

    /// <summary>The same in double precision, for numbers whose squares are no floats.</summary>
    private static (double CoarseLength, double Length) QuantizeExtreme(ReadOnlySpan<float> vector, float step, Span<byte> coarse, Span<byte> fine)
    {
        coarse.Clear();
        fine.Clear();
        double inverse = step > 0 ? 1 / (double)step : 0, coarseSquares = 0, squares = 0;
        for (int i = 0; i < vector.Length; i++)
        {
            int code = (int)Math.Clamp(Math.Round(vector[i] * inverse), -Largest, Largest), high = (code + Bias) >> 4;
            double coarseRest = vector[i] - (double)step * (16 * high), rest = vector[i] - (double)step * code;
            coarseSquares += coarseRest * coarseRest;
            squares += rest * rest;
            (int place, bool isHigh) = NibbleDot.Place(i);
            int shift = isHigh ? 4 : 0;
            coarse[place] |= (byte)((high + Bias) << shift);
            fine[place] |= (byte)((code - 16 * high + Bias) << shift);
        }

        return (Math.Sqrt(coarseSquares), Math.Sqrt(squares));
    }

    private static float Above(double length) => length == 0 ? 0 : MathF.BitIncrement((float)(length * (1 + 1e-12)));
}
