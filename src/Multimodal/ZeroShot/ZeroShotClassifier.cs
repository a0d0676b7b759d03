using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>Makes classifiers out of the names of classes, without a single example.</summary>
public static class ZeroShotClassifier
{
    /// <summary>A classifier of pictures or sounds, by a model with a text tower in the same space (CLIP, SigLIP, CLAP, a folder of three towers, a service).</summary>
    /// <param name="labels">The names of the classes; at least one.</param>
    /// <param name="texts">Embeds the prompts.</param>
    /// <param name="items">Embeds what is classified; of the same space.</param>
    /// <param name="options">Templates, scale and thresholds; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ArgumentException">There are no labels, or a template has no place for the name.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">Texts and items are of different spaces.</exception>
    /// <exception cref="InvalidOperationException">The model does not say its scale and the options give none.</exception>
    public static Task<ZeroShotClassifier<DataContent>> CreateAsync(
        IReadOnlyList<string> labels, IEmbeddingGenerator<string, Embedding<float>> texts, IEmbeddingGenerator<DataContent, Embedding<float>> items, ZeroShotOptions? options = null,
        CancellationToken cancellationToken = default) => CreateAsync<DataContent>(labels, texts, items, options, cancellationToken);

    /// <summary>A classifier of texts. A text model says no scale, so set <see cref="ZeroShotOptions.Scale"/>.</summary>
    /// <param name="labels">The names of the classes; at least one.</param>
    /// <param name="texts">Embeds the prompts, and the texts that are classified.</param>
    /// <param name="options">Templates, scale and thresholds.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ArgumentException">There are no labels, or a template has no place for the name.</exception>
    /// <exception cref="InvalidOperationException">The model does not say its scale and the options give none.</exception>
    public static Task<ZeroShotClassifier<string>> CreateAsync(
        IReadOnlyList<string> labels, IEmbeddingGenerator<string, Embedding<float>> texts, ZeroShotOptions options, CancellationToken cancellationToken = default) =>
        CreateAsync<string>(labels, texts, texts, options, cancellationToken);

    private static async Task<ZeroShotClassifier<TInput>> CreateAsync<TInput>(
        IReadOnlyList<string> labels, IEmbeddingGenerator<string, Embedding<float>> texts, IEmbeddingGenerator<TInput, Embedding<float>> items, ZeroShotOptions? options,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(items);
        ZeroShotOptions chosen = (options ?? new()).Copied();
        EmbeddingSpace.EnsureSame(texts.GetService<EmbeddingSpace>()?.SpaceId, items.GetService<EmbeddingSpace>()?.SpaceId);
        // The tower of what is judged decides: CLAP's two differ.
        ContrastiveScale scale = chosen.Scale ?? items.GetService<ContrastiveScale>() ?? texts.GetService<ContrastiveScale>() ?? throw new InvalidOperationException(
            "the model does not say how its cosines become probabilities. Set ZeroShotOptions.Scale, e.g. new ContrastiveScale(20) for a model of sentence-transformers.");
        string[][] prompts = [.. labels.Select(label => PromptTemplates.Fill(chosen.Templates, label).ToArray())];
        GeneratedEmbeddings<Embedding<float>> vectors = await texts.GenerateAsync(
            [.. prompts.SelectMany(prompt => prompt)], new EmbeddingGenerationOptions().WithIntent(EmbeddingIntent.Classification), cancellationToken).ConfigureAwait(false);
        IReadOnlyList<Embedding<float>>[] byClass = [.. vectors.Chunk(chosen.Templates.Count)];
        return new(ZeroShotHead.Create(labels, byClass, scale, chosen), items);
    }
}

/// <summary>Tells of inputs which of some named classes they are, by the nearness of their vectors to those of the names.</summary>
/// <typeparam name="TInput">What is classified: <see cref="string"/>, or <see cref="DataContent"/> for pictures and sounds.</typeparam>
/// <remarks>As safe for concurrent use as its generator, which it does not own.</remarks>
public sealed class ZeroShotClassifier<TInput>
{
    private readonly IEmbeddingGenerator<TInput, Embedding<float>> _items;

    internal ZeroShotClassifier(ZeroShotHead head, IEmbeddingGenerator<TInput, Embedding<float>> items)
    {
        Head = head;
        _items = items;
    }

    /// <summary>The classes as vectors, with scale and thresholds.</summary>
    public ZeroShotHead Head { get; }

    /// <summary>Classifies inputs.</summary>
    /// <param name="inputs">The inputs; any number.</param>
    /// <param name="top">How many classes to give for each; at least 1.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>One answer an input, in the order given.</returns>
    /// <exception cref="EmbeddingSpaceMismatchException">An input's vector is of another space than those of the classes.</exception>
    public async Task<IReadOnlyList<ZeroShotResult>> ClassifyAsync(IEnumerable<TInput> inputs, int top = 5, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        GeneratedEmbeddings<Embedding<float>> vectors = await GenerateAsync(inputs, cancellationToken).ConfigureAwait(false);
        return [.. vectors.Select(vector => Head.Classify(vector, top))];
    }

    /// <summary>The same classifier with the temperature under which the labels of examples are likeliest, see <see cref="ZeroShotHead.Calibrate"/>.</summary>
    /// <param name="examples">Inputs and the names of their classes.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ArgumentException">There are no examples, or a label is none of the classes.</exception>
    public async Task<ZeroShotClassifier<TInput>> CalibrateAsync(IReadOnlyList<(TInput Input, string Label)> examples, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(examples);
        string[] labels = [.. Head.Labels];
        int[] places = [.. examples.Select(example => Array.IndexOf(labels, example.Label) is >= 0 and var place
            ? place
            : throw new ArgumentException($"an example has the label '{example.Label}'; the classes are {string.Join(", ", labels)}. Give one of them.", nameof(examples)))];
        GeneratedEmbeddings<Embedding<float>> vectors = await GenerateAsync(examples.Select(example => example.Input), cancellationToken).ConfigureAwait(false);
        return new(Head.Calibrate([.. vectors.Zip(places)]), _items);
    }

    private Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<TInput> inputs, CancellationToken cancellationToken) =>
        _items.GenerateAsync(inputs, new EmbeddingGenerationOptions().WithIntent(EmbeddingIntent.Classification), cancellationToken);
}
