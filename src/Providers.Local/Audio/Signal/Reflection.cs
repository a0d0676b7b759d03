namespace Polymodal.Providers.Local.Audio.Signal;

/// <summary>Makes a signal longer at both ends by its own mirror image, as numpy's <c>reflect</c> does: the edge itself is not repeated, and short signals are mirrored again and again.</summary>
internal static class Reflection
{
    /// <summary>Pads a signal.</summary>
    /// <param name="signal">The signal; of an empty one zeros come out.</param>
    /// <param name="pad">Samples on each side.</param>
    public static float[] Pad(ReadOnlySpan<float> signal, int pad)
    {
        float[] padded = new float[signal.Length + (2 * pad)];
        if (signal.IsEmpty)
            return padded;
        signal.CopyTo(padded.AsSpan(pad));
        int period = Math.Max(1, 2 * (signal.Length - 1));
        for (int i = 1; i <= pad; i++)
        {
            padded[pad - i] = signal[Fold(i, period)];
            padded[pad + signal.Length - 1 + i] = signal[Fold(signal.Length - 1 + i, period)];
        }

        return padded;
    }

    private static int Fold(int place, int period)
    {
        place %= period;
        return Math.Min(place, period - place);
    }
}
