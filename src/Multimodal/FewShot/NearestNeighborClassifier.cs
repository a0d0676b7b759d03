using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>Gives a vector the class that most of its nearest examples have.</summary>
/// <remarks>
/// Immutable and safe for concurrent use. Equal votes: the class whose name comes first; equal distances: the example that was given first.
/// Reference: scikit-learn, KNeighborsClassifier; evaluation/classification in the recorded references.
/// </remarks>
public sealed class NearestNeighborClassifier : IVectorClassifier
{
    private readonly LabelledVectors _examples;
    private readonly int _k;
    private readonly bool _scalesToUnit, _weighsByDistance;

    private NearestNeighborClassifier(LabelledVectors examples, int k, bool scalesToUnit, bool weighsByDistance)
    {
        _examples = examples;
        _k = k;
        _scalesToUnit = scalesToUnit;
        _weighsByDistance = weighsByDistance;
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Labels => _examples.Labels;

    /// <inheritdoc/>
    public string? SpaceId => _examples.SpaceId;

    /// <summary>Keeps examples.</summary>
    /// <param name="examples">Vectors of one space with the names of their classes; at least one.</param>
    /// <param name="k">How many neighbours vote; at least 1.</param>
    /// <param name="scalesToUnit">Whether vectors are scaled to unit length first, so that the nearest by angle (cosine) are taken.</param>
    /// <param name="weighsByDistance">Whether a vote counts 1 / distance; an example at distance 0 then decides alone.</param>
    /// <exception cref="ArgumentException">There are no examples, or lengths differ.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">Examples are of different spaces.</exception>
    public static NearestNeighborClassifier Fit(IReadOnlyList<(Embedding<float> Vector, string Label)> examples, int k = 5, bool scalesToUnit = true, bool weighsByDistance = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        return new(new LabelledVectors(examples, scalesToUnit, leastLabels: 1), k, scalesToUnit, weighsByDistance);
    }

    /// <inheritdoc/>
    public string Predict(Embedding<float> vector)
    {
        double[] row = LabelledVectors.Checked(vector, _examples.Rows[0].Length, SpaceId, _scalesToUnit);
        (double Distance, int Label)[] nearest = [.. _examples.Rows
            .Select((example, i) => (Distance: _scalesToUnit ? 1 - UnitVectors.Dot(example, row) : Math.Sqrt(UnitVectors.SquaredDistance(example, row)), Label: _examples.Targets[i]))
            .OrderBy(found => found.Distance).Take(_k)];
        bool hasCopy = _weighsByDistance && nearest[0].Distance == 0;
        var votes = new double[Labels.Count];
        foreach ((double distance, int label) in nearest)
            votes[label] += !_weighsByDistance ? 1 : hasCopy ? (distance == 0 ? 1 : 0) : 1 / distance;
        return Labels[Array.IndexOf(votes, votes.Max())];
    }
}
