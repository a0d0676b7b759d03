using System.Numerics.Tensors;
using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>A map from one space into another, learned from pairs of vectors that stand for the same thing, with its quality on pairs it did not learn from.</summary>
/// <remarks>Immutable and safe for concurrent use. It takes vectors of its source space only.</remarks>
public sealed class LinearMap
{
    private const int LeastPairs = 10;
    private static readonly double[] Ridges = [0.001, 0.01, 0.1, 1, 10, 100];

    private readonly float[] _sourceMean, _targetMean, _weights;

    internal LinearMap(EmbeddingSpace source, EmbeddingSpace target, LinearMapMethod method, double? ridge, BridgeQuality quality, float[] sourceMean, float[] targetMean, float[] weights) =>
        (Source, Target, Method, Ridge, Quality, _sourceMean, _targetMean, _weights) = (source, target, method, ridge, quality, sourceMean, targetMean, weights);

    /// <summary>The space it maps from.</summary>
    public EmbeddingSpace Source { get; }

    /// <summary>The space it maps into.</summary>
    public EmbeddingSpace Target { get; }

    /// <summary>The kind of map.</summary>
    public LinearMapMethod Method { get; }

    /// <summary>The ridge that was used; null for Procrustes.</summary>
    public double? Ridge { get; }

    /// <summary>Measured on the pairs kept back: how often a mapped vector's nearest target is its partner.</summary>
    public BridgeQuality Quality { get; }

    internal float[] SourceMean => _sourceMean;

    internal float[] TargetMean => _targetMean;

    /// <summary>[source][target], row-major.</summary>
    internal float[] Weights => _weights;

    /// <summary>Learns a map.</summary>
    /// <param name="source">The space to map from.</param>
    /// <param name="target">The space to map into.</param>
    /// <param name="pairs">At least 10 pairs, in any order.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <returns>The map of the pairs that were not kept back; it is this map that was measured.</returns>
    /// <exception cref="ArgumentException">There are too few pairs, a vector has another length than its space, one is not finite, or an option is out of its range.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">A vector is of another space.</exception>
    public static LinearMap Learn(EmbeddingSpace source, EmbeddingSpace target, IReadOnlyList<(Embedding<float> Source, Embedding<float> Target)> pairs, LinearMapOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(pairs);
        options = (options ?? new()).Validated();
        if (pairs.Count < LeastPairs)
            throw new ArgumentException($"{pairs.Count} pairs are too few for a map. Give at least {LeastPairs}; a thousand do well.", nameof(pairs));
        for (int index = 0; index < pairs.Count; index++)
        {
            Ensure(pairs[index].Source, source, $"the source of pair {index}");
            Ensure(pairs[index].Target, target, $"the target of pair {index}");
        }

        var order = Enumerable.Range(0, pairs.Count).ToArray();
        new Random(options.Seed).Shuffle(order);
        int kept = Math.Clamp((int)Math.Round(options.HeldOut * pairs.Count), 2, pairs.Count - 2);
        (Embedding<float> Source, Embedding<float> Target)[] measured = [.. order[..kept].Select(index => pairs[index])], learned = [.. order[kept..].Select(index => pairs[index])];
        double? ridge = options.Method == LinearMapMethod.Procrustes ? null : options.Ridge ?? ChooseRidge(source, target, learned, options.Centre);
        LinearMap map = Solve(source, target, learned, ridge, options.Centre);
        BridgeQuality quality = BridgeMeasurement.Measure(
            [.. measured.Select(pair => map.Map(pair.Source))], [.. measured.Select(pair => pair.Target)], [.. Enumerable.Range(0, measured.Length)], options.Seed, target.Metric);
        return new LinearMap(source, target, options.Method, ridge, quality, map._sourceMean, map._targetMean, map._weights);
    }

    /// <summary>Reads a map.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, no map, or of an unknown version.</exception>
    public static LinearMap Load(string path) => LinearMapFile.Read(path);

    /// <summary>Writes the map with its spaces and its quality, replacing the file whole.</summary>
    /// <param name="path">The file.</param>
    public void Save(string path) => LinearMapFile.Write(path, this);

    /// <summary>Maps a vector.</summary>
    /// <param name="embedding">A vector of <see cref="Source"/>.</param>
    /// <returns>A vector of <see cref="Target"/>, of unit length where that space's vectors are. Its other properties are those of the input.</returns>
    /// <exception cref="EmbeddingSpaceMismatchException">The vector is of another space.</exception>
    /// <exception cref="ArgumentException">It has another length, or a number that is not finite.</exception>
    public Embedding<float> Map(Embedding<float> embedding)
    {
        ArgumentNullException.ThrowIfNull(embedding);
        Ensure(embedding, Source, "the vector");
        var mapped = new float[Target.Dimensions];
        ReadOnlySpan<float> vector = embedding.Vector.Span;
        for (int i = 0; i < vector.Length; i++)
            TensorPrimitives.MultiplyAdd(_weights.AsSpan(i * mapped.Length, mapped.Length), vector[i] - _sourceMean[i], mapped, mapped);
        TensorPrimitives.Add(mapped, _targetMean, mapped);
        if (Target.IsNormalized && TensorPrimitives.Norm(mapped) is var norm and > 0)
            TensorPrimitives.Divide(mapped, norm, mapped);
        var result = new Embedding<float>(mapped) { ModelId = embedding.ModelId, CreatedAt = embedding.CreatedAt, AdditionalProperties = embedding.AdditionalProperties?.Clone() };
        MappedSpace.Stamp(result);
        return result;
    }

    /// <summary>A generator of the source space as one of the target space.</summary>
    /// <typeparam name="TInput">What it takes.</typeparam>
    /// <param name="generator">A generator of <see cref="Source"/>, which the result owns.</param>
    /// <exception cref="EmbeddingSpaceMismatchException">The generator is of another space.</exception>
    public IEmbeddingGenerator<TInput, Embedding<float>> Over<TInput>(IEmbeddingGenerator<TInput, Embedding<float>> generator) => new LinearMapEmbeddingGenerator<TInput>(generator, this);

    internal EmbeddingSpace MappedSpace => Target with { Fingerprint = $"{Target.Fingerprint} mapped from {Source.SpaceId} by {Method}" };

    private static LinearMap Solve(EmbeddingSpace source, EmbeddingSpace target, (Embedding<float> Source, Embedding<float> Target)[] pairs, double? ridge, bool centre)
    {
        (double[][] from, float[] fromMean) = Centred([.. pairs.Select(pair => pair.Source)], source.Dimensions, centre);
        (double[][] into, float[] intoMean) = Centred([.. pairs.Select(pair => pair.Target)], target.Dimensions, centre);
        double[][] weights = LinearAlgebra.TransposedTimes(from, into);
        if (ridge is { } share)
        {
            double[][] gram = LinearAlgebra.TransposedTimes(from, from);
            double added = share * gram.Select((row, i) => row[i]).Average();
            for (int i = 0; i < gram.Length; i++)
                gram[i][i] += added;
            LinearAlgebra.SolveSymmetric(gram, weights);
        }
        else
        {
            weights = LinearAlgebra.NearestOrthogonal(weights);
        }

        return new LinearMap(source, target, default, ridge, new(0, 0, 0), fromMean, intoMean, [.. weights.SelectMany(row => row.Select(weight => (float)weight))]);
    }

    private static double ChooseRidge(EmbeddingSpace source, EmbeddingSpace target, (Embedding<float> Source, Embedding<float> Target)[] pairs, bool centre)
    {
        int kept = Math.Max(1, pairs.Length / 5);
        return Ridges.MaxBy(ridge =>
        {
            LinearMap map = Solve(source, target, pairs[kept..], ridge, centre);
            return pairs[..kept].Average(pair => TensorPrimitives.CosineSimilarity(map.Map(pair.Source).Vector.Span, pair.Target.Vector.Span) is var cosine && float.IsFinite(cosine) ? cosine : 0);
        });
    }

    private static (double[][] Rows, float[] Mean) Centred(Embedding<float>[] vectors, int dimensions, bool centre)
    {
        var mean = new float[dimensions];
        if (centre)
        {
            foreach (Embedding<float> vector in vectors)
                TensorPrimitives.Add(mean, vector.Vector.Span, mean);
            TensorPrimitives.Divide(mean, vectors.Length, mean);
        }

        return ([.. vectors.Select(vector => vector.Vector.ToArray().Select((number, i) => (double)number - mean[i]).ToArray())], mean);
    }

    private static void Ensure(Embedding<float> embedding, EmbeddingSpace space, string what)
    {
        EmbeddingSpace.EnsureSame(EmbeddingSpace.SpaceIdOf(embedding), space.SpaceId);
        if (embedding.Vector.Length != space.Dimensions)
            throw new ArgumentException($"{what} has {embedding.Vector.Length} dimensions; {space.SpaceId} has {space.Dimensions}. Embed it with that space's model.", nameof(embedding));
        foreach (float number in embedding.Vector.Span)
        {
            if (!float.IsFinite(number))
                throw new ArgumentException($"{what} holds {number}. Leave it out.", nameof(embedding));
        }
    }
}
