using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Polymodal.Providers.Local.Audio.Decoding;
using Polymodal.Providers.Local.Audio.Features;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Onnx;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Audio.Transcription;

/// <summary>Speech to text with a Whisper folder, in process: offline, from sounds of any length.</summary>
/// <remarks>
/// Safe for concurrent use. The contract is experimental (diagnostic MEAI001). A sound of up to 30 seconds is one part; a longer one is heard in windows, each of which
/// begins where the last whole sentence of the one before ended.
/// </remarks>
public sealed class WhisperSpeechToTextClient : ISpeechToTextClient
{
    private const double SecondsPerTimestamp = 0.02;
    private readonly ModelFolder _folder;
    private readonly WhisperLogMel _hearing;
    private readonly OnnxModel _encoder;
    private readonly WhisperDecoder _decoder;
    private readonly WhisperTokens _tokens;
    private readonly Tokenizer _tokenizer;
    private readonly IAudioDecoder _sounds;
    private readonly SpeechToTextClientMetadata _metadata;
    private readonly int? _threads;

    private WhisperSpeechToTextClient(string path, LocalAudioEmbeddingOptions options)
    {
        _folder = new ModelFolder(path);
        AudioModelConfig config = _folder.Read(AudioModelConfig.File, AudioJson.Default.AudioModelConfig);
        _hearing = FeatureExtractor.Read(_folder, config, known: null) as WhisperLogMel
            ?? throw new NotSupportedException($"{_folder.Name}: its preprocessor is not Whisper's. Transcription takes a folder of Whisper.");
        _tokens = new WhisperTokens(_folder);
        _tokenizer = Tokenizer.FromFolder(path);
        _sounds = options.Decoder ?? new AudioDecoder();
        _threads = options.Threads;
        _metadata = new SpeechToTextClientMetadata("whisper", providerUri: null, _folder.Name);
        _encoder = _folder.LoadGraph(options.Weights.FindIn(_folder, "", "encoder_model"), options.Onnx);
        try
        {
            _decoder = WhisperDecoder.Load(_folder, options.Onnx);
        }
        catch
        {
            _encoder.Dispose();
            throw;
        }
    }

    /// <summary>Loads a folder of Whisper with its encoder and decoder.</summary>
    /// <param name="modelPath">The folder.</param>
    /// <param name="options">Decoder of sounds, weights, threads; null for the defaults.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">A file of it is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged; the message names file and field.</exception>
    /// <exception cref="NotSupportedException">The folder is not one of Whisper.</exception>
    public static WhisperSpeechToTextClient Load(string modelPath, LocalAudioEmbeddingOptions? options = null) =>
        new(modelPath, LocalEmbeddingOptions.Validated(options ?? new()));

    /// <summary>Transcribes a sound.</summary>
    /// <param name="audioSpeechStream">The encoded sound, read from where it stands; it stays the caller's.</param>
    /// <param name="options"><c>SpeechLanguage</c> is what is spoken, found out where it is not given; <c>TextLanguage</c> <c>en</c> with another one asks for a translation.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ArgumentNullException"><paramref name="audioSpeechStream"/> is null.</exception>
    /// <exception cref="InvalidDataException">The sound is damaged.</exception>
    /// <exception cref="NotSupportedException">Its format is not read here, or the language is not known.</exception>
    public async Task<SpeechToTextResponse> GetTextAsync(Stream audioSpeechStream, SpeechToTextOptions? options = null, CancellationToken cancellationToken = default)
    {
        var updates = new List<SpeechToTextResponseUpdate>();
        await foreach (SpeechToTextResponseUpdate update in GetStreamingTextAsync(audioSpeechStream, options, cancellationToken).ConfigureAwait(false))
            updates.Add(update);
        return new SpeechToTextResponse(string.Concat(updates.Select(update => update.Text)).Trim())
        {
            ModelId = _folder.Name,
            StartTime = updates.Count > 0 ? updates[0].StartTime : null,
            EndTime = updates.Count > 0 ? updates[^1].EndTime : null,
        };
    }

    /// <summary>Transcribes a sound while it is read, part by part.</summary>
    /// <inheritdoc cref="GetTextAsync"/>
    public async IAsyncEnumerable<SpeechToTextResponseUpdate> GetStreamingTextAsync(
        Stream audioSpeechStream, SpeechToTextOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(audioSpeechStream);
        using AudioReader reader = await Task.Run(() => _sounds.Open(audioSpeechStream), cancellationToken).ConfigureAwait(false);
        int size = _hearing.Samples;
        var windows = new SoundWindows(reader, _hearing.SamplingRate, new WindowPlan(size, size, 1));
        int? language = null;
        while (true)
        {
            (SoundWindow window, List<Part> parts, int passed) = await Task.Run(() => Hear(windows, options, ref language, cancellationToken), cancellationToken).ConfigureAwait(false);
            if (window.Samples.Length == 0)
                yield break;
            double start = (double)window.Start / _hearing.SamplingRate;
            foreach (Part part in parts.Where(part => part.Text.Length > 0))
            {
                yield return new SpeechToTextResponseUpdate(part.Text)
                {
                    Kind = SpeechToTextResponseUpdateKind.TextUpdated,
                    ModelId = _folder.Name,
                    StartTime = TimeSpan.FromSeconds(start + part.Start),
                    EndTime = TimeSpan.FromSeconds(start + part.End),
                };
            }

            windows.Advance(passed);
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null : serviceType.IsInstanceOfType(this) ? this : serviceType == typeof(SpeechToTextClientMetadata) ? _metadata : null;
    }

    /// <summary>Waits for runs under way, then frees the model. May be called again.</summary>
    public void Dispose()
    {
        _encoder.Dispose();
        _decoder.Dispose();
    }

    /// <summary>The tokens of one window without time stamps, as the greedy loop says them.</summary>
    internal IReadOnlyList<int> Tokens(float[] samples, int mostTokens = int.MaxValue, string? language = null)
    {
        using WhisperDecoder.Session session = Begin(samples, default);
        long[] prompt = _tokens.Prompt(_tokens.Languages.Count == 0 ? null : language is null ? Detect(session) : _tokens.Language(language), translates: false, withTimestamps: false);
        return [.. WhisperWindow.Listen(session, _tokens, prompt, _tokenizer, falls: false, CancellationToken.None).Tokens.Take(mostTokens)];
    }

    private (SoundWindow Window, List<Part> Parts, int Passed) Hear(SoundWindows windows, SpeechToTextOptions? options, ref int? language, CancellationToken cancellationToken)
    {
        SoundWindow window = windows.Peek();
        if (window.Samples.Length == 0)
            return (window, [], 0);
        using WhisperDecoder.Session session = Begin(window.Samples, new RunLimits(_threads, cancellationToken));
        if (_tokens.Languages.Count > 0)
            language ??= options?.SpeechLanguage is { } spoken ? _tokens.Language(spoken) : Detect(session);
        // A sound that fits into one window needs no time stamps to go on by.
        bool isWhole = window.Start == 0 && window.Samples.Length < _hearing.Samples;
        bool translates = options is { TextLanguage: { } wanted } && wanted.StartsWith("en", StringComparison.OrdinalIgnoreCase) && language is { } token && token != _tokens.Languages.GetValueOrDefault("<|en|>");
        WhisperWindow said = WhisperWindow.Listen(session, _tokens, _tokens.Prompt(language, translates, withTimestamps: !isWhole), _tokenizer, falls: true, cancellationToken);
        double seconds = (double)window.Samples.Length / _hearing.SamplingRate;
        if (isWhole)
            return (window, [new Part(0, seconds, Text(said.Tokens))], window.Samples.Length);
        List<Part> parts = Parts(said.Tokens, seconds, out double? ended);
        int passed = ended is { } end and > 0 ? Math.Min(window.Samples.Length, (int)(end * _hearing.SamplingRate)) : window.Samples.Length;
        return (window, parts, window.Samples.Length < _hearing.Samples ? window.Samples.Length : passed);
    }

    // Text between time stamps. A part that the window cuts has no end: the next window begins where the last whole one ended.
    private List<Part> Parts(IReadOnlyList<int> tokens, double seconds, out double? ended)
    {
        var parts = new List<Part>();
        ended = null;
        double start = 0;
        var text = new List<int>();
        foreach (int token in tokens)
        {
            if (token < _tokens.FirstTimestamp)
            {
                text.Add(token);
                continue;
            }

            double time = (token - _tokens.FirstTimestamp) * SecondsPerTimestamp;
            if (text.Count > 0)
            {
                parts.Add(new Part(start, time, Text(text)));
                ended = time;
                text.Clear();
            }

            start = time;
        }

        if (text.Count > 0 && ended is null)
            parts.Add(new Part(start, seconds, Text(text)));
        else if (text.Count == 0 && tokens.Count < 2)
            ended = null;
        return parts;
    }

    private string Text(IEnumerable<int> tokens) => _tokenizer.Decode([.. tokens.Where(token => token < _tokens.End)]);

    private int Detect(WhisperDecoder.Session session)
    {
        float[] logits = [];
        session.Start([_tokens.Start], ref logits);
        return _tokens.Languages.Values.MaxBy(token => logits[token]);
    }

    private WhisperDecoder.Session Begin(float[] samples, RunLimits limits)
    {
        AudioBatch batch = _hearing.Extract(samples);
        using var inputs = new OnnxInputs(_encoder);
        inputs.Add("input_features", batch.Values.AsMemory(), batch.Shape);
        float[] encoded = [];
        long[] axes = [];
        _encoder.Run(inputs, "last_hidden_state", (values, shape) => (encoded, axes) = (values.ToArray(), shape.ToArray()), limits);
        return _decoder.Begin(encoded, axes, limits);
    }

    private sealed record Part(double Start, double End, string Text);
}
