using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>Gives a vector the class whose examples' mean it is nearest to (Euclidean). One example a class is enough.</summary>
/// <remarks>Immutable and safe for concurrent use. Reference: scikit-learn, NearestCentroid; evaluation/classification in the recorded references.</remarks>
public sealed class NearestCentroidClassifier : IVectorClassifier
{
    private const string Kind = "nearest-centroid", Tensor = "centroids";
    private readonly double[][] _centroids;
    private readonly bool _scalesToUnit;

    private NearestCentroidClassifier(IReadOnlyList<string> labels, double[][] centroids, string? spaceId, bool scalesToUnit)
    {
        Labels = labels;
        _centroids = centroids;
        SpaceId = spaceId;
        _scalesToUnit = scalesToUnit;
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Labels { get; }

    /// <inheritdoc/>
    public string? SpaceId { get; }

    /// <summary>Learns from examples.</summary>
    /// <param name="examples">Vectors of one space with the names of their classes; at least one.</param>
    /// <param name="scalesToUnit">Whether vectors are scaled to unit length first, so that direction alone counts.</param>
    /// <exception cref="ArgumentException">There are no examples, or lengths differ.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">Examples are of different spaces.</exception>
    public static NearestCentroidClassifier Fit(IReadOnlyList<(Embedding<float> Vector, string Label)> examples, bool scalesToUnit = true)
    {
        var data = new LabelledVectors(examples, scalesToUnit, leastLabels: 1);
        double[][] sums = [.. data.Labels.Select(_ => new double[data.Rows[0].Length])];
        var counts = new int[sums.Length];
        for (int i = 0; i < data.Rows.Length; i++)
        {
            UnitVectors.Add(sums[data.Targets[i]], data.Rows[i], 1);
            counts[data.Targets[i]]++;
        }

        return new(data.Labels, [.. sums.Select((sum, label) => sum.Select(value => value / counts[label]).ToArray())], data.SpaceId, scalesToUnit);
    }

    /// <summary>Reads a file that <see cref="Save"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or of another kind of classifier.</exception>
    public static NearestCentroidClassifier Load(string path)
    {
        ClassifierParts parts = ClassifierFile.Load(path, Kind);
        return new(parts.Labels, ClassifierFile.Rows(parts.File, path, Tensor, parts.Labels.Length), parts.SpaceId, parts.ScalesToUnit);
    }

    /// <summary>Writes a <c>.safetensors</c> file, replacing one that is there.</summary>
    /// <param name="path">The file.</param>
    public void Save(string path) => ClassifierFile.Save(path, Kind, this, _scalesToUnit, new Dictionary<string, (int[], double[])>
    {
        [Tensor] = ([_centroids.Length, _centroids[0].Length], [.. _centroids.SelectMany(row => row)]),
    });

    /// <inheritdoc/>
    public string Predict(Embedding<float> vector)
    {
        double[] row = LabelledVectors.Checked(vector, _centroids[0].Length, SpaceId, _scalesToUnit);
        int best = 0;
        double nearest = double.PositiveInfinity;
        for (int label = 0; label < _centroids.Length; label++)
        {
            double distance = UnitVectors.SquaredDistance(row, _centroids[label]);
            if (distance < nearest)
                (nearest, best) = (distance, label);
        }

        return Labels[best];
    }
}
