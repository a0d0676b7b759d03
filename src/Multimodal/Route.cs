using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Polymodal.Multimodal;

/// <summary>One way through a <see cref="MultimodalEmbeddingGenerator"/>: which inputs go to which generator.</summary>
/// <remarks>Immutable; as safe for concurrent use as its generator, which it does not own.</remarks>
public sealed class Route
{
    private readonly Func<IEmbeddingGenerator<string, Embedding<float>>>? _text;
    private readonly Func<IEmbeddingGenerator<DataContent, Embedding<float>>>? _media;
    private readonly Func<IEmbeddingGenerator<CompositeContent, Embedding<float>>>? _composite;
    private readonly EmbeddingFramework? _framework;

    private Route(string name, EmbeddingModality? modality, IReadOnlyList<string> mediaTypes, IReadOnlyList<EmbeddingIntent> intents)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
        Modality = modality;
        MediaTypes = mediaTypes;
        Intents = [.. intents];
    }

    private Route(string name, Func<IEmbeddingGenerator<string, Embedding<float>>> text, IReadOnlyList<string> mediaTypes, IReadOnlyList<EmbeddingIntent> intents, EmbeddingFramework? framework = null)
        : this(name, EmbeddingModality.Text, mediaTypes, intents) => (_text, _framework) = (text, framework);

    private Route(
        string name, EmbeddingModality modality, Func<IEmbeddingGenerator<DataContent, Embedding<float>>> media, IReadOnlyList<string> mediaTypes, IReadOnlyList<EmbeddingIntent> intents, EmbeddingFramework? framework = null)
        : this(name, modality, mediaTypes, intents) => (_media, _framework) = (media, framework);

    private Route(string name, Func<IEmbeddingGenerator<CompositeContent, Embedding<float>>> composite)
        : this(name, modality: null, [], []) => _composite = composite;

    /// <summary>What it is called: the framework's name.</summary>
    public string Name { get; }

    /// <summary>The kind of input; null for items of several parts that the framework itself fuses.</summary>
    public EmbeddingModality? Modality { get; }

    /// <summary>The media types it takes, each exact (<c>image/png</c>) or a range (<c>image/*</c>); none for items of several parts.</summary>
    public IReadOnlyList<string> MediaTypes { get; }

    /// <summary>The intents it is for; empty for all. A route for an intent goes before one for all.</summary>
    public IReadOnlyList<EmbeddingIntent> Intents { get; }

    /// <summary>A route of texts: strings, and <see cref="DataContent"/> of <c>text/*</c>.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="generator">Embeds them; it stays the caller's.</param>
    /// <param name="intents">The intents it is for; none means all.</param>
    /// <exception cref="ArgumentException">The name is blank.</exception>
    public static Route Text(string name, IEmbeddingGenerator<string, Embedding<float>> generator, params IReadOnlyList<EmbeddingIntent> intents)
    {
        ArgumentNullException.ThrowIfNull(generator);
        return new(name, () => generator, ["text/*"], intents);
    }

    /// <summary>A route of pictures: <see cref="DataContent"/> of <c>image/*</c>.</summary>
    /// <inheritdoc cref="Text"/>
    public static Route Image(string name, IEmbeddingGenerator<DataContent, Embedding<float>> generator, params IReadOnlyList<EmbeddingIntent> intents) => Media(name, EmbeddingModality.Image, generator, intents);

    /// <summary>A route of sounds: <see cref="DataContent"/> of <c>audio/*</c>.</summary>
    /// <inheritdoc cref="Text"/>
    public static Route Audio(string name, IEmbeddingGenerator<DataContent, Embedding<float>> generator, params IReadOnlyList<EmbeddingIntent> intents) => Media(name, EmbeddingModality.Audio, generator, intents);

    /// <summary>A route of moving pictures: <see cref="DataContent"/> of <c>video/*</c>.</summary>
    /// <inheritdoc cref="Text"/>
    public static Route Video(string name, IEmbeddingGenerator<DataContent, Embedding<float>> generator, params IReadOnlyList<EmbeddingIntent> intents) => Media(name, EmbeddingModality.Video, generator, intents);

    /// <summary>A route of items with several parts, for a model or service that fuses them itself: <see cref="CompositeContent"/> with <see cref="CompositeFusion.Joint"/>.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="generator">Embeds them; it stays the caller's.</param>
    /// <exception cref="ArgumentException">The name is blank.</exception>
    public static Route Joint(string name, IEmbeddingGenerator<CompositeContent, Embedding<float>> generator)
    {
        ArgumentNullException.ThrowIfNull(generator);
        return new(name, () => generator);
    }

    /// <summary>The same for a generator that is resolved when it is first needed.</summary>
    internal static Route Joint(string name, Func<IEmbeddingGenerator<CompositeContent, Embedding<float>>> generator) => new(name, generator);

    /// <summary>The route to a registered framework, whose generator is resolved when it is first needed.</summary>
    /// <param name="framework">The framework.</param>
    /// <param name="services">Resolves its generator by its name as service key.</param>
    /// <param name="intents">The intents it is for; none means all.</param>
    public static Route Of(EmbeddingFramework framework, IServiceProvider services, params IReadOnlyList<EmbeddingIntent> intents)
    {
        ArgumentNullException.ThrowIfNull(framework);
        ArgumentNullException.ThrowIfNull(services);
        return framework.Modality == EmbeddingModality.Text
            ? new(framework.Name, () => services.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>(framework.Name), framework.MediaTypes, intents, framework)
            : new(framework.Name, framework.Modality, () => services.GetRequiredKeyedService<IEmbeddingGenerator<DataContent, Embedding<float>>>(framework.Name), framework.MediaTypes, intents, framework);
    }

    /// <summary>Whether it takes a media type.</summary>
    /// <param name="mediaType">E.g. <c>image/png</c>; parameters after <c>;</c> are ignored.</param>
    public bool Takes(string mediaType)
    {
        ArgumentNullException.ThrowIfNull(mediaType);
        return MediaTypePattern.Takes(MediaTypes, mediaType);
    }

    /// <summary>Asks the generator for something; it is resolved, which may load its model.</summary>
    internal object? GetService(Type serviceType) => Generator.GetService(serviceType);

    /// <summary>The space of its vectors, where the generator says it before it has given any.</summary>
    internal EmbeddingSpace? Space => Generator.GetService<EmbeddingSpace>();

    /// <summary>Whether the framework says that it can be used; a generator given by hand can.</summary>
    internal bool IsAvailable => _framework?.Detect().IsAvailable ?? true;

    private IEmbeddingGenerator Generator => _text is not null ? _text() : _media is not null ? _media() : _composite!();

    /// <summary>Embeds inputs by one call of the generator; each vector says its space.</summary>
    internal async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IReadOnlyList<PlannedInput> inputs, EmbeddingGenerationOptions? options, CancellationToken cancellationToken)
    {
        Task<GeneratedEmbeddings<Embedding<float>>> call = _text is not null ? _text().GenerateAsync([.. inputs.Select(input => input.Text!)], options, cancellationToken)
            : _media is not null ? _media().GenerateAsync([.. inputs.Select(input => (DataContent)input.Content)], options, cancellationToken)
            : _composite!().GenerateAsync([.. inputs.Select(input => (CompositeContent)input.Content)], options, cancellationToken);
        GeneratedEmbeddings<Embedding<float>> embeddings = await call.ConfigureAwait(false);
        for (int i = 0; i < embeddings.Count; i++)
            embeddings[i] = Stamped(embeddings[i]);
        return embeddings;
    }

    private static Route Media(string name, EmbeddingModality modality, IEmbeddingGenerator<DataContent, Embedding<float>> generator, IReadOnlyList<EmbeddingIntent> intents)
    {
        ArgumentNullException.ThrowIfNull(generator);
        return new(name, modality, () => generator, [$"{modality.ToString().ToLowerInvariant()}/*"], intents);
    }

    // A generator of other origin may name no space; its vectors then are of a space of the route's own, so that they are never taken for another's.
    private Embedding<float> Stamped(Embedding<float> embedding)
    {
        if (EmbeddingSpace.SpaceIdOf(embedding) is not null)
            return embedding;
        int dimensions = embedding.Vector.Length;
        EmbeddingSpace? known = Space;
        EmbeddingSpace space = known is not null && dimensions >= 1 && dimensions <= known.Dimensions ? known.Cut(dimensions) : new EmbeddingSpace
        {
            SpaceId = $"{Name}/{embedding.ModelId ?? Generator.GetService<EmbeddingGeneratorMetadata>()?.DefaultModelId ?? "unnamed"}/{dimensions}",
            Fingerprint = $"{Name}/{embedding.ModelId ?? "unnamed"}",
            Dimensions = Math.Max(dimensions, 1),
            Metric = SimilarityMetric.Cosine,
            IsNormalized = false,
        };

        // A copy: the vector may be somebody else's, e.g. of a cache.
        var copy = new Embedding<float>(embedding.Vector) { ModelId = embedding.ModelId, CreatedAt = embedding.CreatedAt, AdditionalProperties = embedding.AdditionalProperties?.Clone() };
        space.Stamp(copy);
        return copy;
    }
}
