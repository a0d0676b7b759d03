using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Polymodal.Providers.Local.Scheduling;
using Polymodal.Providers.Local.Text;

namespace Polymodal.Providers.Local;

/// <summary>Text to vectors, in process. Every local text framework is this class over another model folder.</summary>
/// <remarks>
/// Safe for concurrent use. A text longer than the model takes loses its end, which is logged once, as is a call without intent to a model
/// that was trained with prompts. Unpaired surrogates count as U+FFFD.
/// <c>GetService</c> gives the <see cref="EmbeddingSpace"/>, of a model with several towers the <see cref="ContrastiveScale"/>, the <see cref="EmbeddingGeneratorMetadata"/> and the <see cref="LocalTextModel"/>.
/// </remarks>
public sealed partial class LocalTextEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    /// <summary>Where the <c>AdditionalProperties</c> of a result hold its <see cref="CallStatistics"/>.</summary>
    public const string StatisticsKey = LocalGeneration.StatisticsKey;

    private static readonly StreamChunks<string> Chunks = new(Count: 512, Size: 1_000_000, text => text.Length);

    private readonly LocalTextModel _model;
    private readonly LocalGeneration _generation;
    private readonly ILogger _logger;
    private int _cutReported, _promptReported;

    /// <summary>Wraps a loaded model, which the generator then owns.</summary>
    /// <param name="model">The model.</param>
    /// <param name="providerName">The framework's name, for metadata; e.g. <c>sentence-transformers</c>.</param>
    /// <param name="loggerFactory">Where to log; null for nowhere. No input text is ever logged.</param>
    /// <exception cref="ArgumentNullException"><paramref name="model"/> or <paramref name="providerName"/> is null.</exception>
    public LocalTextEmbeddingGenerator(LocalTextModel model, string providerName, ILoggerFactory? loggerFactory = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrWhiteSpace(providerName);
        _model = model;
        _generation = new LocalGeneration(model.Name, model.Space, providerName);
        _logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<LocalTextEmbeddingGenerator>();
        LogLoaded(model.Name, model.Space.SpaceId, model.MaxTokens);
        if (model.ScaleSpansBatch)
            LogScaleSpansBatch(model.Name);
        model.PlanFound = plan => LogPlan(model.Name, plan);
    }

    /// <summary>Loads a model folder without blocking the caller.</summary>
    /// <param name="modelPath">The folder.</param>
    /// <param name="options">Weights, run size and threads; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">A file of it is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or two of them disagree; the message names file and field.</exception>
    /// <exception cref="NotSupportedException">The folder asks for something that is not built; the message lists what is.</exception>
    public static Task<LocalTextEmbeddingGenerator> LoadAsync(string modelPath, LocalTextEmbeddingOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => new LocalTextEmbeddingGenerator(LocalTextModel.Load(modelPath, options), "local"), cancellationToken);

    /// <summary>Embeds texts.</summary>
    /// <param name="values">Any number of texts; empty text is allowed and has a vector.</param>
    /// <param name="options">
    /// The intent (<see cref="EmbeddingGenerationOptionsExtensions.WithIntent"/>) chooses the model's prompt; <c>Dimensions</c> cuts the vectors, which are
    /// scaled to unit length again where the model's are; <c>ModelId</c>, when given, must be this model's.
    /// </param>
    /// <param name="cancellationToken">Ends the call at once, and the runs of the model that hold no texts of other callers.</param>
    /// <returns>
    /// One vector a text, in the order given, each with its space, and the number of tokens as usage. <c>AdditionalProperties</c> has, under
    /// <see cref="StatisticsKey"/>, the <see cref="CallStatistics"/>.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="values"/> or one of them is null.</exception>
    /// <exception cref="ArgumentException"><c>ModelId</c> names another model.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><c>Dimensions</c> is more than the model has, or below 1.</exception>
    /// <exception cref="EmbeddingOverloadException">Too much waits for the model already; it says when to try again.</exception>
    /// <exception cref="ObjectDisposedException">The generator was disposed.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        string[] texts = LocalGeneration.Checked(values, "text", "Give empty text where there is none.");
        EmbeddingSpace space = _generation.SpaceFor(options);
        if (options.GetIntent() is null && _model.DefaultPrompt.Length == 0 && _model.Prompts.Values.Any(prompt => prompt.Length > 0) && Interlocked.Exchange(ref _promptReported, 1) == 0)
            LogNoIntent(_model.Name, string.Join(", ", _model.Prompts.Keys));

        if (_model.LongText == LongTextHandling.Pool && await PoolLongAsync(texts, options, cancellationToken).ConfigureAwait(false) is { } pooled)
            return pooled;

        var encoding = new TextEncodingOptions { Prompt = _model.PromptFor(options.GetIntent()), Intent = options.GetIntent() };
        if (space.Dimensions != _model.Space.Dimensions)
            encoding = encoding with { Dimensions = space.Dimensions, Normalize = space.IsNormalized };
        TextEncoding result = await _generation.MeasureAsync(space.Dimensions, () => _model.EncodeAsync(texts, encoding, cancellationToken)).ConfigureAwait(false);
        if (result.CutTexts > 0 && Interlocked.Exchange(ref _cutReported, 1) == 0)
            LogCut(_model.Name, result.CutTexts, texts.Length, _model.MaxTokens);
        return _generation.Results(result, space);
    }

    /// <summary>Embeds texts from a source that may be larger than memory.</summary>
    /// <param name="values">The texts; read only so far ahead that the model does not wait, about 2,000 texts.</param>
    /// <param name="options">As for <see cref="GenerateAsync"/>.</param>
    /// <param name="cancellationToken">Ends the reading and what was read ahead.</param>
    /// <returns>One vector a text, in the order given. Leaving the loop ends the reading. A full queue is waited for.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="values"/> or one of them is null.</exception>
    /// <exception cref="ArgumentException">As for <see cref="GenerateAsync"/>.</exception>
    /// <exception cref="ObjectDisposedException">The generator was disposed.</exception>
    public IAsyncEnumerable<Embedding<float>> GenerateStreamAsync(IAsyncEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new EmbeddingStream<string>((chunk, token) => GenerateAsync(chunk, options, token), Chunks).RunAsync(values, cancellationToken);
    }

    /// <inheritdoc cref="GenerateStreamAsync(IAsyncEnumerable{string}, EmbeddingGenerationOptions, CancellationToken)"/>
    public IAsyncEnumerable<Embedding<float>> GenerateStreamAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        return GenerateStreamAsync(values.ToAsyncEnumerable(), options, cancellationToken);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) => _generation.GetService(serviceType, serviceKey, this, _model);

    /// <summary>Ends runs under way, fails calls that wait, then frees the model. May be called again.</summary>
    public void Dispose() => _model.Dispose();

    [LoggerMessage(Level = LogLevel.Information, Message = "{Model}: measuring found {Plan} fastest")]
    private partial void LogPlan(string model, RunPlan plan);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Model} quantises all texts of a run with one scale, so it is run text by text; `polymodal models quantize` makes a file with a scale for each token, which is faster and gives the same vector in any run")]
    private partial void LogScaleSpansBatch(string model);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Model} is loaded: space {Space}, at most {MaxTokens} tokens a text")]
    private partial void LogLoaded(string model, string space, int maxTokens);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Model} was trained with prompts ({Prompts}) and got a call without intent; use GenerateQueryAsync, GenerateDocumentsAsync or WithIntent (said once)")]
    private partial void LogNoIntent(string model, string prompts);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Model}: {Cut} of {Count} texts were longer than {MaxTokens} tokens and lost their end; cut long texts into passages first (said once)")]
    private partial void LogCut(string model, int cut, int count, int maxTokens);
}
