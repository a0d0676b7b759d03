using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>Examples, checked, with their labels as numbers.</summary>
internal sealed class LabelledVectors
{
    public LabelledVectors(IReadOnlyList<(Embedding<float> Vector, string Label)> examples, bool scalesToUnit, int leastLabels)
    {
        ArgumentNullException.ThrowIfNull(examples);
        Embedding<float>[] vectors = [.. examples.Select(example => example.Vector)];
        UnitVectors.CheckAlike(vectors, nameof(examples));
        Labels = [.. examples.Select(example => example.Label ?? throw new ArgumentException("a label is null. Give the name of a class.", nameof(examples))).Distinct().Order(StringComparer.Ordinal)];
        if (Labels.Count < leastLabels)
            throw new ArgumentException($"the examples have {Labels.Count} labels. Give examples of at least {leastLabels} classes.", nameof(examples));
        Rows = [.. vectors.Select(vector => Row(vector, scalesToUnit))];
        string[] labels = [.. Labels];
        Targets = [.. examples.Select(example => Array.BinarySearch(labels, example.Label, StringComparer.Ordinal))];
        SpaceId = vectors.Select(EmbeddingSpace.SpaceIdOf).FirstOrDefault(space => space is not null);
    }

    public IReadOnlyList<string> Labels { get; }

    public double[][] Rows { get; }

    public int[] Targets { get; }

    public string? SpaceId { get; }

    /// <summary>A vector in double precision, after checking where it comes from.</summary>
    public static double[] Checked(Embedding<float> vector, int dimensions, string? spaceId, bool scalesToUnit)
    {
        ArgumentNullException.ThrowIfNull(vector);
        if (vector.Vector.Length != dimensions)
            throw new ArgumentException($"the vector has {vector.Vector.Length} dimensions, the classifier learned from {dimensions}. Give a vector of the same model.", nameof(vector));
        EmbeddingSpace.EnsureSame(spaceId, EmbeddingSpace.SpaceIdOf(vector));
        return Row(vector, scalesToUnit);
    }

    private static double[] Row(Embedding<float> vector, bool scalesToUnit) =>
        scalesToUnit ? UnitVectors.Unit(vector.Vector.Span) : Array.ConvertAll(vector.Vector.ToArray(), value => (double)value);
}
