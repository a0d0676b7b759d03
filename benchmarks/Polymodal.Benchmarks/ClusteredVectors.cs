using System.Numerics.Tensors;

namespace Polymodal.Benchmarks;

/// <summary>
/// Vectors that lie as those of a sentence model do: themes, within them clusters of about 100, within these vectors of different spread,
/// all of unit length. The generator is that of the recorded reference evaluation/vector-search (SplitMix64 by index, see its common.py)
/// extended to clusters, so any language can repeat it.
/// </summary>
/// <remarks>
/// vector[i] = 0.5·theme[c mod 64] + cluster[c] + spread[i]·noise[i], divided by its length, with c = Below(At(seed+3, i), ⌈count/100⌉),
/// spread[i] = 0.5 + Unit(At(seed+4, i)), and theme, cluster, noise of components Bell(At(seed+1 | seed+2 | seed, row·dimensions + j)).
/// Cosines: within a cluster 0.42 to 0.8, within a theme about 0.1, else about 0.
/// </remarks>
internal sealed class ClusteredVectors(ulong seed, int count, int dimensions)
{
    private const int Themes = 64, ClusterSize = 100;

    private readonly uint _clusters = (uint)((count + ClusterSize - 1) / ClusterSize);

    /// <summary>Vector number <paramref name="index"/>; those from the count on are good queries.</summary>
    public float[] this[int index]
    {
        get
        {
            ulong cluster = Below(At(seed + 3, (ulong)index), _clusters), width = (ulong)dimensions;
            float spread = 0.5f + Unit(At(seed + 4, (ulong)index));
            var vector = new float[dimensions];
            for (ulong j = 0; j < width; j++)
            {
                vector[j] = 0.5f * Bell(At(seed + 1, cluster % Themes * width + j)) + Bell(At(seed + 2, cluster * width + j))
                    + spread * Bell(At(seed, (ulong)index * width + j));
            }

            TensorPrimitives.Divide(vector, TensorPrimitives.Norm(vector), vector);
            return vector;
        }
    }

    private static ulong At(ulong seed, ulong index)
    {
        ulong z = seed + (index + 1) * 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    private static uint Below(ulong z, uint n) => (uint)(((z >> 32) * n) >> 32);

    private static float Unit(ulong z) => (z >> 40) / 16777216f;

    private static float Bell(ulong z) => ((z & 0xFFFF) + ((z >> 16) & 0xFFFF) + ((z >> 32) & 0xFFFF) + (z >> 48) - 131070f) / 131072f;
}
