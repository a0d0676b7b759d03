using Microsoft.Extensions.AI;

namespace Polymodal.VectorStore;

/// <summary>Finds out whether a generator still gives the vectors it gave when a collection was made, by 32 fixed texts.</summary>
/// <remarks>The texts are embedded as documents. Safe for concurrent use.</remarks>
public static class EmbeddingProbes
{
    /// <summary>The lowest cosine of a probe with its recorded vector that still counts as the same space: other precision stays above it.</summary>
    public const double SmallestCosine = 0.98;

    // Lengths may differ by rounding and other precision, not by more.
    private const double LargestLengthRatio = 1.05;

    // Vectors of two models have nothing to do with one another, once what all vectors of a model share is taken away.
    private const double UnrelatedCosine = 0.3;

    // A prompt moves short texts at least this many times as far as long ones.
    private const double PromptRatio = 1.5;

    /// <summary>The definition of a collection for a generator's vectors, with probes.</summary>
    /// <param name="generator">The generator.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ArgumentException">The generator names no space.</exception>
    /// <exception cref="InvalidOperationException">The generator gave another number or length of vectors than it should.</exception>
    public static async Task<VectorDefinition> DefineAsync(IEmbeddingGenerator<string, Embedding<float>> generator, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(generator);
        EmbeddingSpace space = generator.GetSpace(EmbeddingModality.Text)
            ?? throw new ArgumentException("the generator names no embedding space. Use one of Polymodal's, or wrap it so that GetService gives an EmbeddingSpace.", nameof(generator));
        return VectorDefinition.For(space) with { Probes = [new(ProbeTexts.Set, await EmbedAsync(generator, space.Dimensions, cancellationToken).ConfigureAwait(false))] };
    }

    /// <summary>Compares the vectors a generator gives now with those recorded.</summary>
    /// <param name="generator">The generator.</param>
    /// <param name="recorded">What a collection recorded.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What was measured; null when the collection recorded no probes, or others than this version knows.</returns>
    /// <exception cref="InvalidOperationException">The generator gave another number or length of vectors than it should.</exception>
    public static async Task<EmbeddingDrift?> CompareAsync(IEmbeddingGenerator<string, Embedding<float>> generator, VectorDefinition recorded, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(generator);
        ArgumentNullException.ThrowIfNull(recorded);
        if (recorded.Probes.FirstOrDefault(probes => probes.Set == ProbeTexts.Set) is not { } known)
            return null;
        float[] present = await EmbedAsync(generator, recorded.Dimensions, cancellationToken).ConfigureAwait(false);
        return Compare(known.Vectors.Span, present, recorded.Dimensions);
    }

    private static EmbeddingDrift Compare(ReadOnlySpan<float> recorded, ReadOnlySpan<float> present, int dimensions)
    {
        double[][] before = Rows(recorded, dimensions), now = Rows(present, dimensions);
        double[] cosines = [.. before.Zip(now, Cosine)];
        double length = now.Average(Length) / before.Average(Length);
        double smallest = cosines.Min();
        return new(smallest, length, smallest >= SmallestCosine
            ? Math.Max(length, 1 / length) <= LargestLengthRatio ? EmbeddingDriftCause.None : EmbeddingDriftCause.Normalization
            : Centred(before).Zip(Centred(now), Cosine).Average() < UnrelatedCosine ? EmbeddingDriftCause.OtherModel
            : Distance(cosines[..ProbeTexts.ShortCount]) > PromptRatio * Distance(cosines[ProbeTexts.ShortCount..]) ? EmbeddingDriftCause.Prompt
            : EmbeddingDriftCause.Pooling);

        static double Distance(double[] cosines) => 1 - cosines.Average();
    }

    private static async Task<float[]> EmbedAsync(IEmbeddingGenerator<string, Embedding<float>> generator, int dimensions, CancellationToken cancellationToken)
    {
        GeneratedEmbeddings<Embedding<float>> vectors = await generator.GenerateDocumentsAsync(ProbeTexts.All, cancellationToken: cancellationToken).ConfigureAwait(false);
        return vectors.Count == ProbeTexts.All.Count && vectors.All(vector => vector.Vector.Length == dimensions)
            ? [.. vectors.SelectMany(vector => vector.Vector.ToArray())]
            : throw new InvalidOperationException(
                $"the generator gave {vectors.Count} vectors of {string.Join(", ", vectors.Select(vector => vector.Vector.Length).Distinct())} dimensions for {ProbeTexts.All.Count} texts; " +
                $"expected were {dimensions} dimensions. Use the generator the collection was made with.");
    }

    private static double[][] Rows(ReadOnlySpan<float> values, int width)
    {
        var rows = new double[values.Length / width][];
        for (int i = 0; i < rows.Length; i++)
            rows[i] = Array.ConvertAll(values.Slice(i * width, width).ToArray(), value => (double)value);
        return rows;
    }

    private static double[][] Centred(double[][] rows)
    {
        double[] mean = [.. Enumerable.Range(0, rows[0].Length).Select(j => rows.Average(row => row[j]))];
        return [.. rows.Select(row => row.Zip(mean, (value, shared) => value - shared).ToArray())];
    }

    private static double Length(double[] vector) => Math.Sqrt(vector.Sum(value => value * value));

    // Two vectors of zeros are the same vector; one alone has no direction.
    private static double Cosine(double[] first, double[] second)
    {
        double lengths = Length(first) * Length(second);
        return lengths > 0 ? first.Zip(second, (a, b) => a * b).Sum() / lengths : Length(first) == Length(second) ? 1 : 0;
    }
}
