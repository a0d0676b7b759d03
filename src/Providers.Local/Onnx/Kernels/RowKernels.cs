using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace Polymodal.Providers.Local.Onnx.Kernels;

/// <summary>What the graphs of transformers do to each row by itself, in one pass over memory, with the vectors of the processor.</summary>
/// <remarks>A row's result depends on that row alone, so a text has the same numbers in every batch. All rows are float32, finite or not: what is not a number stays so.
/// The methods are called for the first time within a run that someone waits for, so they are compiled once and well.</remarks>
internal static class RowKernels
{
    /// <summary>y = (x − mean)/√(variance + epsilon)·gamma + beta, the variance being the mean square about the mean.</summary>
    /// <param name="x">The row.</param>
    /// <param name="gamma">A factor a component.</param>
    /// <param name="beta">A summand a component; empty for none.</param>
    /// <param name="epsilon">Keeps a row of equal numbers finite.</param>
    /// <param name="y">As long as <paramref name="x"/>; may be it.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LayerNormalization(ReadOnlySpan<float> x, ReadOnlySpan<float> gamma, ReadOnlySpan<float> beta, float epsilon, Span<float> y)
    {
        TensorPrimitives.Subtract(x, TensorPrimitives.Sum(x) / x.Length, y);
        float inverse = 1 / MathF.Sqrt(TensorPrimitives.SumOfSquares<float>(y) / x.Length + epsilon);
        TensorPrimitives.Multiply(y, inverse, y);
        if (beta.IsEmpty)
            TensorPrimitives.Multiply(y, gamma, y);
        else
            TensorPrimitives.MultiplyAdd(y, gamma, beta, y);
    }

    /// <summary>y = g(x·scale + bias), with g(v) = v·(1 + erf(v/√2))/2.</summary>
    /// <param name="x">The row.</param>
    /// <param name="scale">One factor for the row.</param>
    /// <param name="bias">A summand a component; empty for none.</param>
    /// <param name="y">As long as <paramref name="x"/>; may be it.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gelu(ReadOnlySpan<float> x, float scale, ReadOnlySpan<float> bias, Span<float> y)
    {
        int width = Vector<float>.Count, i = 0;
        var factor = new Vector<float>(scale);
        for (; i + width <= x.Length; i += width)
        {
            Vector<float> v = bias.IsEmpty ? new Vector<float>(x[i..]) * factor : Vector.FusedMultiplyAdd(new Vector<float>(x[i..]), factor, new Vector<float>(bias[i..]));
            Gelu(v).CopyTo(y[i..]);
        }

        if (i == x.Length)
            return;
        Span<float> last = stackalloc float[width];
        for (int j = i; j < x.Length; j++)
            last[j - i] = bias.IsEmpty ? x[j] * scale : float.FusedMultiplyAdd(x[j], scale, bias[j]);
        Gelu(new Vector<float>(last)).CopyTo(last);
        last[..(x.Length - i)].CopyTo(y[i..]);
    }

    /// <summary>y = x·scale + bias.</summary>
    /// <inheritdoc cref="Gelu(ReadOnlySpan{float}, float, ReadOnlySpan{float}, Span{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ScaleAndShift(ReadOnlySpan<float> x, float scale, ReadOnlySpan<float> bias, Span<float> y)
    {
        TensorPrimitives.Multiply(x, scale, y);
        if (!bias.IsEmpty)
            TensorPrimitives.Add(y, bias, y);
    }

    /// <summary>Rounds a row to whole numbers about 128 with one step: scale = max(max|x·factor|, floor)·unit, y = round(x·factor/scale) + 128, halves to even, in 0 to 255.</summary>
    /// <param name="x">The row.</param>
    /// <param name="factors">A factor a component; empty for none.</param>
    /// <param name="floor">The least maximum.</param>
    /// <param name="unit">The share of the maximum that is one step.</param>
    /// <param name="y">As long as <paramref name="x"/>.</param>
    /// <returns>The scale.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Quantize(ReadOnlySpan<float> x, ReadOnlySpan<float> factors, float floor, float unit, Span<byte> y)
    {
        int width = Vector<float>.Count, i = 0;
        Vector<float> largest = default;
        for (; i + width <= x.Length; i += width)
            largest = Vector.Max(largest, Vector.Abs(Scaled(x, factors, i)));
        float top = floor;
        for (int lane = 0; lane < width; lane++)
            top = MathF.Max(top, largest[lane]);
        for (; i < x.Length; i++)
            top = MathF.Max(top, MathF.Abs(Scaled(x[i], factors, i)));
        float scale = top * unit;

        var step = new Vector<float>(scale);
        for (i = 0; i + 4 * width <= x.Length; i += 4 * width)
        {
            Vector<byte> bytes = Vector.Narrow(
                Vector.Narrow(Code(Scaled(x, factors, i) / step), Code(Scaled(x, factors, i + width) / step)),
                Vector.Narrow(Code(Scaled(x, factors, i + 2 * width) / step), Code(Scaled(x, factors, i + 3 * width) / step)));
            bytes.CopyTo(y[i..]);
        }

        for (; i < x.Length; i++)
            y[i] = (byte)Math.Clamp(MathF.Round(Scaled(x[i], factors, i) / scale) + 128, 0, 255);
        return scale;
    }

    // erf(x) = x·P(x²)/Q(x²) for |x| ≤ 4, fitted here by weighted least squares at Chebyshev points; off by at most 2.2e-8, and 2.8e-7 with rounding.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Gelu(Vector<float> v)
    {
        Vector<float> x = Vector.MinNative(Vector.MaxNative(v * new Vector<float>(0.70710678f), new Vector<float>(-4f)), new Vector<float>(4f)), square = x * x;
        Vector<float> numerator = Vector.FusedMultiplyAdd(new Vector<float>(1.974830865947297e-06f), square, new Vector<float>(0.0002879138046409935f));
        Vector<float> denominator = Vector.FusedMultiplyAdd(new Vector<float>(3.747401206055656e-05f), square, new Vector<float>(0.0012154156574979424f));
        numerator = Vector.FusedMultiplyAdd(numerator, square, new Vector<float>(0.004000179003924131f));
        denominator = Vector.FusedMultiplyAdd(denominator, square, new Vector<float>(0.01543770357966423f));
        numerator = Vector.FusedMultiplyAdd(numerator, square, new Vector<float>(0.0534571036696434f));
        denominator = Vector.FusedMultiplyAdd(denominator, square, new Vector<float>(0.11644520610570908f));
        numerator = Vector.FusedMultiplyAdd(numerator, square, new Vector<float>(0.19617487490177155f));
        denominator = Vector.FusedMultiplyAdd(denominator, square, new Vector<float>(0.5071866512298584f));
        numerator = Vector.FusedMultiplyAdd(numerator, square, new Vector<float>(1.128378987312317f));
        denominator = Vector.FusedMultiplyAdd(denominator, square, Vector<float>.One);
        Vector<float> erf = Vector.MinNative(Vector.MaxNative(x * numerator / denominator, new Vector<float>(-1f)), Vector<float>.One), half = v * new Vector<float>(0.5f);
        return Vector.FusedMultiplyAdd(half, erf, half);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Scaled(ReadOnlySpan<float> x, ReadOnlySpan<float> factors, int i) =>
        factors.IsEmpty ? new Vector<float>(x[i..]) : new Vector<float>(x[i..]) * new Vector<float>(factors[i..]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Scaled(float x, ReadOnlySpan<float> factors, int i) => factors.IsEmpty ? x : x * factors[i];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<uint> Code(Vector<float> steps) =>
        Vector.ConvertToInt32(Vector.Min(Vector.Max(Vector.Round(steps, MidpointRounding.ToEven) + new Vector<float>(128f), Vector<float>.Zero), new Vector<float>(255f))).As<int, uint>();
}
