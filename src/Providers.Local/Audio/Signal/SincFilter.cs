namespace Polymodal.Providers.Local.Audio.Signal;

/// <summary>The kinds of low-pass filter that resampling uses.</summary>
/// <param name="Width">Zero crossings of the sinc on each side.</param>
/// <param name="Rolloff">Where it begins to cut, as a part of the lower Nyquist frequency.</param>
/// <param name="KaiserBeta">Shape of a Kaiser window; null for a Hann window.</param>
internal sealed record SincFilterKind(int Width, double Rolloff, double? KaiserBeta)
{
    /// <summary>torchaudio's default.</summary>
    public static SincFilterKind Hann { get; } = new(6, 0.99, null);

    /// <summary>What torchaudio's documentation calls Kaiser best: sharper, and about five times the work.</summary>
    public static SincFilterKind KaiserBest { get; } = new(64, 0.9475937167399596, 14.769656459379492);
}

/// <summary>The filter between two rates: for each phase of the output, the weights of the input samples around it.</summary>
/// <remarks>
/// Computed in float64 and rounded once. Immutable and safe for concurrent use. Reference: pytorch/audio 2.9, torchaudio/functional/functional.py,
/// <c>_get_sinc_resample_kernel</c>; the weights that are zero there are left out.
/// </remarks>
internal sealed class SincFilter
{
    private readonly float[] _weights;
    private readonly int[] _starts;

    /// <summary>Computes a filter.</summary>
    /// <param name="fromRate">Samples a second of the input.</param>
    /// <param name="toRate">Samples a second of the output; another one.</param>
    /// <param name="kind">The kind.</param>
    public SincFilter(int fromRate, int toRate, SincFilterKind kind)
    {
        int divisor = (int)System.Numerics.BigInteger.GreatestCommonDivisor(fromRate, toRate);
        Step = fromRate / divisor;
        Phases = toRate / divisor;
        double cutoff = Math.Min(Step, Phases) * kind.Rolloff, reach = kind.Width * Step / cutoff;
        Taps = (int)(2 * reach) + 2;
        _weights = new float[Phases * Taps];
        _starts = new int[Phases];
        for (int phase = 0; phase < Phases; phase++)
        {
            double centre = (double)Step * phase / Phases;
            _starts[phase] = (int)Math.Ceiling(centre - reach);
            for (int tap = 0; tap < Taps; tap++)
                _weights[(phase * Taps) + tap] = (float)Weight((_starts[phase] + tap - centre) * cutoff / Step, cutoff / Step, kind);
        }
    }

    /// <summary>Input samples that the phases move over before they begin again.</summary>
    public int Step { get; }

    /// <summary>Output samples of one step.</summary>
    public int Phases { get; }

    /// <summary>Weights of a phase.</summary>
    public int Taps { get; }

    /// <summary>The weights of a phase.</summary>
    public ReadOnlySpan<float> Weights(int phase) => _weights.AsSpan(phase * Taps, Taps);

    /// <summary>Where the first weight of a phase stands, from the first input sample of the step.</summary>
    public int Start(int phase) => _starts[phase];

    private static double Weight(double t, double scale, SincFilterKind kind)
    {
        if (Math.Abs(t) >= kind.Width)
            return 0;
        double part = t / kind.Width;
        double window = kind.KaiserBeta is { } beta ? Bessel(beta * Math.Sqrt(1 - (part * part))) / Bessel(beta) : Math.Pow(Math.Cos(part * Math.PI / 2), 2);
        return (t == 0 ? 1 : Math.Sin(Math.PI * t) / (Math.PI * t)) * window * scale;
    }

    /// <summary>The modified Bessel function of the first kind and order zero, by its power series.</summary>
    private static double Bessel(double x)
    {
        double sum = 1, term = 1;
        for (int k = 1; term > sum * 1e-17; k++)
        {
            term *= x * x / (4.0 * k * k);
            sum += term;
        }

        return sum;
    }
}
