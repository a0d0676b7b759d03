using System.Numerics.Tensors;

namespace Polymodal;

/// <summary>Makes vectors smaller: one byte, or one bit, a dimension. The codes are those of sentence-transformers.</summary>
/// <remarks>Reference: sentence-transformers 6.2, util/quantization.py, <c>quantize_embeddings</c>.</remarks>
public static class EmbeddingQuantization
{
    /// <summary>Codes 0 to 255: each dimension's range is cut into 255 steps; what lies outside is clipped.</summary>
    /// <param name="vector">Shape [dimensions].</param>
    /// <param name="ranges">The ranges of the dimensions.</param>
    /// <param name="codes">Receives [dimensions].</param>
    /// <exception cref="ArgumentNullException"><paramref name="ranges"/> is null.</exception>
    /// <exception cref="ArgumentException">The lengths disagree.</exception>
    public static void ToUInt8(ReadOnlySpan<float> vector, QuantizationRanges ranges, Span<byte> codes)
    {
        EnsureLengths(vector, ranges, codes.Length);
        for (int i = 0; i < vector.Length; i++)
            codes[i] = (byte)Math.Clamp(MathF.Floor(ranges.Position(i, vector[i])), byte.MinValue, byte.MaxValue);
    }

    /// <summary>Codes −128 to 127: as <see cref="ToUInt8"/>, 128 lower.</summary>
    /// <param name="vector">Shape [dimensions].</param>
    /// <param name="ranges">The ranges of the dimensions.</param>
    /// <param name="codes">Receives [dimensions].</param>
    /// <exception cref="ArgumentNullException"><paramref name="ranges"/> is null.</exception>
    /// <exception cref="ArgumentException">The lengths disagree.</exception>
    public static void ToInt8(ReadOnlySpan<float> vector, QuantizationRanges ranges, Span<sbyte> codes)
    {
        EnsureLengths(vector, ranges, codes.Length);
        for (int i = 0; i < vector.Length; i++)
            codes[i] = (sbyte)Math.Clamp(MathF.Floor(ranges.Position(i, vector[i]) - 128), sbyte.MinValue, sbyte.MaxValue);
    }

    /// <summary>One bit a dimension, 1 where it is above 0, the first dimension in the highest bit of the first byte (precision <c>ubinary</c>).</summary>
    /// <param name="vector">Shape [dimensions].</param>
    /// <param name="codes">Receives [dimensions / 8, rounded up]; bits left over are 0.</param>
    /// <exception cref="ArgumentException">The lengths disagree.</exception>
    public static void ToUBinary(ReadOnlySpan<float> vector, Span<byte> codes)
    {
        EnsureBytes(vector, codes.Length);
        codes.Clear();
        for (int i = 0; i < vector.Length; i++)
        {
            if (vector[i] > 0)
                codes[i / 8] |= (byte)(0x80 >> (i % 8));
        }
    }

    /// <summary>As <see cref="ToUBinary"/>, each byte 128 lower (precision <c>binary</c>): 0xFF becomes 127, 0x00 becomes −128.</summary>
    /// <param name="vector">Shape [dimensions].</param>
    /// <param name="codes">Receives [dimensions / 8, rounded up].</param>
    /// <exception cref="ArgumentException">The lengths disagree.</exception>
    public static void ToBinary(ReadOnlySpan<float> vector, Span<sbyte> codes)
    {
        EnsureBytes(vector, codes.Length);
        Span<byte> bits = System.Runtime.InteropServices.MemoryMarshal.AsBytes(codes);
        ToUBinary(vector, bits);
        TensorPrimitives.Xor(bits, (byte)0x80, bits);
    }

    private static void EnsureLengths(ReadOnlySpan<float> vector, QuantizationRanges ranges, int codes)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        if (vector.Length != ranges.Dimensions || codes != ranges.Dimensions)
            throw new ArgumentException($"vector has {vector.Length} elements, codes {codes}, ranges {ranges.Dimensions}. Give one of each per dimension.", nameof(codes));
    }

    private static void EnsureBytes(ReadOnlySpan<float> vector, int codes)
    {
        if (codes != (vector.Length + 7) / 8)
            throw new ArgumentException($"codes has {codes} bytes, a vector of {vector.Length} dimensions needs {(vector.Length + 7) / 8}.", nameof(codes));
    }
}

/// <summary>The smallest and largest value of each dimension, from vectors like those to be quantised.</summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
public sealed class QuantizationRanges
{
    private readonly float[] _minimum;
    private readonly float[] _step;

    /// <summary>Takes given ranges.</summary>
    /// <param name="minimum">Shape [dimensions].</param>
    /// <param name="maximum">Shape [dimensions].</param>
    /// <exception cref="ArgumentException">The lengths differ or are 0.</exception>
    public QuantizationRanges(ReadOnlySpan<float> minimum, ReadOnlySpan<float> maximum)
    {
        if (minimum.IsEmpty || minimum.Length != maximum.Length)
            throw new ArgumentException($"minimum has {minimum.Length} elements, maximum {maximum.Length}. Give one of each per dimension.", nameof(maximum));
        _minimum = minimum.ToArray();
        _step = new float[minimum.Length];
        TensorPrimitives.Subtract(maximum, minimum, _step);
        TensorPrimitives.Divide(_step, 255f, _step);
    }

    /// <summary>Length of the vectors they are for.</summary>
    public int Dimensions => _minimum.Length;

    /// <summary>Measures the ranges of some vectors.</summary>
    /// <param name="vectors">At least one vector, all of one length; a hundred or more give ranges worth having.</param>
    /// <exception cref="ArgumentNullException"><paramref name="vectors"/> is null.</exception>
    /// <exception cref="ArgumentException">There is no vector, or their lengths differ.</exception>
    public static QuantizationRanges Of(IEnumerable<ReadOnlyMemory<float>> vectors)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        float[]? minimum = null, maximum = null;
        foreach (ReadOnlyMemory<float> vector in vectors)
        {
            minimum ??= vector.ToArray();
            maximum ??= vector.ToArray();
            if (vector.Length != minimum.Length)
                throw new ArgumentException($"one vector has {vector.Length} dimensions, another {minimum.Length}. Give vectors of one space.", nameof(vectors));
            TensorPrimitives.Min(minimum, vector.Span, minimum);
            TensorPrimitives.Max(maximum, vector.Span, maximum);
        }

        return minimum is null ? throw new ArgumentException("There is no vector to measure. Give at least one.", nameof(vectors)) : new QuantizationRanges(minimum, maximum);
    }

    // A dimension that never varies has no steps; everything lies at its start.
    internal float Position(int dimension, float value) => _step[dimension] == 0 ? 0 : (value - _minimum[dimension]) / _step[dimension];
}
