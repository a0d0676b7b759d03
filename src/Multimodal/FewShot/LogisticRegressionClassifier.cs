using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>A logistic regression on vectors: a line between two classes, or one score a class and their softmax.</summary>
/// <remarks>Immutable and safe for concurrent use. Reference: scikit-learn, LogisticRegression with L2; evaluation/classification in the recorded references.</remarks>
public sealed class LogisticRegressionClassifier : IVectorClassifier
{
    private const string Kind = "logistic-regression", WeightsTensor = "coef", InterceptsTensor = "intercept";
    private readonly double[][] _weights;
    private readonly double[] _intercepts;
    private readonly bool _scalesToUnit;

    private LogisticRegressionClassifier(IReadOnlyList<string> labels, double[][] weights, double[] intercepts, string? spaceId, bool scalesToUnit)
    {
        Labels = labels;
        _weights = weights;
        _intercepts = intercepts;
        SpaceId = spaceId;
        _scalesToUnit = scalesToUnit;
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Labels { get; }

    /// <inheritdoc/>
    public string? SpaceId { get; }

    /// <summary>The weights: a row a class, of two classes one row, for the second.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Weights => _weights;

    /// <summary>The intercepts: one a row.</summary>
    public IReadOnlyList<double> Intercepts => _intercepts;

    /// <summary>Learns from examples.</summary>
    /// <param name="examples">Vectors of one space with the names of their classes, of at least two classes.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the fitting between two steps.</param>
    /// <exception cref="ArgumentException">There are examples of one class only, or lengths differ.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">Examples are of different spaces.</exception>
    public static LogisticRegressionClassifier Fit(
        IReadOnlyList<(Embedding<float> Vector, string Label)> examples, LogisticRegressionOptions? options = null, CancellationToken cancellationToken = default)
    {
        LogisticRegressionOptions chosen = (options ?? new()).Copied();
        var data = new LabelledVectors(examples, chosen.ScalesToUnit, leastLabels: 2);
        int rows = data.Labels.Count == 2 ? 1 : data.Labels.Count, width = data.Rows[0].Length;
        var loss = new LogisticLoss(data.Rows, data.Targets, rows, chosen.C);
        double[] best = Lbfgs.Minimize(loss.Evaluate, new double[rows * (width + 1)], chosen.MaxIterations, chosen.Tolerance, cancellationToken);
        double[][] parts = [.. best.Chunk(width + 1)];
        return new(data.Labels, [.. parts.Select(part => part[..width])], [.. parts.Select(part => part[width])], data.SpaceId, chosen.ScalesToUnit);
    }

    /// <summary>Reads a file that <see cref="Save"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or of another kind of classifier.</exception>
    public static LogisticRegressionClassifier Load(string path)
    {
        ClassifierParts parts = ClassifierFile.Load(path, Kind);
        int rows = parts.Labels.Length == 2 ? 1 : parts.Labels.Length;
        double[][] weights = ClassifierFile.Rows(parts.File, path, WeightsTensor, rows);
        return new(parts.Labels, weights, [.. ClassifierFile.Rows(parts.File, path, InterceptsTensor, rows).Select(row => row[0])], parts.SpaceId, parts.ScalesToUnit);
    }

    /// <summary>Writes a <c>.safetensors</c> file, replacing one that is there.</summary>
    /// <param name="path">The file.</param>
    public void Save(string path) => ClassifierFile.Save(path, Kind, this, _scalesToUnit, new Dictionary<string, (int[], double[])>
    {
        [WeightsTensor] = ([_weights.Length, _weights[0].Length], [.. _weights.SelectMany(row => row)]),
        [InterceptsTensor] = ([_intercepts.Length, 1], _intercepts),
    });

    /// <inheritdoc/>
    public string Predict(Embedding<float> vector)
    {
        double[] probabilities = Probabilities(vector);
        return Labels[Array.IndexOf(probabilities, probabilities.Max())];
    }

    /// <summary>The probability of each class.</summary>
    /// <param name="vector">Of the space it learned from.</param>
    /// <returns>One number a label, 0 to 1, which add up to 1.</returns>
    /// <exception cref="ArgumentException">The vector has another length.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">The vector is of another space.</exception>
    public double[] Probabilities(Embedding<float> vector)
    {
        double[] row = LabelledVectors.Checked(vector, _weights[0].Length, SpaceId, _scalesToUnit);
        double[] scores = [.. _weights.Select((weights, i) => UnitVectors.Dot(weights, row) + _intercepts[i])];
        if (scores is [var only])
            return [Math.Exp(-TemperatureScaling.LogOnePlusExp(only)), Math.Exp(-TemperatureScaling.LogOnePlusExp(-only))];
        double all = TemperatureScaling.LogSumExp(scores);
        return [.. scores.Select(score => Math.Exp(score - all))];
    }
}
