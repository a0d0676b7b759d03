using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Polymodal.Providers.Local.Audio;
using Polymodal.Providers.Local.Audio.Decoding;
using Polymodal.Providers.Local.Scheduling;

namespace Polymodal.Providers.Local;

/// <summary>Sound to vectors, in process. Every local sound framework is this class over another model folder.</summary>
/// <remarks>
/// Safe for concurrent use. Channels are averaged and the rate is changed to the model's. A sound shorter than the model needs, one without samples among them, is
/// followed by silence; a longer one than a window is averaged over windows (see <see cref="LocalAudioEmbeddingOptions.LongSound"/>).
/// <c>GetService</c> gives the <see cref="EmbeddingSpace"/>, of a model with several towers the <see cref="ContrastiveScale"/>, the <see cref="EmbeddingGeneratorMetadata"/> and the <see cref="LocalAudioModel"/>.
/// </remarks>
public sealed partial class LocalAudioEmbeddingGenerator : IEmbeddingGenerator<DataContent, Embedding<float>>
{
    /// <summary>Where the <c>AdditionalProperties</c> of a result hold its <see cref="CallStatistics"/>.</summary>
    public const string StatisticsKey = LocalGeneration.StatisticsKey;

    private const int WindowsAhead = 4;
    private readonly LocalAudioModel _model;
    private readonly LocalGeneration _generation;
    private readonly ILogger _logger;

    /// <summary>Wraps a loaded model, which the generator then owns.</summary>
    /// <param name="model">The model.</param>
    /// <param name="providerName">The framework's name, for metadata; e.g. <c>wav2vec2</c>.</param>
    /// <param name="loggerFactory">Where to log; null for nowhere.</param>
    /// <exception cref="ArgumentNullException"><paramref name="model"/> or <paramref name="providerName"/> is null.</exception>
    public LocalAudioEmbeddingGenerator(LocalAudioModel model, string providerName, ILoggerFactory? loggerFactory = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrWhiteSpace(providerName);
        _model = model;
        _generation = new LocalGeneration(model.Name, model.Space, providerName);
        _logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<LocalAudioEmbeddingGenerator>();
        LogLoaded(model.Name, model.Space.SpaceId, model.SamplingRate, model.WindowLength);
        model.PlanFound = plan => LogPlan(model.Name, plan);
    }

    /// <summary>Loads a model folder without blocking the caller.</summary>
    /// <param name="modelPath">The folder.</param>
    /// <param name="options">Weights, pooling, windows; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">A file of it is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or two of them disagree; the message names file and field.</exception>
    /// <exception cref="NotSupportedException">The folder asks for something that is not built; the message lists what is.</exception>
    public static Task<LocalAudioEmbeddingGenerator> LoadAsync(string modelPath, LocalAudioEmbeddingOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => new LocalAudioEmbeddingGenerator(LocalAudioModel.Load(modelPath, options), "local"), cancellationToken);

    /// <summary>Embeds encoded sounds: the bytes of files. What they are is told by the bytes, not by the media type.</summary>
    /// <param name="values">Any number of sounds.</param>
    /// <param name="options"><c>Dimensions</c> cuts the vectors, which are scaled to unit length again where the model's are; <c>ModelId</c>, when given, must be this model's.</param>
    /// <param name="cancellationToken">Ends the call at once, and the runs of the model that hold no sounds of other callers.</param>
    /// <returns>One vector a sound, in the order given, each with its space; the same alone and in any list. <c>AdditionalProperties</c> has, under <see cref="StatisticsKey"/>, the <see cref="CallStatistics"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="values"/> or one of them is null.</exception>
    /// <exception cref="ArgumentException"><c>ModelId</c> names another model.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><c>Dimensions</c> is more than the model has, or below 1.</exception>
    /// <exception cref="InvalidDataException">A sound is damaged; the message says which one, and how.</exception>
    /// <exception cref="NotSupportedException">A sound's format is not read here; the message says what would read it.</exception>
    /// <exception cref="EmbeddingOverloadException">Too much waits for the model already; it says when to try again.</exception>
    /// <exception cref="ObjectDisposedException">The generator was disposed.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<DataContent> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        GenerateAsync(LocalGeneration.Checked(values, "sound"), SoundSource.Of, options, cancellationToken);

    /// <summary>Embeds sounds that are samples already.</summary>
    /// <inheritdoc cref="GenerateAsync(IEnumerable{DataContent}, EmbeddingGenerationOptions, CancellationToken)"/>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<AudioSamples> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        GenerateAsync(LocalGeneration.Checked(values, "sound"), SoundSource.Of, options, cancellationToken);

    /// <summary>Embeds files, which are read as they are decoded.</summary>
    /// <inheritdoc cref="GenerateAsync(IEnumerable{DataContent}, EmbeddingGenerationOptions, CancellationToken)"/>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<FileInfo> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        GenerateAsync(LocalGeneration.Checked(values, "file"), SoundSource.Of, options, cancellationToken);

    /// <summary>Embeds encoded sounds that are read once, from where each stream stands, while they are decoded; the streams stay the caller's and must be different ones.</summary>
    /// <inheritdoc cref="GenerateAsync(IEnumerable{DataContent}, EmbeddingGenerationOptions, CancellationToken)"/>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<Stream> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        GenerateAsync(Array.ConvertAll(LocalGeneration.Checked(values, "stream"), StreamedSound.Of), options, cancellationToken);

    /// <summary>Embeds sounds whose samples arrive one after the other, each read once; the readers stay the caller's and must be different ones.</summary>
    /// <inheritdoc cref="GenerateAsync(IEnumerable{DataContent}, EmbeddingGenerationOptions, CancellationToken)"/>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<AudioReader> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        GenerateAsync(Array.ConvertAll(LocalGeneration.Checked(values, "reader"), StreamedSound.Of), options, cancellationToken);

    /// <summary>Embeds a sound window by window while it is read: a long recording, or one that is still being made.</summary>
    /// <param name="stream">The encoded sound, read from where it stands; it stays the caller's.</param>
    /// <param name="options">As for the other calls.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The windows in order, with their times. A sound without samples has one.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="stream"/> is null.</exception>
    /// <exception cref="InvalidDataException">The sound is damaged.</exception>
    /// <exception cref="NotSupportedException">Its format is not read here.</exception>
    public async IAsyncEnumerable<AudioWindowEmbedding> GenerateWindowsAsync(
        Stream stream, EmbeddingGenerationOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using AudioReader reader = await Task.Run(() => _model.Sounds.Decoder.Open(stream), cancellationToken).ConfigureAwait(false);
        await foreach (AudioWindowEmbedding window in GenerateWindowsAsync(reader, options, cancellationToken).ConfigureAwait(false))
            yield return window;
    }

    /// <summary>Embeds a sound window by window while its samples arrive.</summary>
    /// <param name="reader">Gives the samples; it stays the caller's.</param>
    /// <param name="options">As for the other calls.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <inheritdoc cref="GenerateWindowsAsync(Stream, EmbeddingGenerationOptions, CancellationToken)"/>
    public async IAsyncEnumerable<AudioWindowEmbedding> GenerateWindowsAsync(
        AudioReader reader, EmbeddingGenerationOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var windows = new SoundWindows(reader, _model.SamplingRate, _model.Sounds.Plan);
        var calls = new Queue<(SoundWindow Window, Task<GeneratedEmbeddings<Embedding<float>>> Call)>();
        bool ended = false;
        while (!ended || calls.Count > 0)
        {
            if (!ended && calls.Count < WindowsAhead)
            {
                SoundWindow next = default;
                ended = !await Task.Run(() => windows.TryNext(out next), cancellationToken).ConfigureAwait(false);
                if (!ended)
                    calls.Enqueue((next, GenerateAsync([new AudioSamples(next.Samples, _model.SamplingRate)], options, cancellationToken)));
                continue;
            }

            (SoundWindow window, Task<GeneratedEmbeddings<Embedding<float>>> call) = calls.Dequeue();
            double rate = _model.SamplingRate;
            yield return new AudioWindowEmbedding(TimeSpan.FromSeconds(window.Start / rate), TimeSpan.FromSeconds(window.Samples.Length / rate), (await call.ConfigureAwait(false))[0]);
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) => _generation.GetService(serviceType, serviceKey, this, _model);

    /// <summary>Ends runs under way, fails calls that wait, then frees the model. May be called again.</summary>
    public void Dispose() => _model.Dispose();

    private async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(StreamedSound[] sounds, EmbeddingGenerationOptions? options, CancellationToken cancellationToken)
    {
        try
        {
            return await GenerateAsync(sounds, sound => sound.Source, options, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Array.ForEach(sounds, sound => sound.Dispose());
        }
    }

    private async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync<T>(T[] values, Func<T, SoundSource> sourceOf, EmbeddingGenerationOptions? options, CancellationToken cancellationToken)
    {
        EmbeddingSpace space = _generation.SpaceFor(options);
        SoundSource[] sources = [.. values.Select(sourceOf)];
        AudioEncoding result = await _generation.MeasureAsync(space.Dimensions, () => _model.EncodeAsync(sources, space.Dimensions, cancellationToken)).ConfigureAwait(false);
        return _generation.Results(result, space);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Model}: measuring found {Plan} fastest")]
    private partial void LogPlan(string model, RunPlan plan);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Model} is loaded: space {Space}, hears {SamplingRate} Hz in windows of {Window}")]
    private partial void LogLoaded(string model, string space, int samplingRate, TimeSpan window);
}
