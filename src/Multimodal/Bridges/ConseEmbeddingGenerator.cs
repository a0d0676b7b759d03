using System.Numerics.Tensors;
using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>
/// Pictures (or sounds) to vectors of a text model's space, by a classifier alone: the mean of the classes' text vectors, each weighted by the class's probability. Text then finds
/// pictures offline, with no model trained on both.
/// </summary>
/// <remarks>
/// Safe for concurrent use. Owns neither the classifier nor the text generator. The classes' vectors are computed once, with the first call, unless recorded ones agree with the text model.
/// It finds what the classifier has classes for, or near ones; measure it on pictures of your own with <see cref="BridgeMeasurement"/>.
/// Reference: M. Norouzi et al., "Zero-Shot Learning by Convex Combination of Semantic Embeddings", ICLR 2014.
/// </remarks>
public sealed class ConseEmbeddingGenerator : IEmbeddingGenerator<DataContent, Embedding<float>>
{
    private const string Placeholder = "{}";
    private const int Probes = 8;

    // Recorded vectors are often float16, or of other weights of the same model; another model is far below.
    private const float ProbeCosine = 0.995f;

    private readonly IContentClassifier _classifier;
    private readonly IEmbeddingGenerator<string, Embedding<float>> _text;
    private readonly ConseSettings _settings;
    private readonly string[] _names;
    private readonly EmbeddingSpace _space;
    private readonly EmbeddingGeneratorMetadata _metadata;
    private readonly Lock _lock = new();
    private Task<float[][]>? _classes;

    /// <summary>Builds the bridge over a picture generator whose model is a classifier, with the settings of its folder.</summary>
    /// <param name="classifier">A generator that gives an <see cref="IContentClassifier"/>, e.g. one of timm.</param>
    /// <param name="text">The text model; its space is the bridge's.</param>
    /// <param name="settings">Null for those of the classifier's folder (<c>conse.json</c>), or the plain ones where it has none.</param>
    /// <exception cref="ArgumentNullException">A generator is null.</exception>
    /// <exception cref="ArgumentException">The generator is no classifier; the classes have no names; or a setting is out of its range.</exception>
    public ConseEmbeddingGenerator(IEmbeddingGenerator<DataContent, Embedding<float>> classifier, IEmbeddingGenerator<string, Embedding<float>> text, ConseSettings? settings = null)
        : this(ClassifierOf(classifier), text, settings ?? classifier.GetService<ConseSettings>())
    {
    }

    /// <summary>Builds the bridge over any classifier.</summary>
    /// <param name="classifier">Scores the classes.</param>
    /// <param name="text">The text model; its space is the bridge's.</param>
    /// <param name="settings">Null for the plain ones: 20 classes, temperature 1, the classifier's labels.</param>
    /// <exception cref="ArgumentNullException">The classifier or the text generator is null.</exception>
    /// <exception cref="ArgumentException">The classes have no names, a setting is out of its range, or the text generator does not say its space.</exception>
    public ConseEmbeddingGenerator(IContentClassifier classifier, IEmbeddingGenerator<string, Embedding<float>> text, ConseSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(classifier);
        ArgumentNullException.ThrowIfNull(text);
        _classifier = classifier;
        _text = text;
        _settings = settings ?? new();
        _names = [.. _settings.ClassNames.Count > 0 ? _settings.ClassNames : classifier.Labels];
        if (_names.Length == 0)
            throw new ArgumentException("the classifier's classes have no names. Give them in ConseSettings.ClassNames.", nameof(settings));
        if (_settings.Top < 1)
            throw new ArgumentException($"ConseSettings.Top is {_settings.Top}; it must be at least 1.", nameof(settings));
        if (!(_settings.Temperature > 0) || !double.IsFinite(_settings.Temperature))
            throw new ArgumentException($"ConseSettings.Temperature is {_settings.Temperature}; it must be above 0.", nameof(settings));
        if (!_settings.Prompt.Contains(Placeholder, StringComparison.Ordinal))
            throw new ArgumentException($"ConseSettings.Prompt has no {Placeholder} for the class's name. Write e.g. \"a photo of a {Placeholder}\".", nameof(settings));
        EmbeddingSpace space = BridgeInputs.SpaceOf(text, nameof(text));
        _space = space with { Fingerprint = FormattableString.Invariant($"{space.Fingerprint} conse {classifier.Fingerprint} top {_settings.Top} temperature {_settings.Temperature}") };
        EmbeddingGeneratorMetadata? about = text.GetService<EmbeddingGeneratorMetadata>();
        _metadata = new("conse", providerUri: null, about?.DefaultModelId, space.Dimensions);
        if (_settings.ClassVectors is { } recorded && recorded.Count != _names.Length)
            throw new ArgumentException($"ConseSettings.ClassVectors has {recorded.Count} vectors, but there are {_names.Length} classes. Give one a class, or none.", nameof(settings));
    }

    /// <summary>Embeds pictures.</summary>
    /// <param name="values">What the classifier takes; any number.</param>
    /// <param name="options"><c>Dimensions</c>, when given, must be the space's.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>One vector an input, in the order given, each of the text model's space.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="values"/> or one of them is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><c>Dimensions</c> differs from the space's.</exception>
    /// <exception cref="InvalidDataException">An input is damaged; or the classifier gave another number of scores than there are classes, or one that is not finite.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<DataContent> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        DataContent[] inputs = BridgeInputs.Checked(values);
        BridgeInputs.EnsureDimensions(options, _space);
        if (inputs.Length == 0)
            return [];
        float[][] classes = await ClassesAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        IReadOnlyList<float[]> scores = await _classifier.ScoreAsync(inputs, cancellationToken).ConfigureAwait(false);
        if (scores.Count != inputs.Length)
            throw new InvalidDataException($"the classifier scored {scores.Count} of {inputs.Length} inputs. It must score each.");
        return [.. scores.Select((logits, index) => BridgeInputs.Stamped(Mean(logits, classes, index), _space, _metadata.DefaultModelId))];
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType == typeof(EmbeddingSpace) ? _space
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata
            : serviceType == typeof(IContentClassifier) ? _classifier
            : null;
    }

    /// <summary>Does nothing: the classifier and the text generator belong to the caller.</summary>
    public void Dispose()
    {
    }

    private static IContentClassifier ClassifierOf(IEmbeddingGenerator<DataContent, Embedding<float>> generator)
    {
        ArgumentNullException.ThrowIfNull(generator);
        return generator.GetService<IContentClassifier>()
            ?? throw new ArgumentException("the generator's model is no classifier: it gives no IContentClassifier. Choose one with classes, e.g. of timm.", nameof(generator));
    }

    // The first caller's cancellation must not end what others wait for, so nobody's does; what failed is tried again by the next call.
    private Task<float[][]> ClassesAsync()
    {
        lock (_lock)
            return _classes is null or { IsFaulted: true } or { IsCanceled: true } ? _classes = EmbedClassesAsync() : _classes;
    }

    private async Task<float[][]> EmbedClassesAsync()
    {
        if (_settings.ClassVectors is { } recorded && await AgreesAsync(recorded).ConfigureAwait(false))
            return [.. recorded.Select(vector => vector.ToArray())];
        return await EmbedAsync(_names).ConfigureAwait(false);
    }

    private async Task<bool> AgreesAsync(IReadOnlyList<ReadOnlyMemory<float>> recorded)
    {
        int[] places = [.. Enumerable.Range(0, Math.Min(Probes, _names.Length)).Select(probe => (int)((long)probe * _names.Length / Math.Min(Probes, _names.Length)))];
        float[][] computed = await EmbedAsync([.. places.Select(place => _names[place])]).ConfigureAwait(false);
        return places.Zip(computed).All(pair => recorded[pair.First].Length == pair.Second.Length && Similarity.Of(recorded[pair.First].Span, pair.Second) >= ProbeCosine);
    }

    private async Task<float[][]> EmbedAsync(string[] names)
    {
        GeneratedEmbeddings<Embedding<float>> vectors = await _text.GenerateDocumentsAsync(names.Select(name => _settings.Prompt.Replace(Placeholder, name, StringComparison.Ordinal))).ConfigureAwait(false);
        return vectors.Count == names.Length ? [.. vectors.Select(vector => vector.Vector.ToArray())]
            : throw new InvalidDataException($"the text generator gave {vectors.Count} vectors for {names.Length} class names. It must give one each.");
    }

    private float[] Mean(float[] logits, float[][] classes, int input)
    {
        if (logits.Length != classes.Length)
            throw new InvalidDataException($"input {input}: the classifier gave {logits.Length} scores, but {classes.Length} classes have names. Give one name a class.");
        if (!Array.TrueForAll(logits, float.IsFinite))
            throw new InvalidDataException($"input {input}: a score of the classifier is not finite. Check the picture and the model file.");
        int[] best = [.. Enumerable.Range(0, logits.Length).OrderByDescending(index => logits[index]).Take(_settings.Top)];
        var mean = new float[_space.Dimensions];
        double sum = best.Sum(index => Weight(index));
        foreach (int index in best)
            TensorPrimitives.MultiplyAdd(classes[index], (float)(Weight(index) / sum), mean, mean);
        if (_space.IsNormalized && TensorPrimitives.Norm(mean) is var norm and > 0)
            TensorPrimitives.Divide(mean, norm, mean);
        return mean;

        double Weight(int index) => Math.Exp((logits[index] - logits[best[0]]) / _settings.Temperature);
    }
}
