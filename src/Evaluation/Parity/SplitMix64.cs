namespace Polymodal.Evaluation.Parity;

/// <summary>The number generator of made-up reference inputs: SplitMix64, used by index. Every value of <see cref="Bell"/> is exact in single precision.</summary>
/// <remarks>Reference: Steele, Lea and Flood, 2014; the recorded references of the area evaluation say how it is used.</remarks>
internal static class SplitMix64
{
    public static ulong At(ulong seed, ulong index)
    {
        ulong z = seed + ((index + 1) * 0x9E3779B97F4A7C15);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A whole number from 0 to below n.</summary>
    public static int Below(ulong z, uint n) => (int)(((z >> 32) * n) >> 32);

    /// <summary>A number around 0, bell shaped, between −1 and 1.</summary>
    public static double Bell(ulong z) => ((z & 0xFFFF) + ((z >> 16) & 0xFFFF) + ((z >> 32) & 0xFFFF) + (z >> 48) - 131070.0) / 131072.0;
}
