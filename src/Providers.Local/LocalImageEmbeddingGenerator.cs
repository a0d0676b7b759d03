using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Polymodal.Providers.Local.Images;
using Polymodal.Providers.Local.Scheduling;

namespace Polymodal.Providers.Local;

/// <summary>Pictures to vectors, in process. Every local picture framework is this class over another model folder.</summary>
/// <remarks>
/// Safe for concurrent use. What a picture is, is told by its bytes; the media type of a <see cref="DataContent"/> is not looked at.
/// <c>GetService</c> gives the <see cref="EmbeddingSpace"/>, of a model with several towers the <see cref="ContrastiveScale"/>, the <see cref="EmbeddingGeneratorMetadata"/> and the <see cref="LocalImageModel"/>;
/// of a classifier also the <see cref="IContentClassifier"/> and, where the folder has them, the <see cref="ConseSettings"/>.
/// </remarks>
public sealed partial class LocalImageEmbeddingGenerator : IEmbeddingGenerator<DataContent, Embedding<float>>
{
    /// <summary>Where the <c>AdditionalProperties</c> of a result hold its <see cref="CallStatistics"/>.</summary>
    public const string StatisticsKey = LocalGeneration.StatisticsKey;

    // Enough pictures that all threads have work, few enough that their files fit into memory.
    private static readonly StreamChunks<DataContent> Chunks = new(Count: 32, Size: 64 << 20, picture => picture.Data.Length);

    private readonly LocalImageModel _model;
    private readonly LocalGeneration _generation;
    private readonly ILogger _logger;

    /// <summary>Wraps a loaded model, which the generator then owns.</summary>
    /// <param name="model">The model.</param>
    /// <param name="providerName">The framework's name, for metadata; e.g. <c>clip</c>.</param>
    /// <param name="loggerFactory">Where to log; null for nowhere.</param>
    /// <exception cref="ArgumentNullException"><paramref name="model"/> or <paramref name="providerName"/> is null.</exception>
    public LocalImageEmbeddingGenerator(LocalImageModel model, string providerName, ILoggerFactory? loggerFactory = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrWhiteSpace(providerName);
        _model = model;
        _generation = new LocalGeneration(model.Name, model.Space, providerName);
        _logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<LocalImageEmbeddingGenerator>();
        LogLoaded(model.Name, model.Space.SpaceId);
        model.PlanFound = plan => LogPlan(model.Name, plan);
    }

    /// <summary>Loads a model folder without blocking the caller.</summary>
    /// <param name="modelPath">The folder.</param>
    /// <param name="options">Weights, pooling, limits and threads; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">A file of it is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or two of them disagree; the message names file and field.</exception>
    /// <exception cref="NotSupportedException">The folder asks for something that is not built; the message lists what is.</exception>
    public static Task<LocalImageEmbeddingGenerator> LoadAsync(string modelPath, LocalImageEmbeddingOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => new LocalImageEmbeddingGenerator(LocalImageModel.Load(modelPath, options), "local"), cancellationToken);

    /// <summary>Embeds pictures.</summary>
    /// <param name="values">The files' bytes, or <c>data:</c> URIs; any number.</param>
    /// <param name="options"><c>Dimensions</c> cuts the vectors; <c>ModelId</c>, when given, must be this model's. Intents make no difference.</param>
    /// <param name="cancellationToken">Ends the call at once, and the runs of the model that hold no pictures of other callers.</param>
    /// <returns>One vector a picture, in the order given, each with its space. <c>AdditionalProperties</c> has, under <see cref="StatisticsKey"/>, the <see cref="CallStatistics"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="values"/> or one of them is null.</exception>
    /// <exception cref="ArgumentException"><c>ModelId</c> names another model.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><c>Dimensions</c> is more than the model has, or below 1.</exception>
    /// <exception cref="InvalidDataException">A picture is damaged or exceeds a limit; the message says which.</exception>
    /// <exception cref="NotSupportedException">A picture has a format that is not read.</exception>
    /// <exception cref="EmbeddingOverloadException">Too much waits for the model already; it says when to try again.</exception>
    /// <exception cref="ObjectDisposedException">The generator was disposed.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<DataContent> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        GenerateAsync([.. LocalGeneration.Checked(values, "picture").Select(picture => new ImageInput(picture.Data))], options, cancellationToken);

    /// <summary>Embeds raw pixels, see <see cref="GenerateAsync(IEnumerable{DataContent}, EmbeddingGenerationOptions, CancellationToken)"/>.</summary>
    /// <param name="values">The pictures; any number.</param>
    /// <param name="options">As there.</param>
    /// <param name="cancellationToken">As there.</param>
    /// <returns>One vector a picture, in the order given.</returns>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<PixelBuffer> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        GenerateAsync([.. LocalGeneration.Checked(values, "picture").Select(picture => new ImageInput(default, picture))], options, cancellationToken);

    /// <summary>Embeds pictures from a source that may be larger than memory.</summary>
    /// <param name="values">The pictures; read only so far ahead that the model does not wait, about a hundred pictures.</param>
    /// <param name="options">As for <see cref="GenerateAsync(IEnumerable{DataContent}, EmbeddingGenerationOptions, CancellationToken)"/>.</param>
    /// <param name="cancellationToken">Ends the reading and what was read ahead.</param>
    /// <returns>One vector a picture, in the order given. Leaving the loop ends the reading. A full queue is waited for.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="values"/> or one of them is null.</exception>
    public IAsyncEnumerable<Embedding<float>> GenerateStreamAsync(IAsyncEnumerable<DataContent> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new EmbeddingStream<DataContent>((chunk, token) => GenerateAsync(chunk, options, token), Chunks).RunAsync(values, cancellationToken);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) => _generation.GetService(serviceType, serviceKey, this, _model)
        ?? (serviceKey is not null || !_model.IsClassifier ? null
            : serviceType == typeof(IContentClassifier) ? _model
            : serviceType == typeof(ConseSettings) ? _model.Conse
            : null);

    /// <summary>Ends runs under way, fails calls that wait, then frees the model. May be called again.</summary>
    public void Dispose() => _model.Dispose();

    private async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(ImageInput[] inputs, EmbeddingGenerationOptions? options, CancellationToken cancellationToken)
    {
        EmbeddingSpace space = _generation.SpaceFor(options);
        ImageEncoding result = await _generation.MeasureAsync(space.Dimensions, () => _model.EncodeAsync(inputs, space.Dimensions, cancellationToken)).ConfigureAwait(false);
        return _generation.Results(result, space);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Model}: measuring found {Plan} fastest")]
    private partial void LogPlan(string model, RunPlan plan);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Model} is loaded: space {Space}")]
    private partial void LogLoaded(string model, string space);
}
