using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Polymodal.Providers.Cloud;

/// <summary>Texts, pictures, sounds or films to vectors, at a service. Every cloud framework is this class over another description of a service.</summary>
/// <typeparam name="TInput"><see cref="string"/> or <see cref="DataContent"/>.</typeparam>
/// <remarks>
/// Safe for concurrent use; all callers share the limit of requests under way. Lists are split by the model's limits of inputs, tokens and bytes, and halved where the service says "too
/// many". Each answer is checked: one vector an input, in order, of the expected length, finite. Unpaired surrogates count as U+FFFD.
/// <c>GetService</c> gives the <see cref="EmbeddingGeneratorMetadata"/>, the <see cref="CloudModel"/> and the <see cref="EmbeddingSpace"/>; a model that is neither listed nor described
/// (<see cref="CloudOptions.ModelDetails"/>, <see cref="CloudOptions.Dimensions"/>) has no space before its first answer.
/// </remarks>
public sealed partial class CloudEmbeddingGenerator<TInput> : IEmbeddingGenerator<TInput, Embedding<float>>
{
    private readonly CloudApi _api;
    private readonly CloudClient _client;
    private readonly CloudOptions _options;
    private readonly CloudModel _model;
    private readonly EmbeddingGeneratorMetadata _metadata;
    private readonly ILogger _logger;
    private int? _learntDimensions;
    private int _intentReported;

    internal CloudEmbeddingGenerator(CloudApi api, CloudModel model, CloudOptions options, ILoggerFactory? loggerFactory)
    {
        (_api, _model, _options) = (api, model, options);
        _logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger($"Polymodal.Providers.Cloud.{api.Service.Name}");
        _ = model.DimensionsToAsk(options.Dimensions);
        Encoding = options.Encoding ?? (model.Encodings.Contains(CloudEncoding.Base64) ? CloudEncoding.Base64 : CloudEncoding.Float);
        if (!model.Encodings.Contains(Encoding))
            throw new ArgumentException($"Encoding is {Encoding}; {model.Id} gives {string.Join(", ", model.Encodings)}. Choose one of these.", nameof(options));
        _client = new CloudClient(api.Service, options, model.Id, _logger);
        _metadata = new EmbeddingGeneratorMetadata(api.Service.Name, _client.Endpoint, model.Id, options.Dimensions ?? model.Dimensions);
    }

    /// <summary>The form in which vectors travel.</summary>
    internal CloudEncoding Encoding { get; }

    /// <summary>The client, for a step before this one at the same service.</summary>
    internal CloudClient Client => _client;

    /// <summary>Embeds inputs.</summary>
    /// <param name="values">Any number of inputs; none is a call without cost. Empty text is refused.</param>
    /// <param name="options">
    /// The intent (<see cref="EmbeddingGenerationOptionsExtensions.WithIntent"/>) becomes the service's own word or prefix; <c>Dimensions</c> asks for another length; <c>ModelId</c>,
    /// when given, must be this model's.
    /// </param>
    /// <param name="cancellationToken">Ends the call at once.</param>
    /// <returns>One vector an input, in the order given, each with its space. Usage is what the service said, or null.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="values"/> or one of them is null.</exception>
    /// <exception cref="ArgumentException">An input is empty, too long, or of a kind that the model does not take; <c>ModelId</c> names another model. Nothing was sent.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The model has no vectors of that length.</exception>
    /// <exception cref="CloudServiceException">The service failed or refused. <see cref="CloudServiceException.Completed"/> has the vectors computed before.</exception>
    /// <exception cref="ObjectDisposedException">The generator was disposed.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<TInput> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        cancellationToken.ThrowIfCancellationRequested();
        if (options?.ModelId is { } modelId && modelId != _model.Id)
            throw new ArgumentException($"options.ModelId is '{modelId}', but this generator calls '{_model.Id}'. Leave it out, or register that model under a key of its own.", nameof(options));
        EmbeddingIntent? intent = options.GetIntent();
        int? wanted = options?.Dimensions ?? _options.Dimensions, asked = _model.DimensionsToAsk(wanted);
        CloudInput[] inputs = CloudInputs.Prepare<TInput>([.. values], _api.Service.Name, _model, intent, _options);
        if (inputs.Length == 0)
            return new GeneratedEmbeddings<Embedding<float>> { Usage = new() { InputTokenCount = 0, TotalTokenCount = 0 } };
        if (intent is null && (_model.Tasks.Count > 0 || _model.Prefixes.Count > 0) && Interlocked.Exchange(ref _intentReported, 1) == 0)
            LogNoIntent(_model.Id);

        string? task = intent is { } known && _model.Tasks.TryGetValue(known, out string? word) ? word : _model.DefaultTask;
        CloudBatch batch = new(inputs, _model, asked, task, Encoding, _options.Truncation == CloudTruncation.Cut, _options.Normalize);
        float[][] vectors = new float[inputs.Length][];
        return await CloudTelemetry.MeasureAsync("embeddings", _api.Service.Name, _model.Id, _options.Time, async usage =>
        {
            Exception? failure = await CloudBatches.RunAsync(
                Ranges(batch), (range, stopped) => SendAsync(batch, range, wanted, vectors, usage, stopped, cancellationToken), cancellationToken).ConfigureAwait(false);
            if (failure is null)
                return Result(vectors, wanted, usage);
            throw failure is CloudServiceException exception ? WithCompleted(exception, vectors, wanted, usage) : failure;
        }).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata
            : serviceType == typeof(CloudModel) ? _model
            : serviceType == typeof(EmbeddingSpace) && (_options.Dimensions ?? _model.Dimensions ?? _learntDimensions) is { } dimensions ? Space(dimensions)
            : null;
    }

    /// <summary>Ends requests under way and closes the connections. May be called again.</summary>
    public void Dispose() => _client.Dispose();

    private IEnumerable<CloudRange> Ranges(CloudBatch batch)
    {
        Func<string, int> count = _options.CountTokens ?? TokenEstimate.Count;
        int most = batch.IsMedia ? _model.MaxMediaPerRequest : _model.MaxInputsPerRequest;
        return CloudBatches.Split(
            batch.Inputs.Count, Math.Min(_options.MaxInputsPerRequest ?? most, most), batch.IsMedia ? null : _model.MaxTokensPerRequest, _model.MaxBytesPerRequest,
            i => count(batch.Inputs[i].Text!), i => batch.Inputs[i].Size);
    }

    private Task<bool> SendAsync(CloudBatch all, CloudRange range, int? wanted, float[][] vectors, CloudUsageSum usage, Func<bool> stopped, CancellationToken cancellationToken) =>
        _client.InPlaceAsync(async () =>
        {
            if (stopped())
                return false;
            string where = range.Describe(all.Inputs.Count);
            CloudBatch part = all with { Inputs = new ArraySegment<CloudInput>((CloudInput[])all.Inputs, range.Start, range.Count) };
            CloudVectors answer = await _api.SendAsync(_client, part, where, cancellationToken).ConfigureAwait(false);
            usage.Add(answer.Usage);
            float[][] read = new float[range.Count][];
            int? expected = wanted ?? _model.Dimensions ?? _learntDimensions;
            CloudVectorCheck.Read(answer.Vectors, read, expected, Encoding, _options.Normalize, found => _client.InvalidAnswer(
                where, found, expected is null ? "Check the model's name and Endpoint." : "If the model has changed, describe it anew in ModelDetails."));
            if (expected is null)
                _learntDimensions ??= read[0].Length;
            read.CopyTo(vectors, range.Start);
            return true;
        }, cancellationToken);

    private GeneratedEmbeddings<Embedding<float>> Result(float[][] vectors, int? wanted, CloudUsageSum usage)
    {
        EmbeddingSpace space = Space(wanted ?? vectors[0].Length);
        return new GeneratedEmbeddings<Embedding<float>>(vectors.Select(vector => Stamped(vector, space))) { Usage = usage.Details() };
    }

    private CloudServiceException WithCompleted(CloudServiceException exception, float[][] vectors, int? wanted, CloudUsageSum usage)
    {
        exception.SetCompleted(
            vectors.Length, Enumerable.Range(0, vectors.Length).Where(i => vectors[i] is not null).ToDictionary(i => i, i => Stamped(vectors[i], Space(wanted ?? vectors[i].Length))), usage.Details());
        return exception;
    }

    private Embedding<float> Stamped(float[] vector, EmbeddingSpace space)
    {
        var embedding = new Embedding<float>(vector) { ModelId = _model.Id };
        space.Stamp(embedding);
        return embedding;
    }

    private EmbeddingSpace Space(int dimensions)
    {
        string form = $"{(Encoding is CloudEncoding.Int8 or CloudEncoding.Binary ? $"/{Encoding.ToString().ToLowerInvariant()}" : "")}{(_options.Normalize ? "" : "/raw")}";
        string id = $"{_api.Service.Name}/{_model.SpaceName ?? _model.Id}/{dimensions}{form}";
        return new EmbeddingSpace
        {
            SpaceId = id,
            Fingerprint = $"{id} {_model.Id} {_client.Endpoint} {_options.Truncation} {string.Join(',', _model.Tasks.OrderBy(pair => pair.Key).Select(pair => pair.Value))} {_model.DefaultTask} {string.Join(',', _model.Prefixes.OrderBy(pair => pair.Key).Select(pair => pair.Value))}",
            Dimensions = dimensions,
            Metric = SimilarityMetric.Cosine,
            IsNormalized = _options.Normalize,
        };
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Model} makes a difference between queries and documents and got a call without intent; use GenerateQueryAsync, GenerateDocumentsAsync or WithIntent (said once)")]
    private partial void LogNoIntent(string model);
}
