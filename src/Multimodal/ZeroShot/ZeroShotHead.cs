using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>
/// Classes as vectors: each is the mean of the unit vectors of its prompts, scaled to unit length again. An input's class is the one its vector is nearest to. The layer below
/// <see cref="ZeroShotClassifier{TInput}"/>, for vectors that are there already.
/// </summary>
/// <remarks>Immutable and safe for concurrent use. Reference: open_clip, build_zero_shot_classifier; evaluation/clip-style in the recorded references.</remarks>
public sealed class ZeroShotHead
{
    private readonly double[][] _classes;
    private readonly Embedding<float> _first;
    private readonly ZeroShotOptions _options;

    private ZeroShotHead(IReadOnlyList<string> labels, double[][] classes, Embedding<float> first, ContrastiveScale scale, ZeroShotOptions options)
    {
        Labels = labels;
        _classes = classes;
        _first = first;
        Scale = scale;
        _options = options;
    }

    /// <summary>The names of the classes.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>How cosines become probabilities.</summary>
    public ContrastiveScale Scale { get; }

    /// <summary>What logits are divided by.</summary>
    public double Temperature => _options.Temperature;

    /// <summary>Makes the vectors of the classes.</summary>
    /// <param name="labels">The names of the classes; at least one.</param>
    /// <param name="prompts">For each class the vectors of its prompts, all of one space.</param>
    /// <param name="scale">How cosines become probabilities.</param>
    /// <param name="options">Temperature and thresholds; null for the defaults.</param>
    /// <exception cref="ArgumentException">A class has no prompts, or the counts or lengths differ.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">Prompts are of different spaces.</exception>
    public static ZeroShotHead Create(IReadOnlyList<string> labels, IReadOnlyList<IReadOnlyList<Embedding<float>>> prompts, ContrastiveScale scale, ZeroShotOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(scale);
        if (labels.Count == 0 || labels.Count != prompts.Count)
            throw new ArgumentException($"there are {labels.Count} labels and prompts for {prompts.Count}. Give at least one label, and prompts for each.", nameof(prompts));
        var classes = new double[labels.Count][];
        for (int i = 0; i < classes.Length; i++)
        {
            if (prompts[i].Count == 0)
                throw new ArgumentException($"class '{labels[i]}' has no prompts. Give at least one.", nameof(prompts));
            UnitVectors.CheckAlike(prompts[0][0], prompts[i][0], nameof(prompts), i);
            double[] mean = new double[prompts[0][0].Vector.Length];
            foreach (double[] prompt in UnitVectors.Checked(prompts[i], nameof(prompts)))
                UnitVectors.Add(mean, prompt, 1);
            classes[i] = UnitVectors.Unit(mean);
        }

        return new([.. labels], classes, prompts[0][0], scale, (options ?? new()).Copied());
    }

    /// <summary>The vector of a class, of unit length.</summary>
    /// <param name="index">Its place among the labels.</param>
    public ReadOnlyMemory<float> ClassVector(int index) => UnitVectors.Single(_classes[index]);

    /// <summary>Judges a vector.</summary>
    /// <param name="vector">Of the space of the prompts.</param>
    /// <param name="top">How many classes to give at most; at least 1.</param>
    /// <exception cref="ArgumentException">The vector has another length.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">The vector is of another space.</exception>
    public ZeroShotResult Classify(Embedding<float> vector, int top = 5)
    {
        ArgumentNullException.ThrowIfNull(vector);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        double[] scores = Scores(vector), probabilities = Logits(scores);
        Scale.Probabilities(probabilities, probabilities);
        int[] order = [.. Enumerable.Range(0, scores.Length).OrderByDescending(index => scores[index])];
        bool isNone = scores[order[0]] < _options.MinScore || probabilities[order[0]] < _options.MinProbability;
        return new([.. order.Take(top).Select(index => new ZeroShotClass(index, Labels[index], scores[index], probabilities[index]))], isNone);
    }

    /// <summary>The model's scores of a vector for all classes: scale · cosine, with the bias where there is one, over the temperature.</summary>
    /// <param name="vector">Of the space of the prompts.</param>
    public double[] Logits(Embedding<float> vector) => Logits(Scores(vector));

    /// <summary>Finds the temperature under which the labels of examples are likeliest: probabilities that are too sure become less so, and the order of classes stays.</summary>
    /// <param name="examples">Vectors and the places of their labels; at least one.</param>
    /// <returns>A head with that temperature, 0.001 to 1000.</returns>
    /// <remarks>Reference: Guo et al., "On Calibration of Modern Neural Networks", 2017. By sigmoid each class of each example counts as a decision of its own.</remarks>
    /// <exception cref="ArgumentException">There are no examples, or a label is none.</exception>
    public ZeroShotHead Calibrate(IReadOnlyList<(Embedding<float> Vector, int Label)> examples)
    {
        ArgumentNullException.ThrowIfNull(examples);
        if (examples.Count == 0 || examples.Any(example => example.Label < 0 || example.Label >= Labels.Count))
            throw new ArgumentException($"there are {examples.Count} examples, with labels from 0 to {Labels.Count - 1} wanted. Give at least one, each with the place of its label.", nameof(examples));
        double[][] logits = [.. examples.Select(example => Logits(example.Vector).Select(logit => logit * Temperature).ToArray())];
        int[] labels = [.. examples.Select(example => example.Label)];
        ZeroShotOptions calibrated = _options.Copied();
        calibrated.Temperature = TemperatureScaling.Fit(logits, labels, Scale.IsSigmoid);
        return new(Labels, _classes, _first, Scale, calibrated);
    }

    /// <summary>The cosine below which a share of examples that belong to no class lies: a value for <see cref="ZeroShotOptions.MinScore"/>.</summary>
    /// <param name="foreign">Vectors of inputs that are none of the classes; at least one.</param>
    /// <param name="share">How many of them "none of these" shall catch, above 0 to 1.</param>
    /// <exception cref="ArgumentException">There are no examples.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="share"/> is not above 0 and at most 1.</exception>
    public double ThresholdFor(IReadOnlyList<Embedding<float>> foreign, double share = 0.9)
    {
        ArgumentNullException.ThrowIfNull(foreign);
        if (!(share is > 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(share), share, "share must be above 0 and at most 1.");
        if (foreign.Count == 0)
            throw new ArgumentException("there are no examples. Give vectors of inputs that belong to no class.", nameof(foreign));
        double[] best = [.. foreign.Select(vector => Scores(vector).Max()).Order()];
        int caught = (int)Math.Ceiling(share * best.Length);
        return Math.Min(1, Math.BitIncrement(best[caught - 1]));
    }

    private double[] Scores(Embedding<float> vector)
    {
        ArgumentNullException.ThrowIfNull(vector);
        UnitVectors.CheckAlike(_first, vector, nameof(vector));
        double[] unit = UnitVectors.Unit(vector.Vector.Span);
        return [.. _classes.Select(one => Math.Clamp(UnitVectors.Dot(one, unit), -1, 1))];
    }

    private double[] Logits(double[] scores) => [.. scores.Select(score => Scale.Logit(score) / Temperature)];
}
