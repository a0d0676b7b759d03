namespace Polymodal.Providers.Local.Audio.Signal;

/// <summary>Weights that fade the edges of a frame.</summary>
internal static class FrameWindow
{
    /// <summary>The kinds, by the words of torchaudio's Kaldi functions and transformers; each over the angle 2π × i / (N − 1), or / N where periodic.</summary>
    public static readonly IReadOnlyDictionary<string, Func<double, double>> Known = new Dictionary<string, Func<double, double>>(StringComparer.Ordinal)
    {
        ["hann"] = Hann,
        ["hanning"] = Hann,
        ["hamming"] = static angle => 0.54 - (0.46 * Math.Cos(angle)),
        ["povey"] = static angle => Math.Pow(Hann(angle), 0.85),
        ["rectangular"] = static _ => 1,
        ["blackman"] = static angle => 0.42 - (0.5 * Math.Cos(angle)) + (0.08 * Math.Cos(2 * angle)),
    };

    /// <summary>Computes a window.</summary>
    /// <param name="name">One of <see cref="Known"/>.</param>
    /// <param name="length">Samples of a frame.</param>
    /// <param name="periodic">Whether the first sample of the next period would be the one behind the last.</param>
    public static double[] Of(string name, int length, bool periodic)
    {
        if (!Known.TryGetValue(name, out Func<double, double>? window))
            throw new NotSupportedException($"the window '{name}' is not known; known: {string.Join(", ", Known.Keys)}.");
        double period = periodic ? length : Math.Max(1, length - 1);
        return [.. Enumerable.Range(0, length).Select(i => window(2 * Math.PI * i / period))];
    }

    private static double Hann(double angle) => 0.5 - (0.5 * Math.Cos(angle));
}
