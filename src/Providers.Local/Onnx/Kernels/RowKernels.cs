using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Polymodal.Providers.Local.Onnx.Kernels;

/// <summary>What the graphs of transformers do to each row by itself, in one pass over memory, with the vectors of the processor.</summary>
/// <remarks>A row's result depends on that row alone, so a text has the same numbers in every batch; and not on the width of the processor's vectors. Only GELU takes what fused steps there are, which moves its last bit. All rows are float32, finite or not: what is not a number stays so.
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
        TensorPrimitives.Subtract(x, Sum(x, squares: false) / x.Length, y);
        // Divided, as the runtime does: multiplying by the inverse rounds twice, which integers made of the result show.
        TensorPrimitives.Divide(y, MathF.Sqrt((Sum(y, squares: true) / x.Length) + epsilon), y);
        ScaleAndShift(y, gamma, beta, y);
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
            Vector<float> v = new Vector<float>(x[i..]) * factor;
            Gelu(bias.IsEmpty ? v : v + new Vector<float>(bias[i..])).CopyTo(y[i..]);
        }

        if (i == x.Length)
            return;
        Span<float> last = stackalloc float[width];
        for (int j = i; j < x.Length; j++)
            last[j - i] = bias.IsEmpty ? x[j] * scale : (x[j] * scale) + bias[j];
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

    private static void ScaleAndShift(ReadOnlySpan<float> x, ReadOnlySpan<float> factors, ReadOnlySpan<float> bias, Span<float> y)
    {
        TensorPrimitives.Multiply(x, factors, y);
        if (!bias.IsEmpty)
            TensorPrimitives.Add(y, bias, y);
    }

    // In sixteen parts on every processor, so that the sum is the same.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Sum(ReadOnlySpan<float> x, bool squares)
    {
        Vector128<float> first = default, second = default, third = default, fourth = default;
        ref float start = ref MemoryMarshal.GetReference(x);
        int i = 0;
        for (; i + 16 <= x.Length; i += 16)
        {
            Vector128<float> a = Vector128.LoadUnsafe(ref start, (nuint)i), b = Vector128.LoadUnsafe(ref start, (nuint)i + 4);
            Vector128<float> c = Vector128.LoadUnsafe(ref start, (nuint)i + 8), d = Vector128.LoadUnsafe(ref start, (nuint)i + 12);
            first += squares ? a * a : a;
            second += squares ? b * b : b;
            third += squares ? c * c : c;
            fourth += squares ? d * d : d;
        }

        Vector128<float> all = first + second + (third + fourth);
        float sum = all[0] + all[1] + (all[2] + all[3]);
        for (; i < x.Length; i++)
            sum += squares ? x[i] * x[i] : x[i];
        return sum;
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
        Vector<float> numerator = Vector.MultiplyAddEstimate(new Vector<float>(1.974830865947297e-06f), square, new Vector<float>(0.0002879138046409935f));
        Vector<float> denominator = Vector.MultiplyAddEstimate(new Vector<float>(3.747401206055656e-05f), square, new Vector<float>(0.0012154156574979424f));
        numerator = Vector.MultiplyAddEstimate(numerator, square, new Vector<float>(0.004000179003924131f));
        denominator = Vector.MultiplyAddEstimate(denominator, square, new Vector<float>(0.01543770357966423f));
        numerator = Vector.MultiplyAddEstimate(numerator, square, new Vector<float>(0.0534571036696434f));
        denominator = Vector.MultiplyAddEstimate(denominator, square, new Vector<float>(0.11644520610570908f));
        numerator = Vector.MultiplyAddEstimate(numerator, square, new Vector<float>(0.19617487490177155f));
        denominator = Vector.MultiplyAddEstimate(denominator, square, new Vector<float>(0.5071866512298584f));
        numerator = Vector.MultiplyAddEstimate(numerator, square, new Vector<float>(1.128378987312317f));
        denominator = Vector.MultiplyAddEstimate(denominator, square, Vector<float>.One);
        Vector<float> erf = Vector.MinNative(Vector.MaxNative(x * numerator / denominator, new Vector<float>(-1f)), Vector<float>.One), half = v * new Vector<float>(0.5f);
        return (half * erf) + half;
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
