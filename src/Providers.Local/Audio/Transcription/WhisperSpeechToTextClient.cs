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
    public async Task<SpeechToTextResponse> GetTextAsync(Stream audioSpeechStream, SpeechToTextOptions? options = null, CancellationToken cancellationToken = default) =>
        await WholeAsync(GetStreamingTextAsync(audioSpeechStream, options, cancellationToken)).ConfigureAwait(false);

    /// <summary>Transcribes a sound whose samples are there or arrive; <see cref="AudioSamples.Open"/> makes a reader of samples.</summary>
    /// <param name="reader">Gives the samples; it stays the caller's.</param>
    /// <param name="options">As for a stream.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ArgumentNullException"><paramref name="reader"/> is null.</exception>
    /// <exception cref="InvalidDataException">The sound holds a number that is not finite.</exception>
    /// <exception cref="NotSupportedException">The language is not known.</exception>
    public async Task<SpeechToTextResponse> GetTextAsync(AudioReader reader, SpeechToTextOptions? options = null, CancellationToken cancellationToken = default) =>
        await WholeAsync(GetStreamingTextAsync(reader, options, cancellationToken)).ConfigureAwait(false);

    /// <summary>Transcribes a sound while it is read, part by part.</summary>
    /// <inheritdoc cref="GetTextAsync(Stream, SpeechToTextOptions, CancellationToken)"/>
    public async IAsyncEnumerable<SpeechToTextResponseUpdate> GetStreamingTextAsync(
        Stream audioSpeechStream, SpeechToTextOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(audioSpeechStream);
        using AudioReader reader = await Task.Run(() => _sounds.Open(audioSpeechStream), cancellationToken).ConfigureAwait(false);
        await foreach (SpeechToTextResponseUpdate update in GetStreamingTextAsync(reader, options, cancellationToken).ConfigureAwait(false))
            yield return update;
    }

    /// <summary>Transcribes a sound while its samples arrive, part by part.</summary>
    /// <inheritdoc cref="GetTextAsync(AudioReader, SpeechToTextOptions, CancellationToken)"/>
    public async IAsyncEnumerable<SpeechToTextResponseUpdate> GetStreamingTextAsync(
        AudioReader reader, SpeechToTextOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reader);
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

    private async Task<SpeechToTextResponse> WholeAsync(IAsyncEnumerable<SpeechToTextResponseUpdate> parts)
    {
        var updates = new List<SpeechToTextResponseUpdate>();
        await foreach (SpeechToTextResponseUpdate update in parts.ConfigureAwait(false))
            updates.Add(update);
        return new SpeechToTextResponse(string.Concat(updates.Select(update => update.Text)).Trim())
        {
            ModelId = _folder.Name,
            StartTime = updates.Count > 0 ? updates[0].StartTime : null,
            EndTime = updates.Count > 0 ? updates[^1].EndTime : null,
        };
    }

    /// <summary>Hears one window greedily, without time stamps, and keeps every step.</summary>
    /// <param name="samples">Mono, at Whisper's rate; what goes past a window is left out.</param>
    /// <param name="language">What is spoken; null to find out.</param>
    /// <param name="translates">Whether English is wanted whatever is spoken.</param>
    /// <param name="mostTokens">Tokens behind this many are left out.</param>
    internal WhisperTrace Trace(float[] samples, string? language = null, bool translates = false, int mostTokens = int.MaxValue)
    {
        AudioBatch heard = _hearing.Extract(samples);
        (float[] frames, long[] shape) = Encode(heard, default);
        using WhisperDecoder.Session session = _decoder.Begin(frames, shape, default);
        int? spoken = _tokens.Languages.Count == 0 ? null : language is null ? Detect(session) : _tokens.Language(language);
        long[] prompt = _tokens.Prompt(spoken, translates, withTimestamps: false);
        float[] first = [];
        session.Start(prompt, ref first);
        int[] tokens = [.. WhisperWindow.Listen(session, _tokens, prompt, _tokenizer, falls: false, CancellationToken.None).Tokens.Take(mostTokens)];
        return new WhisperTrace(heard.Values, frames, prompt, first, tokens, Text(tokens))
        {
            Hidden = (int)shape[^1],
            SoundFrames = Math.Min((int)shape[1], _hearing.OutputFrames(heard.Lengths![0])!.Value),
        };
    }

    private (SoundWindow Window, List<Part> Parts, int Passed) Hear(SoundWindows windows, SpeechToTextOptions? options, ref int? language, CancellationToken cancellationToken)
    {
        SoundWindow window = windows.Peek();
        if (window.Samples.Length == 0)
            return (window, [], 0);
        var limits = new RunLimits(_threads, cancellationToken);
        (float[] frames, long[] shape) = Encode(_hearing.Extract(window.Samples), limits);
        using WhisperDecoder.Session session = _decoder.Begin(frames, shape, limits);
        if (_tokens.Languages.Count > 0)
            language ??= options?.SpeechLanguage is { } spoken ? _tokens.Language(spoken) : Detect(session);
        // A sound that fits into one window needs no time stamps to go on by.
        bool isWhole = window.Start == 0 && window.Samples.Length < _hearing.Samples;
        bool translates = options is { TextLanguage: { } wanted } && wanted.StartsWith("en", StringComparison.OrdinalIgnoreCase) && language is { } token && token != _tokens.Languages.GetValueOrDefault("<|en|>");
        WhisperWindow said = WhisperWindow.Listen(session, _tokens, _tokens.Prompt(language, translates, withTimestamps: !isWhole), _tokenizer, falls: true, cancellationToken);
        double seconds = (double)window.Samples.Length / _hearing.SamplingRate;
        if (said.IsSilent)
            return (window, [], window.Samples.Length);
        if (isWhole)
            return (window, [new Part(0, seconds, Text(said.Tokens))], window.Samples.Length);
        (List<WhisperPart> parts, double? next) = WhisperPart.Split(said.Tokens, _tokens.FirstTimestamp, seconds);
        bool isLast = window.Samples.Length < _hearing.Samples;
        int passed = !isLast && next is { } place and > 0 ? Math.Min(window.Samples.Length, (int)(place * _hearing.SamplingRate)) : window.Samples.Length;
        return (window, [.. parts.Select(part => new Part(part.Start, part.End, Text(part.Tokens)))], passed);
    }

    private string Text(IEnumerable<int> tokens) => _tokenizer.Decode([.. tokens.Where(token => token < _tokens.End)]);

    private int Detect(WhisperDecoder.Session session)
    {
        float[] logits = [];
        session.Start([_tokens.Start], ref logits);
        return _tokens.Languages.Values.MaxBy(token => logits[token]);
    }

    private (float[] Frames, long[] Shape) Encode(AudioBatch heard, RunLimits limits)
    {
        using var inputs = new OnnxInputs(_encoder);
        inputs.Add("input_features", heard.Values.AsMemory(), heard.Shape);
        (float[] Frames, long[] Shape) encoded = ([], []);
        _encoder.Run(inputs, "last_hidden_state", (values, shape) => encoded = (values.ToArray(), shape.ToArray()), limits);
        return encoded;
    }

    private sealed record Part(double Start, double End, string Text);
}
