using System.Numerics.Tensors;
using System.Runtime.InteropServices;

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
    private const int Bias = 8, Largest = 16 * 7 + 7, Smallest = -16 * 8 - 8;

    /// <summary>Quantises a vector.</summary>
    /// <param name="vector">Finite numbers.</param>
    /// <param name="metric">The measure.</param>
    /// <param name="coarse">Receives the coarse nibbles, biased by 8; as long as <see cref="NibbleDot.Stride"/> says.</param>
    /// <param name="fine">Receives the fine nibbles, biased by 8.</param>
    public static RowCode Encode(ReadOnlySpan<float> vector, SimilarityMetric metric, Span<byte> coarse, Span<byte> fine)
    {
        coarse.Clear();
        fine.Clear();
        double norm = Norm2(vector), unit = 1;
        if (metric == SimilarityMetric.Cosine && norm > 0)
            (unit, norm) = (1 / norm, 1);
        float scale = (float)(TensorPrimitives.MaxMagnitude(vector) * unit / Largest);
        scale = Math.Abs(scale);
        double inverse = scale > 0 ? 1 / (double)scale : 0, coarseSquares = 0, squares = 0;
        for (int start = 0, place = 0; start < vector.Length; start += 32, place += 16)
        {
            for (int i = 0; i < 32 && start + i < vector.Length; i++)
            {
                double value = vector[start + i] * unit;
                int code = (int)Math.Clamp(Math.Round(value * inverse), Smallest, Largest), high = (code + Bias) >> 4;
                double coarseRest = value - (double)scale * (16 * high), rest = value - (double)scale * code;
                coarseSquares += coarseRest * coarseRest;
                squares += rest * rest;
                int shift = i < 16 ? 0 : 4;
                coarse[place + i % 16] |= (byte)((high + Bias) << shift);
                fine[place + i % 16] |= (byte)((code - 16 * high + Bias) << shift);
            }
        }

        return new(scale, Above(Math.Sqrt(coarseSquares)), Above(Math.Sqrt(squares)), Above(norm));
    }

    /// <summary>The length of a vector in double precision.</summary>
    public static double Norm2(ReadOnlySpan<float> vector)
    {
        double squares = 0;
        foreach (float value in vector)
            squares += (double)value * value;
        return Math.Sqrt(squares);
    }

    /// <summary>A float at or above a computed length: the sum of squares and its terms were rounded by less than 2⁻⁴⁰ of it.</summary>
    private static float Above(double length) => length == 0 ? 0 : MathF.BitIncrement((float)(length * (1 + 1e-12)));
}
