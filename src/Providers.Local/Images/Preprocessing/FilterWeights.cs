namespace Polymodal.Providers.Local.Images;

/// <summary>For each position of a resized row or column: the first position of the source, and the weights from there on.</summary>
/// <remarks>
/// Reference: Pillow 13, Resample.c; PyTorch 2.9, UpSampleKernel.cpp, where antialias is set: the same positions and weights, kept with as many bits as let the
/// largest weight fit into 16 instead of 22 bits. Going down the filter is widened, going up it keeps its own width.
/// </remarks>
internal sealed class FilterWeights
{
    /// <summary>Bits behind the point of <see cref="Whole"/>.</summary>
    public const int Bits = 22;

    // Beyond it the weights inside are as large as any.
    private const int LargestMeasured = 16_384;

    private static readonly Dictionary<ResizeFilter, (Func<double, double> Value, double Support)> Filters = new()
    {
        [ResizeFilter.Box] = (x => x is > -0.5 and <= 0.5 ? 1 : 0, 0.5),
        [ResizeFilter.Bilinear] = (x => Math.Max(0, 1 - Math.Abs(x)), 1),
        [ResizeFilter.Hamming] = (Hamming, 1),
        [ResizeFilter.Bicubic] = (Bicubic, 2),
        [ResizeFilter.Lanczos] = (x => x is >= -3 and < 3 ? Sinc(x) * Sinc(x / 3) : 0, 3),
    };

    private short[]? _split;
    private int[]? _pairs;

    /// <summary>Computes the weights of some positions.</summary>
    /// <param name="inSize">Length of the source.</param>
    /// <param name="outSize">Length of the result.</param>
    /// <param name="range">Which positions of the result are wanted.</param>
    /// <param name="filter">The filter; not nearest.</param>
    /// <param name="isTorch">Whether weights are kept as PyTorch keeps them.</param>
    public FilterWeights(int inSize, int outSize, Range range, ResizeFilter filter, bool isTorch)
    {
        // PyTorch's precision hangs on the largest of all weights, also of those that are not wanted.
        int bits = Bits;
        if (isTorch && !(range.Start.Value == 0 && range.End.Value == outSize) && outSize <= LargestMeasured)
            bits = new FilterWeights(inSize, outSize, 0..outSize, filter, isTorch).UsedBits;
        (int first, int count) = range.GetOffsetAndLength(outSize);
        (Func<double, double> value, double support) = Filters[filter];
        double scale = (double)inSize / outSize, width = Math.Max(scale, 1);
        support *= width;
        Starts = new int[count];
        Taps = (int)Math.Ceiling(support) * 2 + 1;
        Exact = new double[count * Taps];
        Lengths = new int[count];
        for (int i = 0; i < count; i++)
        {
            double center = (first + i + 0.5) * scale;
            int low = Math.Max(0, (int)(center - support + 0.5)), high = Math.Min(inSize, (int)(center + support + 0.5));
            (Starts[i], Lengths[i]) = (low, high - low);
            Span<double> weights = Exact.AsSpan(i * Taps, high - low);
            double sum = 0;
            for (int x = 0; x < weights.Length; x++)
                sum += weights[x] = value((x + low - center + 0.5) * (1 / width));
            for (int x = 0; x < weights.Length && sum != 0; x++)
                weights[x] /= sum;
        }

        UsedBits = isTorch && bits == Bits ? TorchBits(Exact.Max()) : bits;
        Whole = ToWhole();
        AreShort = Array.TrueForAll(Whole, weight => weight >> (Bits - UsedBits) is >= short.MinValue and <= short.MaxValue);
    }

    /// <summary>First position of the source, for each position wanted.</summary>
    public int[] Starts { get; }

    /// <summary>How many positions of the source count.</summary>
    public int[] Lengths { get; }

    /// <summary>Weights a position at most; rows of <see cref="Exact"/> and <see cref="Whole"/> are that long.</summary>
    public int Taps { get; }

    /// <summary>The weights; 0 behind the last.</summary>
    public double[] Exact { get; }

    /// <summary>The weights as whole numbers with <see cref="Bits"/> bits behind the point.</summary>
    public int[] Whole { get; }

    /// <summary>The weights as <see cref="ResizeRows"/> multiplies them along a row; made when first asked for.</summary>
    public short[] Split => _split ??= ResizeRows.Arrange(this);

    /// <summary>The weights as <see cref="ResizeColumns"/> multiplies them down a column; made when first asked for.</summary>
    public int[] Pairs => _pairs ??= ResizeColumns.Arrange(this);

    /// <summary>The source positions that the first to the last wanted position need.</summary>
    public Range Source => Starts[0]..(Starts[^1] + Lengths[^1]);

    /// <summary>Bits behind the point that the weights really have: fewer than <see cref="Bits"/> where they fit into 16 bits, as PyTorch keeps them.</summary>
    public int UsedBits { get; }

    /// <summary>Whether a weight fits into 16 bits, when only <see cref="UsedBits"/> are kept.</summary>
    public bool AreShort { get; }

    private int[] ToWhole()
    {
        int bits = UsedBits;
        var whole = new int[Exact.Length];
        for (int i = 0; i < whole.Length; i++)
        {
            double scaled = Exact[i] * (1 << bits);
            whole[i] = (int)(scaled < 0 ? scaled - 0.5 : scaled + 0.5) << (Bits - bits);
        }

        return whole;
    }

    // As many bits as leave the largest weight below 2^15.
    private static int TorchBits(double largest)
    {
        int bits = 0;
        while (bits < Bits && (int)(0.5 + (largest * (1 << (bits + 1)))) < 1 << 15)
            bits++;
        return bits;
    }

    private static double Hamming(double x)
    {
        x = Math.Abs(x);
        if (x == 0)
            return 1;
        if (x >= 1)
            return 0;
        x *= Math.PI;
        return Math.Sin(x) / x * (0.54 + (0.46 * Math.Cos(x)));
    }

    private static double Bicubic(double x)
    {
        const double A = -0.5;
        x = Math.Abs(x);
        return x < 1 ? (((A + 2) * x) - (A + 3)) * x * x + 1 : x < 2 ? ((((x - 5) * x) + 8) * x - 4) * A : 0;
    }

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(x * Math.PI) / (x * Math.PI);
}
